// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title MerkleLog
/// @notice Consistency of two heads of an RFC 9162 log (SHA-256).
/// @dev `test/contracts/evidence-log.test.ts` compares it with `domain/evidence/merkle.ts`.
library MerkleLog {
    /// @notice Whether the tree of `newSize` and `newRoot` extends the tree of `oldSize` and `oldRoot`.
    /// @dev RFC 9162 §2.1.4.2, with its names: `node` and `last` are fn and sn, `old` and `current` are fr and sr.
    function isConsistent(
        uint64 oldSize,
        bytes32 oldRoot,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) internal pure returns (bool) {
        if (oldSize == 0 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.length == 0 && oldRoot == newRoot;
        // A complete tree is a node of the greater one: the proof leaves its root out.
        bool isComplete = oldSize & (oldSize - 1) == 0;
        if (!isComplete && proof.length == 0) return false;
        (uint64 node, uint64 last) = (oldSize - 1, newSize - 1);
        while (node & 1 == 1) (node, last) = (node >> 1, last >> 1);
        bytes32 old = isComplete ? oldRoot : proof[0];
        bytes32 current = old;
        for (uint256 i = isComplete ? 0 : 1; i < proof.length; ++i) {
            if (last == 0) return false;
            if (node & 1 == 1 || node == last) {
                old = _parentOf(proof[i], old);
                current = _parentOf(proof[i], current);
                while (node & 1 == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            } else {
                current = _parentOf(current, proof[i]);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && old == oldRoot && current == newRoot;
    }

    function _parentOf(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
