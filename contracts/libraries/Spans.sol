// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Spans
/// @notice All arithmetic on spans `[start, end)` of a receivable's minor units: the only place to change when amounts
/// become confidential.
library Spans {
    /// @notice Amounts stay below 2^63, so that a Postgres int8range can hold a span.
    uint64 internal constant AMOUNT_MAX = (1 << 63) - 1;

    function noteIdOf(uint192 receivableId, uint64 start) internal pure returns (uint256) {
        return (uint256(receivableId) << 64) | start;
    }

    function receivableIdOf(uint256 noteId) internal pure returns (uint192) {
        return uint192(noteId >> 64);
    }

    function startOf(uint256 noteId) internal pure returns (uint64) {
        return uint64(noteId);
    }

    /// @notice Where a cut of `amount` off the end of `[start, end)` begins. The caller checks 0 < amount ≤ end − start.
    function cutStart(uint64 end, uint64 amount) internal pure returns (uint64) {
        return end - amount;
    }
}
