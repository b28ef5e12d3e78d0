// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {IAccountFactory} from "../interfaces/IAccountFactory.sol";
import {IParticipantAccount} from "../interfaces/IParticipantAccount.sol";
import {ParticipantAccount} from "./ParticipantAccount.sol";

/// @title AccountFactory
/// @notice See {IAccountFactory}.
/// @dev Accounts are whole contracts, not clones: a clone saves the participant's one creation and costs 2.7k gas in each
/// of its intents for ever.
contract AccountFactory is IAccountFactory, AccessManaged {
    uint40 private constant _MIN_DELAY = 1 days;
    uint40 private constant _MAX_DELAY = 30 days;

    /// @inheritdoc IAccountFactory
    uint40 public immutable recoveryDelay;
    /// @inheritdoc IAccountFactory
    mapping(address verifier => bool) public isVerifier;

    constructor(address authority, uint40 recoveryDelay_) AccessManaged(authority) {
        if (recoveryDelay_ < _MIN_DELAY || recoveryDelay_ > _MAX_DELAY) {
            revert RecoveryDelayInvalid(recoveryDelay_, _MIN_DELAY, _MAX_DELAY);
        }
        recoveryDelay = recoveryDelay_;
    }

    /// @inheritdoc IAccountFactory
    function create(
        IParticipantAccount.Signer[] calldata signers,
        IParticipantAccount.Quorum calldata quorum,
        bytes32 salt
    ) external returns (address account) {
        account = addressOf(signers, quorum, salt);
        if (account.code.length != 0) revert AccountExists(account);
        new ParticipantAccount{salt: salt}(signers, quorum);
        emit AccountCreated(account);
    }

    /// @inheritdoc IAccountFactory
    function allowVerifier(address verifier, bool isAllowed) external restricted {
        isVerifier[verifier] = isAllowed;
        emit VerifierAllowed(verifier, isAllowed);
    }

    /// @inheritdoc IAccountFactory
    function startRecovery(
        IParticipantAccount account,
        IParticipantAccount.Signer[] calldata signers,
        IParticipantAccount.Quorum calldata quorum
    ) external restricted {
        account.startRecovery(signers, quorum);
    }

    /// @inheritdoc IAccountFactory
    function cancelRecovery(IParticipantAccount account) external restricted {
        account.endRecovery();
    }

    /// @inheritdoc IAccountFactory
    function addressOf(
        IParticipantAccount.Signer[] calldata signers,
        IParticipantAccount.Quorum calldata quorum,
        bytes32 salt
    ) public view returns (address) {
        bytes memory code = abi.encodePacked(type(ParticipantAccount).creationCode, abi.encode(signers, quorum));
        return Create2.computeAddress(salt, keccak256(code));
    }
}
