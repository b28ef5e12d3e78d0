// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Participants
/// @notice The directory of admitted accounts. The registrar admits, suspends and grants roles through an AccessManager;
/// it can never move a note (N8): `Receivables` only asks this contract who a caller is.
contract Participants is IParticipants, AccessManaged {
    mapping(address account => Participant) private _participants;
    mapping(uint32 id => address account) public accountOf;
    uint32 public count;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IParticipants
    function admit(
        address account,
        uint16 roles,
        bytes32 legalIdentityHash,
        bytes32 certificateHash
    ) external restricted returns (uint32 id) {
        if (account == address(0) || account == address(this)) revert ParticipantAccountInvalid(account);
        if (_participants[account].id != 0) revert ParticipantExists(account, _participants[account].id);
        _requireKnownRoles(roles);
        id = ++count;
        _participants[account] = Participant({id: id, roles: roles, status: Status.Active});
        accountOf[id] = account;
        emit ParticipantAdmitted(id, account, roles, legalIdentityHash, certificateHash);
    }

    /// @inheritdoc IParticipants
    function setRoles(uint32 id, uint16 roles) external restricted {
        _requireKnownRoles(roles);
        _existing(id).roles = roles;
        emit ParticipantRolesChanged(id, roles);
    }

    /// @inheritdoc IParticipants
    function setStatus(uint32 id, Status status) external restricted {
        Participant storage participant = _existing(id);
        if (status == Status.None) revert ParticipantNotActive(id, status, Status.Active);
        participant.status = status;
        emit ParticipantStatusChanged(id, status);
    }

    /// @inheritdoc IParticipants
    function participantOf(address account) external view returns (Participant memory) {
        return _participants[account];
    }

    /// @inheritdoc IParticipants
    function requireRole(address account, uint16 roles) external view returns (uint32 id) {
        id = _participants[account].id;
        if (id == 0) revert ParticipantUnknown(account);
        _requireActiveWith(_participants[account], roles);
    }

    /// @inheritdoc IParticipants
    function requireRoleOf(uint32 id, uint16 roles) external view {
        _requireActiveWith(_existing(id), roles);
    }

    function _requireActiveWith(Participant storage participant, uint16 roles) private view {
        if (participant.status != Status.Active) {
            revert ParticipantNotActive(participant.id, participant.status, Status.Active);
        }
        if (participant.roles & roles == 0) revert ParticipantRoleMissing(participant.id, participant.roles, roles);
    }

    function _requireKnownRoles(uint16 roles) private pure {
        if (roles == 0 || roles & ~Roles.ALL != 0) revert ParticipantRolesInvalid(roles, Roles.ALL);
    }

    function _existing(uint32 id) private view returns (Participant storage) {
        address account = accountOf[id];
        if (account == address(0)) revert ParticipantIdUnknown(id);
        return _participants[account];
    }
}
