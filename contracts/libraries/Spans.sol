// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Spans
/// @notice All arithmetic on spans `[start, end)` of a receivable's minor units: the only place to change when amounts
/// become confidential.
library Spans {
    /// @notice Amounts stay below 2^63, so that a Postgres int8range can hold a span.
    uint64 internal constant AMOUNT_MAX = (1 << 63) - 1;

    /// @notice What {cutStart} answers when there is no such cut.
    uint256 internal constant NOWHERE = type(uint256).max;

    function noteIdOf(uint192 receivableId, uint256 start) internal pure returns (uint256) {
        return (uint256(receivableId) << 64) | start;
    }

    function receivableIdOf(uint256 noteId) internal pure returns (uint192) {
        return uint192(noteId >> 64);
    }

    /// @notice Storage key of a receivable's word: no {isNote}, since that would start beyond {AMOUNT_MAX}.
    function receivableKeyOf(uint192 receivableId) internal pure returns (uint256) {
        return noteIdOf(receivableId, type(uint64).max);
    }

    /// @notice Whether a note can have this id: its start is an amount.
    function isNote(uint256 noteId) internal pure returns (bool) {
        return noteId & (uint256(1) << 63) == 0;
    }

    function startOf(uint256 noteId) internal pure returns (uint256) {
        return uint64(noteId);
    }

    /// @notice The id of the note of the same receivable that starts at `start`.
    function noteAt(uint256 noteId, uint256 start) internal pure returns (uint256) {
        return (noteId & ~uint256(type(uint64).max)) | start;
    }

    /// @notice Where a cut of `amount` off the end of `[start, end)` begins: `start` itself takes the whole. {NOWHERE} unless
    /// 0 < amount ≤ end − start.
    function cutStart(uint256 start, uint256 end, uint256 amount) internal pure returns (uint256) {
        unchecked {
            // A span is never empty or turned round (N1); one comparison refuses zero too, which wraps.
            return amount - 1 < end - start ? end - amount : NOWHERE;
        }
    }

    /// @notice What the claim of a trade document stands for: the offer of that note at that tier. An accepted offer raises
    /// the tier, and no part of an offer is accepted apart from the rest, so a later offer can't free an earlier claim.
    /// @dev `keccak256(abi.encode(noteId, tier))`, low 192 bits.
    function claimSubjectOf(uint256 noteId, uint256 tier) internal pure returns (uint192) {
        bytes32 hash;
        assembly ("memory-safe") {
            mstore(0, noteId)
            mstore(0x20, tier)
            hash := keccak256(0, 0x40)
        }
        return uint192(uint256(hash));
    }
}
