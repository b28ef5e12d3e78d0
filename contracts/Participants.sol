// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Participants
/// @notice The directory of admitted accounts. The registrar admits, suspends and grants roles through an AccessManager,
/// which costs 13k gas a call and is asked only here; the registry's own path reads one word for each participant.
/// @dev Roles and status stand twice, by account and by number: a caller is known by its account, a counterparty by its
/// number, and each is one read. `_write` is the only function that writes either.
contract Participants is IParticipants, AccessManaged {
    /// @dev A word is `who | roles << 160 | status << 176`: who is the number by account and the account by number.
    uint256 private constant _STATUS = uint256(0xff) << 16;
    uint256 private constant _ACTIVE = uint256(uint8(Status.Active)) << 16;
    mapping(address account => uint256 word) private _byAccount;
    mapping(uint32 id => uint256 word) private _byId;
    /// @inheritdoc IParticipants
    uint32 public participantCount;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IParticipants
    function admit(
        address account,
        uint16 roles,
        bytes32 legalIdentityHash,
        bytes32 certificateHash
    ) external restricted returns (uint32 id) {
        if (account == address(0) || account == address(this)) revert ParticipantAccountInvalid(account);
        uint256 known = _byAccount[account];
        if (known != 0) revert ParticipantExists(account, uint32(known));
        _requireKnownRoles(roles);
        id = ++participantCount;
        _write(id, account, roles, Status.Active);
        emit ParticipantAdmitted(id, account, roles, legalIdentityHash, certificateHash);
    }

    /// @inheritdoc IParticipants
    function setRoles(uint32 id, uint16 roles) external restricted {
        _requireKnownRoles(roles);
        uint256 word = _existing(id);
        _write(id, address(uint160(word)), roles, _statusIn(word));
        emit ParticipantRolesChanged(id, roles);
    }

    /// @inheritdoc IParticipants
    function setStatus(uint32 id, Status status) external restricted {
        uint256 word = _existing(id);
        if (status == Status.None) revert ParticipantNotActive(id, status, Status.Active);
        _write(id, address(uint160(word)), uint16(word >> 160), status);
        emit ParticipantStatusChanged(id, status);
    }

    /// @inheritdoc IParticipants
    function participantOf(address account) external view returns (Participant memory) {
        uint256 word = _byAccount[account];
        return Participant(uint32(word), uint16(word >> 160), _statusIn(word));
    }

    /// @inheritdoc IParticipants
    function accountOf(uint32 id) external view returns (address) {
        return address(uint160(_byId[id]));
    }

    /// @inheritdoc IParticipants
    function requireAccountRole(address account, uint16 roles) external view returns (uint32) {
        return _requireCaller(account, roles);
    }

    /// @inheritdoc IParticipants
    function requireRoleOf(uint32 id, uint16 roles) external view {
        _requireNamed(id, roles);
    }

    /// @inheritdoc IParticipants
    function requireParties(
        address account,
        uint16 roles,
        uint32 counterparty,
        uint16 counterpartyRoles
    ) external view returns (uint32 id) {
        id = _requireCaller(account, roles);
        _requireNamed(counterparty, counterpartyRoles);
    }

    function _requireCaller(address account, uint16 roles) private view returns (uint32 id) {
        uint256 word = _byAccount[account];
        id = uint32(word);
        if (_isActiveWith(word, roles)) return id;
        if (id == 0) revert ParticipantUnknown(account);
        _refuse(id, word, roles);
    }

    function _requireNamed(uint32 id, uint16 roles) private view {
        uint256 word = _byId[id];
        if (_isActiveWith(word, roles)) return;
        if (word == 0) revert ParticipantIdUnknown(id);
        _refuse(id, word, roles);
    }

    function _isActiveWith(uint256 word, uint16 roles) private pure returns (bool) {
        unchecked {
            // Status and roles in one comparison: between active without a role and the next status lie the roles.
            return ((word >> 160) & (_STATUS | roles)) - (_ACTIVE + 1) < type(uint16).max;
        }
    }

    function _refuse(uint32 id, uint256 word, uint16 roles) private pure {
        Status status = _statusIn(word);
        if (status != Status.Active) revert ParticipantNotActive(id, status, Status.Active);
        revert ParticipantRoleMissing(id, uint16(word >> 160), roles);
    }

    function _statusIn(uint256 word) private pure returns (Status) {
        return Status(word >> 176);
    }

    function _requireKnownRoles(uint16 roles) private pure {
        if (roles == 0 || roles & ~Roles.ALL != 0) revert ParticipantRolesInvalid(roles, Roles.ALL);
    }

    function _existing(uint32 id) private view returns (uint256 word) {
        word = _byId[id];
        if (word == 0) revert ParticipantIdUnknown(id);
    }

    /// @dev The only function that writes a participant.
    function _write(uint32 id, address account, uint16 roles, Status status) private {
        uint256 standing = (uint256(roles) << 160) | (uint256(uint8(status)) << 176);
        _byId[id] = uint160(account) | standing;
        _byAccount[account] = id | standing;
    }
}
