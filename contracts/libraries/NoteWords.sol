// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {NoteState} from "./NoteStates.sol";

/// @notice What the counterparty of an offered, locked or pledged note may do with it. `None` for every other note.
/// @dev `Transfer` and `TradeTransfer` are offers to an assignee; the second has claimed the fingerprint of its trade
/// document. `Dilution` is an offer to the debtor to cancel. `Return` is an offer back to the assignor who owes recourse.
/// `Assignment`, `RecourseAssignment` and `Pledge` are locks for a factor.
enum NotePurpose {
    None,
    Transfer,
    TradeTransfer,
    Dilution,
    Return,
    Assignment,
    RecourseAssignment,
    Pledge
}

/// @notice A note in one storage word; its start is in its id. Zero: no such note.
/// @dev From the low end: end 64, holder 32, counterparty 32, assignor 32, deadline 40, frozenUntil 40, tier 8, state 3,
/// purpose 3, recourse 1. One read and one write an operation is what its gas comes from, so nothing else is stored.
type NoteWord is uint256;

using NoteWords for NoteWord global;

/// @title NoteWords
/// @notice Reads and changes the fields of a {NoteWord}. `test/contracts/Words.fuzz.t.sol` round-trips them at their bounds.
/// @dev Numbers come and go as uint256: a narrower type is masked again at each use, which made a transfer 1,100 gas dearer.
/// What is put in must fit its field; every caller has it from a narrower type or from another word.
library NoteWords {
    uint256 private constant _END = (1 << 64) - 1;
    uint256 private constant _HOLDER = uint256(type(uint32).max) << 64;
    uint256 private constant _ASSIGNOR = uint256(type(uint32).max) << 128;
    /// @dev Counterparty, deadline and purpose: they come and go together.
    uint256 private constant _BINDING =
        (uint256(type(uint32).max) << 96) | (uint256(type(uint40).max) << 160) | (uint256(7) << 251);
    uint256 private constant _FROZEN_UNTIL = uint256(type(uint40).max) << 200;
    uint256 private constant _STATE = uint256(7) << 248;
    uint256 private constant _LIVE = uint256(uint8(NoteState.Live)) << 248;
    uint256 private constant _RECOURSE = uint256(1) << 254;

    /// @notice A live note of tier 0 that nobody gave to its holder: what confirmation opens.
    function first(uint256 end_, uint256 holder_) internal pure returns (NoteWord) {
        return NoteWord.wrap(end_ | (holder_ << 64) | _LIVE);
    }

    function end(NoteWord word) internal pure returns (uint256) {
        return uint64(NoteWord.unwrap(word));
    }

    function holder(NoteWord word) internal pure returns (uint256) {
        return uint32(NoteWord.unwrap(word) >> 64);
    }

    function counterparty(NoteWord word) internal pure returns (uint256) {
        return uint32(NoteWord.unwrap(word) >> 96);
    }

    function assignor(NoteWord word) internal pure returns (uint256) {
        return uint32(NoteWord.unwrap(word) >> 128);
    }

    function deadline(NoteWord word) internal pure returns (uint256) {
        return uint40(NoteWord.unwrap(word) >> 160);
    }

    function frozenUntil(NoteWord word) internal pure returns (uint256) {
        return uint40(NoteWord.unwrap(word) >> 200);
    }

    function tier(NoteWord word) internal pure returns (uint256) {
        return uint8(NoteWord.unwrap(word) >> 240);
    }

    /// @dev Without Solidity's range check (30 gas at each reading): only states are ever written.
    function state(NoteWord word) internal pure returns (NoteState value) {
        assembly ("memory-safe") {
            value := and(shr(248, word), 7)
        }
    }

    /// @dev As {state}; the eight purposes fill the three bits.
    function purpose(NoteWord word) internal pure returns (NotePurpose value) {
        assembly ("memory-safe") {
            value := and(shr(251, word), 7)
        }
    }

    function isLive(NoteWord word) internal pure returns (bool) {
        return NoteWord.unwrap(word) & _STATE == _LIVE;
    }

    /// @notice Whether the assignor answers for the debtor's payment.
    function hasRecourse(NoteWord word) internal pure returns (bool) {
        return NoteWord.unwrap(word) & _RECOURSE != 0;
    }

    function isEqual(NoteWord word, NoteWord other) internal pure returns (bool) {
        return NoteWord.unwrap(word) == NoteWord.unwrap(other);
    }

    function withEnd(NoteWord word, uint256 end_) internal pure returns (NoteWord) {
        return NoteWord.wrap((NoteWord.unwrap(word) & ~_END) | end_);
    }

    function withFrozenUntil(NoteWord word, uint256 until) internal pure returns (NoteWord) {
        return NoteWord.wrap((NoteWord.unwrap(word) & ~_FROZEN_UNTIL) | (until << 200));
    }

    function withState(NoteWord word, NoteState state_) internal pure returns (NoteWord) {
        uint256 kept = NoteWord.unwrap(word) & ~_STATE;
        assembly ("memory-safe") {
            word := or(kept, shl(248, state_))
        }
        return word;
    }

    /// @notice One tier deeper.
    /// @dev Unchecked: an offer is only made below `maxTier`, which is a uint8 itself.
    function deeper(NoteWord word) internal pure returns (NoteWord) {
        unchecked {
            return NoteWord.wrap(NoteWord.unwrap(word) + (uint256(1) << 240));
        }
    }

    /// @notice Waiting for `counterparty_` until `deadline_`.
    function boundTo(
        NoteWord word,
        uint256 counterparty_,
        uint256 deadline_,
        NotePurpose purpose_
    ) internal pure returns (NoteWord) {
        uint256 bound = (NoteWord.unwrap(word) & ~_BINDING) | (counterparty_ << 96) | (deadline_ << 160);
        assembly ("memory-safe") {
            word := or(bound, shl(251, purpose_))
        }
        return word;
    }

    /// @notice Waiting for nobody.
    function unbound(NoteWord word) internal pure returns (NoteWord) {
        return NoteWord.wrap(NoteWord.unwrap(word) & ~_BINDING);
    }

    /// @notice Final: settled to `payee`, which stays on record as the counterparty.
    function paidTo(NoteWord word, uint256 payee) internal pure returns (NoteWord) {
        return NoteWord.wrap((NoteWord.unwrap(word) & ~(_BINDING | _FROZEN_UNTIL)) | (payee << 96));
    }

    /// @notice In the hands of its counterparty, who has it from the holder before.
    function taken(NoteWord word, bool withRecourse) internal pure returns (NoteWord) {
        uint256 kept = NoteWord.unwrap(word) & ~(_BINDING | _HOLDER | _ASSIGNOR | _RECOURSE);
        return
            NoteWord.wrap(kept | (counterparty(word) << 64) | (holder(word) << 128) | (withRecourse ? _RECOURSE : 0));
    }
}
