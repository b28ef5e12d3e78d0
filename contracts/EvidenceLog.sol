// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEvidenceLog} from "./interfaces/IEvidenceLog.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {MerkleLog} from "./libraries/MerkleLog.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title EvidenceLog
/// @notice Keeps every anchored head, so that one root of each size is on record for ever.
contract EvidenceLog is IEvidenceLog {
    /// @dev As many leaves as JavaScript counts exactly: a head at the end of uint64 would leave no room for another.
    uint64 private constant _SIZE_MAX = 2 ** 53 - 1;

    IParticipants public immutable participants;
    /// @inheritdoc IEvidenceLog
    uint64 public size;
    /// @inheritdoc IEvidenceLog
    mapping(uint64 size => bytes32 root) public rootOf;

    constructor(IParticipants participants_) {
        participants = participants_;
    }

    /// @inheritdoc IEvidenceLog
    function append(uint64 newSize, bytes32 root) external {
        _append(newSize, root);
    }

    /// @inheritdoc IEvidenceLog
    function appendProven(uint64 newSize, bytes32 root, bytes32[] calldata proof) external {
        uint64 oldSize = size;
        _append(newSize, root);
        bool isFirst = oldSize == 0 && proof.length == 0;
        if (!isFirst && !MerkleLog.isConsistent(oldSize, rootOf[oldSize], newSize, root, proof)) {
            revert HeadInconsistent(oldSize, newSize);
        }
    }

    /// @inheritdoc IEvidenceLog
    function isConsistent(uint64 oldSize, uint64 newSize, bytes32[] calldata proof) external view returns (bool) {
        return MerkleLog.isConsistent(oldSize, _existing(oldSize), newSize, _existing(newSize), proof);
    }

    function _append(uint64 newSize, bytes32 root) private {
        participants.requireAccountRole(msg.sender, Roles.EVIDENCE);
        if (newSize <= size) revert HeadNotLarger(newSize, size + 1);
        if (newSize > _SIZE_MAX) revert HeadTooLarge(newSize, _SIZE_MAX);
        if (root == bytes32(0)) revert HeadRootMissing();
        size = newSize;
        rootOf[newSize] = root;
        emit HeadAnchored(newSize, root);
    }

    function _existing(uint64 size_) private view returns (bytes32 root) {
        root = rootOf[size_];
        if (root == bytes32(0)) revert HeadUnknown(size_);
    }
}
