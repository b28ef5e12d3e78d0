// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEvidenceLog} from "./interfaces/IEvidenceLog.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title EvidenceLog
/// @notice Keeps every anchored head, so that one root of each size is on record for ever.
contract EvidenceLog is IEvidenceLog {
    IParticipants public immutable participants;
    uint64 public size;
    mapping(uint64 size => bytes32 root) public rootOf;

    constructor(IParticipants participants_) {
        participants = participants_;
    }

    /// @inheritdoc IEvidenceLog
    function append(uint64 newSize, bytes32 root) external {
        participants.requireRole(msg.sender, Roles.EVIDENCE);
        if (newSize <= size) revert HeadNotLarger(newSize, size + 1);
        if (root == bytes32(0)) revert HeadRootMissing();
        size = newSize;
        rootOf[newSize] = root;
        emit HeadAnchored(newSize, root);
    }
}
