// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IEvidenceLog
/// @notice Anchors the heads of the RFC 9162 evidence log: from then on nobody can rewrite it unseen.
interface IEvidenceLog {
    /// @param size Number of leaves. @param root RFC 9162 Merkle tree hash (SHA-256).
    event HeadAnchored(uint64 indexed size, bytes32 root);

    error HeadNotLarger(uint64 presented, uint64 required);
    error HeadRootMissing();

    /// @notice Anchors a head.
    /// @dev Requirements: the caller has the evidence role; `size` is larger than any before.
    function append(uint64 size, bytes32 root) external;

    /// @notice The newest head.
    function size() external view returns (uint64);

    /// @notice The root anchored for exactly `size` leaves; zero when none was.
    function rootOf(uint64 size) external view returns (bytes32);
}
