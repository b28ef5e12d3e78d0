// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParticipantAccount} from "./IParticipantAccount.sol";

/// @title IAccountFactory
/// @notice Creates participants' accounts, names the signature verifiers they may use and passes on the registrar's help
/// for lost keys.
/// @dev It can do nothing else with an account: no call, no signer without the delay and the account's veto.
interface IAccountFactory {
    /// @notice A new account. It is nobody until the registrar admits it.
    event AccountCreated(address indexed account);
    /// @notice From now on accounts may, or may no more, add signers of this ERC-7913 verifier.
    event VerifierAllowed(address indexed verifier, bool isAllowed);

    /// @notice Thrown by {create}: the account of these signers, quorum and salt is there already.
    error AccountExists(address account);
    /// @notice Thrown at the factory's creation: the delay, in seconds, is out of bounds.
    error RecoveryDelayInvalid(uint40 presented, uint40 minimum, uint40 maximum);

    /// @notice Creates an account. Anyone may: an account is nobody until the registrar admits it.
    /// @dev Requirements as {IParticipantAccount-changeSigners} for the signers. Emits {AccountCreated}.
    function create(
        IParticipantAccount.Signer[] calldata signers,
        IParticipantAccount.Quorum calldata quorum,
        bytes32 salt
    ) external returns (address account);

    /// @notice Address that {create} gives, whether it is there or not: it commits to signers, quorum and salt.
    function addressOf(
        IParticipantAccount.Signer[] calldata signers,
        IParticipantAccount.Quorum calldata quorum,
        bytes32 salt
    ) external view returns (address);

    /// @notice Lets accounts add signers of this ERC-7913 verifier, or no more. Signers that are there already stay.
    /// @dev Requirements: the caller is governance. Emits {VerifierAllowed}.
    function allowVerifier(address verifier, bool isAllowed) external;

    /// @notice Passes on {IParticipantAccount-startRecovery}. Requirements: the caller is the registrar.
    function startRecovery(
        IParticipantAccount account,
        IParticipantAccount.Signer[] calldata signers,
        IParticipantAccount.Quorum calldata quorum
    ) external;

    /// @notice Takes a recovery back. Requirements: the caller is the registrar.
    function cancelRecovery(IParticipantAccount account) external;

    /// @notice Whether accounts may add signers of this ERC-7913 verifier.
    function isVerifier(address verifier) external view returns (bool);

    /// @notice How long an account can veto a recovery, seconds.
    function recoveryDelay() external view returns (uint40);
}
