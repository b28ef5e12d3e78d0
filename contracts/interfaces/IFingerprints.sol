// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimReason, ClaimWord} from "../libraries/ClaimWords.sol";

/// @title IFingerprints
/// @notice One claim for each document, over all registry versions and for financings elsewhere: the reason why nothing is
/// financed twice (N4). Usable without a registry.
/// @dev A fingerprint is `keyEpoch (2 bytes) ‖ first 30 bytes of HMAC-SM3(key of that epoch, identity of the document)`.
/// Nobody without the key can guess a document from it. Assumes that who computes a fingerprint read the document right:
/// a wrong reading claims another document, which this contract can't see. Not guarded: that the claimant has any right to
/// the document. A participant that learns a free fingerprint can claim it; its number is on record, and the registrar can
/// suspend it.
interface IFingerprints {
    /// @notice Why a claim ended. `Closed` is given by registries, the others by factors.
    enum ReleaseReason {
        None,
        Closed,
        Repaid,
        Declined,
        ClaimedInError
    }

    /// @notice A {ClaimWord} in its parts.
    /// @param subject What the claim stands for: a receivable's id, a note's claim subject ({Spans.claimSubjectOf}), or a
    /// factor's own reference.
    /// @param claimant Number of the participant who claimed: the creditor who registers, the debtor who issues, the holder who
    /// transfers, the factor who finances elsewhere. Zero: the fingerprint is free.
    /// @param registry Number of the registry version that claimed, from 1; zero when a factor did so itself.
    /// @param reason Why it was claimed.
    struct Claim {
        uint192 subject;
        uint32 claimant;
        uint8 registry;
        ClaimReason reason;
    }

    /// @notice A registry version was created: it claims and releases from now on, for ever.
    event RegistryAuthorised(uint8 indexed number, address indexed registry);
    /// @notice The document is taken.
    /// @param claim The word that was stored: subject, claimant, registry and reason as {ClaimWord} lays them out.
    event FingerprintClaimed(bytes32 indexed fingerprint, ClaimWord claim);
    /// @notice The document is free again.
    /// @param claim The word that was cleared.
    event FingerprintReleased(bytes32 indexed fingerprint, ClaimWord claim, ReleaseReason reason);

    /// @notice Thrown at a registry's claim or release by a caller that is not registry version `number`.
    error RegistryUnauthorised(address caller, uint8 number);
    /// @notice Thrown by {create}: the creation code reverted or left no code.
    error RegistryCreationFailed(uint8 number);
    /// @notice Thrown by {create}: there are as many versions as one byte of a nonce can tell apart.
    error RegistryLimitReached(uint8 maximum);
    /// @notice Thrown at a claim: no key has epoch zero, so this is not a fingerprint.
    error FingerprintEpochInvalid(bytes32 fingerprint, uint16 presented, uint16 required);
    /// @notice Thrown at a second claim, whoever makes it: names the first claimant.
    error FingerprintAlreadyClaimed(bytes32 fingerprint, uint32 claimant, uint8 registry, uint192 subject);
    /// @notice Thrown at a release by anyone but who claimed, or for another subject.
    error FingerprintClaimMismatch(bytes32 fingerprint, uint32 claimant, uint8 registry, uint192 subject);
    /// @notice Thrown at a factor's claim for a reason that only registries give, or for none.
    error ClaimReasonInvalid(ClaimReason presented);
    /// @notice Thrown at a factor's release for a reason that only registries give, or for none.
    error ReleaseReasonInvalid(ReleaseReason presented);

    /// @notice Creates the next registry version and lets it claim and release for ever: one that runs off must still be
    /// able to release.
    /// @dev Requirements: the caller is governance; fewer than {MAX_REGISTRIES} exist. Emits {RegistryAuthorised}. A registry
    /// is known by having been created here, so no claim has to read a list. Not guarded: what the code does; governance has
    /// to look at it, and its delay gives the members the time to do so too.
    /// @param creationCode Creation code with its constructor's arguments.
    function create(bytes calldata creationCode) external returns (uint8 number, address registry);

    /// @notice Address of registry version `number`, whether it exists yet or not.
    function registryOf(uint8 number) external view returns (address);

    /// @notice How many registry versions were created.
    function registryCount() external view returns (uint8);

    /// @notice A registry claims `fingerprint` for one of its participants.
    /// @dev Requirements: the caller is the registry version that `claimed` names; the fingerprint's epoch is at least 1; it
    /// is free. Emits {FingerprintClaimed}. Not guarded: claimant, subject and reason; the registry answers for them.
    /// @param claimed The word to store.
    function claimFor(bytes32 fingerprint, ClaimWord claimed) external;

    /// @notice A registry frees what it claimed for `subject`.
    /// @dev Requirements: the caller is registry version `number` and claimed `fingerprint` for `subject`. Emits
    /// {FingerprintReleased}.
    function releaseFor(bytes32 fingerprint, uint192 subject, uint8 number) external;

    /// @notice A factor claims a document that it finances outside of any registry.
    /// @dev Requirements: the caller is an active factor; the reason is one of the three for elsewhere; the fingerprint's
    /// epoch is at least 1; it is free. Emits {FingerprintClaimed}.
    /// @param subject The factor's own reference, e.g. a hash of its contract number.
    function claim(bytes32 fingerprint, uint192 subject, ClaimReason reason) external;

    /// @notice A factor frees what it claimed itself.
    /// @dev Requirements: the caller is the active factor that claimed it; the reason is one of the three for factors.
    /// Emits {FingerprintReleased}.
    function release(bytes32 fingerprint, ReleaseReason reason) external;

    /// @notice The claim on `fingerprint` as it is stored; zero when it is free. What registries ask.
    function claimWordOf(bytes32 fingerprint) external view returns (ClaimWord);

    /// @notice The claim on `fingerprint`; all zero when it is free.
    function claimOf(bytes32 fingerprint) external view returns (Claim memory);
}
