// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IFingerprints
/// @notice One claim for each document, over all registry versions: the reason why nothing is financed twice (N4).
/// @dev A fingerprint is `keyEpoch (2 bytes) ‖ first 30 bytes of HMAC-SM3(key of that epoch, identity of the document)`.
/// Nobody without the key can guess a document from it.
interface IFingerprints {
    /// @notice One storage word.
    /// @param subject What the claim stands for: the receivable's id within `registry`.
    /// @param registry Number of the registry version that claimed, from 1. Zero: free.
    /// @param claimedAt Block time.
    struct Claim {
        uint192 subject;
        uint16 registry;
        uint40 claimedAt;
    }

    event RegistryAuthorised(uint16 indexed number, address indexed registry);
    event FingerprintClaimed(bytes32 indexed fingerprint, uint16 indexed registry, uint192 indexed subject);
    event FingerprintReleased(bytes32 indexed fingerprint, uint16 indexed registry, uint192 indexed subject);

    error RegistryUnauthorised(address caller);
    error RegistryExists(address registry, uint16 number);
    error FingerprintEpochInvalid(bytes32 fingerprint, uint16 presented, uint16 required);
    /// @notice Thrown at a second claim; names the first claimant.
    error FingerprintAlreadyClaimed(bytes32 fingerprint, uint16 registry, uint192 subject);
    error FingerprintClaimMismatch(bytes32 fingerprint, uint192 presented, uint192 required);

    /// @notice Lets `registry` claim and release. Never undone: a registry that runs off must still release.
    function authorise(address registry) external returns (uint16 number);

    /// @notice Claims `fingerprint` for `subject` of the calling registry.
    /// @dev Requirements: the caller is an authorised registry; the epoch is at least 1; the fingerprint is free.
    function claim(bytes32 fingerprint, uint192 subject) external;

    /// @notice Frees what the calling registry claimed for `subject`.
    function release(bytes32 fingerprint, uint192 subject) external;

    function claimOf(bytes32 fingerprint) external view returns (Claim memory);
}
