// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IEvidenceLog
/// @notice Anchors the heads of the RFC 9162 evidence log: from then on nobody can rewrite it unseen. The contract is the
/// witness: that a later head extends an earlier one can be checked here, at the anchoring or at any time after.
/// @dev Heads only grow and stay for ever. Assumes nothing of the appender: a head that does not extend the one before is
/// shown by {isConsistent}, for which an honest log always has a proof. Not guarded: what the leaves say.
interface IEvidenceLog {
    /// @notice The log had this root at this size; it can never be shown with another one.
    /// @param size Number of leaves. @param root RFC 9162 Merkle tree hash (SHA-256).
    event HeadAnchored(uint64 indexed size, bytes32 root);

    /// @notice Thrown at an append: heads only grow, so the size has to be `required` or more.
    error HeadNotLarger(uint64 presented, uint64 required);
    /// @notice Thrown at an append: a size near the end of its type would leave no room for another head.
    error HeadTooLarge(uint64 presented, uint64 maximum);
    /// @notice Thrown at an append: a root of zero would read as a head that was never anchored.
    error HeadRootMissing();
    /// @notice Thrown by {isConsistent}: no head of exactly that size was anchored.
    error HeadUnknown(uint64 size);
    /// @notice Thrown by {appendProven}: the proof does not show that the new head extends the newest one.
    error HeadInconsistent(uint64 size, uint64 newSize);

    /// @notice Anchors a head.
    /// @dev Requirements: the caller has the evidence role; `newSize` is larger than any before and
    /// below 2^53. Emits {HeadAnchored}.
    function append(uint64 newSize, bytes32 root) external;

    /// @notice As {append}, and checks that the new head extends the newest one.
    /// @dev Requirements as {append}; the proof holds. The first head needs an empty one.
    /// @param proof Consistency proof from the newest head to this one, RFC 9162 §2.1.4.1.
    function appendProven(uint64 newSize, bytes32 root, bytes32[] calldata proof) external;

    /// @notice Whether the head of `newSize` extends the head of `oldSize`, by a proof of RFC 9162 §2.1.4.1.
    /// @dev Requirements: both heads are anchored and `oldSize ≤ newSize`. Anyone may ask: an honest log can always prove it.
    function isConsistent(uint64 oldSize, uint64 newSize, bytes32[] calldata proof) external view returns (bool);

    /// @notice Size of the newest head; zero before the first.
    function size() external view returns (uint64);

    /// @notice The root anchored for exactly `size` leaves; zero when none was.
    function rootOf(uint64 size) external view returns (bytes32);
}
