// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReceivableState} from "./ReceivableStates.sol";

/// @notice A confirmed or finally closed receivable in one storage word, its root note included. Zero: not stored.
/// @dev From the low end: amount 64, rootEnd 64, creditor 32, debtor 32, maturity 40, currency 16, state 3, disputed 1,
/// rootSettled 1. `rootEnd` is where the root note ends as long as nothing but its end, or its settlement, ever changed;
/// zero: the root note has a word of its own. Most receivables so never need a slot for their first note.
type ReceivableWord is uint256;

using ReceivableWords for ReceivableWord global;

/// @title ReceivableWords
/// @notice Reads and changes the fields of a {ReceivableWord}. Numbers as in {NoteWords}.
library ReceivableWords {
    uint256 private constant _ROOT_END = uint256(type(uint64).max) << 64;
    uint256 private constant _STATE = uint256(7) << 248;
    uint256 private constant _DISPUTED = uint256(1) << 251;
    uint256 private constant _ROOT_SETTLED = uint256(1) << 252;

    function isStored(ReceivableWord word) internal pure returns (bool) {
        return ReceivableWord.unwrap(word) != 0;
    }

    function amount(ReceivableWord word) internal pure returns (uint256) {
        return uint64(ReceivableWord.unwrap(word));
    }

    function rootEnd(ReceivableWord word) internal pure returns (uint256) {
        return uint64(ReceivableWord.unwrap(word) >> 64);
    }

    function creditor(ReceivableWord word) internal pure returns (uint256) {
        return uint32(ReceivableWord.unwrap(word) >> 128);
    }

    function debtor(ReceivableWord word) internal pure returns (uint256) {
        return uint32(ReceivableWord.unwrap(word) >> 160);
    }

    function maturity(ReceivableWord word) internal pure returns (uint256) {
        return uint40(ReceivableWord.unwrap(word) >> 192);
    }

    function currency(ReceivableWord word) internal pure returns (uint256) {
        return uint16(ReceivableWord.unwrap(word) >> 232);
    }

    /// @dev Without Solidity's range check, as {NoteWords-state}.
    function state(ReceivableWord word) internal pure returns (ReceivableState value) {
        assembly ("memory-safe") {
            value := and(shr(248, word), 7)
        }
    }

    function isDisputed(ReceivableWord word) internal pure returns (bool) {
        return ReceivableWord.unwrap(word) & _DISPUTED != 0;
    }

    function isRootSettled(ReceivableWord word) internal pure returns (bool) {
        return ReceivableWord.unwrap(word) & _ROOT_SETTLED != 0;
    }

    function withRootEnd(ReceivableWord word, uint256 end) internal pure returns (ReceivableWord) {
        return ReceivableWord.wrap((ReceivableWord.unwrap(word) & ~_ROOT_END) | (end << 64));
    }

    function withState(ReceivableWord word, ReceivableState state_) internal pure returns (ReceivableWord) {
        return ReceivableWord.wrap((ReceivableWord.unwrap(word) & ~_STATE) | (uint256(uint8(state_)) << 248));
    }

    function withDisputed(ReceivableWord word, bool disputed) internal pure returns (ReceivableWord) {
        uint256 rest = ReceivableWord.unwrap(word) & ~_DISPUTED;
        return ReceivableWord.wrap(disputed ? rest | _DISPUTED : rest);
    }

    function withRootSettled(ReceivableWord word) internal pure returns (ReceivableWord) {
        return ReceivableWord.wrap(ReceivableWord.unwrap(word) | _ROOT_SETTLED);
    }
}
