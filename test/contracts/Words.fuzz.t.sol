// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimReason, ClaimWord, ClaimWords} from "../../contracts/libraries/ClaimWords.sol";
import {NoteState, NoteStates} from "../../contracts/libraries/NoteStates.sol";
import {NotePurpose, NoteWord, NoteWords} from "../../contracts/libraries/NoteWords.sol";
import {ReceivableState, ReceivableStates} from "../../contracts/libraries/ReceivableStates.sol";
import {ReceivableWord} from "../../contracts/libraries/ReceivableWords.sol";
import {Spans} from "../../contracts/libraries/Spans.sol";

/// @notice Storage words: each field where the layout says, each setter changes its own fields and no other.
/// @dev The layouts stand here a second time, as shifts and widths. Every number is drawn at its bounds too.
contract WordsFuzzTest {
    uint256 private constant _END = type(uint64).max;
    uint256 private constant _HOLDER = uint256(type(uint32).max) << 64;
    uint256 private constant _COUNTERPARTY = uint256(type(uint32).max) << 96;
    uint256 private constant _ASSIGNOR = uint256(type(uint32).max) << 128;
    uint256 private constant _DEADLINE = uint256(type(uint40).max) << 160;
    uint256 private constant _FROZEN_UNTIL = uint256(type(uint40).max) << 200;
    uint256 private constant _TIER = uint256(type(uint8).max) << 240;
    uint256 private constant _STATE = uint256(7) << 248;
    uint256 private constant _PURPOSE = uint256(7) << 251;
    uint256 private constant _RECOURSE = uint256(1) << 254;
    uint256 private constant _BINDING = _COUNTERPARTY | _DEADLINE | _PURPOSE;

    function testFuzz_a_note_is_read_where_the_layout_says(uint256 raw) external pure {
        raw = _noteWord(raw);
        NoteWord word = NoteWord.wrap(raw);
        require(word.end() == raw & _END, "end");
        require(word.holder() == (raw & _HOLDER) >> 64, "holder");
        require(word.counterparty() == (raw & _COUNTERPARTY) >> 96, "counterparty");
        require(word.assignor() == (raw & _ASSIGNOR) >> 128, "assignor");
        require(word.deadline() == (raw & _DEADLINE) >> 160, "deadline");
        require(word.frozenUntil() == (raw & _FROZEN_UNTIL) >> 200, "frozenUntil");
        require(word.tier() == (raw & _TIER) >> 240, "tier");
        require(uint8(word.state()) == (raw & _STATE) >> 248, "state");
        require(uint8(word.purpose()) == (raw & _PURPOSE) >> 251, "purpose");
        require(word.hasRecourse() == (raw & _RECOURSE != 0), "recourse");
        require(word.isEqual(word) && !word.isEqual(NoteWord.wrap(raw ^ 1)), "equality");
    }

    function testFuzz_the_first_note_is_live_and_nobody_gave_it(uint64 end, uint32 holder, uint8 bound) external pure {
        end = uint64(_atBound(end, type(uint64).max, bound));
        holder = uint32(_atBound(holder, type(uint32).max, bound >> 2));
        NoteWord word = NoteWords.first(end, holder);
        require(NoteWord.unwrap(word) == (uint256(1) << 248) | (uint256(holder) << 64) | end, "another first note");
        require(word.state() == NoteState.Live, "not live");
    }

    function testFuzz_a_note_changes_in_one_field(
        uint256 raw,
        uint64 end,
        uint40 until,
        uint8 state,
        uint8 bound
    ) external pure {
        raw = _noteWord(raw);
        NoteWord word = NoteWord.wrap(raw);
        end = uint64(_atBound(end, type(uint64).max, bound));
        until = uint40(_atBound(until, type(uint40).max, bound >> 2));
        state %= 7;
        _requireOnly(raw, NoteWord.unwrap(word.withEnd(end)), _END, end);
        uint256 frozen = NoteWord.unwrap(word.withFrozenUntil(until));
        _requireOnly(raw, frozen, _FROZEN_UNTIL, uint256(until) << 200);
        uint256 moved = NoteWord.unwrap(word.withState(NoteState(state)));
        _requireOnly(raw, moved, _STATE, uint256(state) << 248);
        if (word.tier() == type(uint8).max) return;
        uint256 deeper = NoteWord.unwrap(word.deeper());
        _requireOnly(raw, deeper, _TIER, (word.tier() + 1) << 240);
    }

    function testFuzz_a_note_is_bound_freed_paid_and_taken(
        uint256 raw,
        uint32 party,
        uint40 deadline,
        uint8 purpose,
        bool hasRecourse,
        uint8 bound
    ) external pure {
        raw = _noteWord(raw);
        NoteWord word = NoteWord.wrap(raw);
        party = uint32(_atBound(party, type(uint32).max, bound));
        deadline = uint40(_atBound(deadline, type(uint40).max, bound >> 2));
        purpose %= 8;
        uint256 binding = (uint256(party) << 96) | (uint256(deadline) << 160) | (uint256(purpose) << 251);
        _requireOnly(raw, NoteWord.unwrap(word.boundTo(party, deadline, NotePurpose(purpose))), _BINDING, binding);
        _requireOnly(raw, NoteWord.unwrap(word.unbound()), _BINDING, 0);
        uint256 paid = NoteWord.unwrap(word.paidTo(party));
        _requireOnly(raw, paid, _BINDING | _FROZEN_UNTIL, uint256(party) << 96);
        uint256 taken = NoteWord.unwrap(word.taken(hasRecourse));
        uint256 hands = (word.counterparty() << 64) | (word.holder() << 128) | (hasRecourse ? _RECOURSE : 0);
        _requireOnly(raw, taken, _BINDING | _HOLDER | _ASSIGNOR | _RECOURSE, hands);
    }

    function testFuzz_a_receivable_is_read_as_it_was_packed(
        uint64 amount,
        uint32[2] memory parties,
        uint40 maturity,
        uint16 currency,
        uint8 state,
        uint8 bound
    ) external pure {
        amount = uint64(_atBound(amount, type(uint64).max, bound));
        parties[0] = uint32(_atBound(parties[0], type(uint32).max, bound >> 2));
        parties[1] = uint32(_atBound(parties[1], type(uint32).max, bound >> 4));
        maturity = uint40(_atBound(maturity, type(uint40).max, bound >> 6));
        currency = uint16(_atBound(currency, type(uint16).max, bound >> 1));
        ReceivableState expected = ReceivableState(state % 6);
        uint256 packed = (uint256(parties[0]) << 128) | (uint256(parties[1]) << 160) | (uint256(maturity) << 192);
        packed |= uint256(amount) | (uint256(currency) << 232) | (uint256(state % 6) << 248);
        ReceivableWord word = ReceivableWord.wrap(packed);
        require(word.amount() == amount && word.rootEnd() == 0, "amount");
        require(word.creditor() == parties[0] && word.debtor() == parties[1], "parties");
        require(word.maturity() == maturity && word.currency() == currency, "maturity or currency");
        require(word.state() == expected && !word.isDisputed() && !word.isRootSettled(), "state");
    }

    function testFuzz_a_receivable_changes_in_one_field(
        uint256 raw,
        uint64 end,
        uint8 state,
        uint8 bound
    ) external pure {
        raw = (raw & ~_STATE) | ((((raw & _STATE) >> 248) % 6) << 248);
        ReceivableWord word = ReceivableWord.wrap(raw);
        end = uint64(_atBound(end, type(uint64).max, bound));
        state %= 6;
        uint256 rooted = ReceivableWord.unwrap(word.withRootEnd(end));
        _requireOnly(raw, rooted, _END << 64, uint256(end) << 64);
        uint256 moved = ReceivableWord.unwrap(word.withState(ReceivableState(state)));
        _requireOnly(raw, moved, _STATE, uint256(state) << 248);
        uint256 flag = uint256(1) << 251;
        _requireOnly(raw, ReceivableWord.unwrap(word.withDisputed(true)), flag, flag);
        _requireOnly(raw, ReceivableWord.unwrap(word.withDisputed(false)), flag, 0);
        flag = uint256(1) << 252;
        _requireOnly(raw, ReceivableWord.unwrap(word.withRootSettled()), flag, flag);
        require(word.isDisputed() == (raw & (uint256(1) << 251) != 0), "disputed");
        require(word.isRootSettled() == (raw & flag != 0), "rootSettled");
        require(word.rootEnd() == uint64(raw >> 64), "rootEnd");
    }

    function testFuzz_a_claim_is_read_as_it_was_packed(
        uint192 subject,
        uint32 claimant,
        uint8 registry,
        uint8 reason,
        uint8 bound
    ) external pure {
        subject = uint192(_atBound(subject, type(uint192).max, bound));
        claimant = uint32(_atBound(claimant, type(uint32).max, bound >> 2));
        registry = uint8(_atBound(registry, type(uint8).max, bound >> 4));
        ClaimWord word = ClaimWords.pack(subject, claimant, registry, ClaimReason(reason % 6));
        require(word.subject() == subject && word.claimant() == claimant, "subject or claimant");
        require(word.registry() == registry && uint8(word.reason()) == reason % 6, "registry or reason");
        require(word.isFree() == (ClaimWord.unwrap(word) == 0), "free");
        uint256 packed = uint256(subject) | (uint256(claimant) << 192) | (uint256(registry) << 224);
        require(ClaimWord.unwrap(word) == packed | (uint256(reason % 6) << 232), "another layout");
    }

    function testFuzz_ids_of_notes_are_read_back(uint192 receivableId, uint64 start, uint64 other) external pure {
        uint256 noteId = Spans.noteIdOf(receivableId, start);
        require(Spans.receivableIdOf(noteId) == receivableId, "receivable lost");
        require(Spans.startOf(noteId) == start, "start lost");
        require(Spans.noteAt(noteId, other) == Spans.noteIdOf(receivableId, other), "another receivable");
    }

    function testFuzz_a_cut_begins_the_amount_before_the_end(uint64 start, uint64 span, uint64 amount) external pure {
        start = start % Spans.AMOUNT_MAX;
        uint256 end = start + 1 + (span % (Spans.AMOUNT_MAX - start));
        bool isWithin = amount > 0 && amount <= end - start;
        require(Spans.cutStart(start, end, amount) == (isWithin ? end - amount : Spans.NOWHERE), "another cut");
        require(Spans.cutStart(start, end, end - start) == start, "the whole is no cut");
        require(Spans.cutStart(start, end, end - start + 1) == Spans.NOWHERE, "more than the whole");
        require(Spans.cutStart(start, end, 0) == Spans.NOWHERE, "a cut of nothing");
    }

    function testFuzz_a_claim_subject_tells_note_and_tier_apart(uint256 noteId, uint8 tier) external pure {
        uint192 subject = Spans.claimSubjectOf(noteId, tier);
        require(subject == uint192(uint256(keccak256(abi.encode(noteId, uint256(tier))))), "another subject");
        require(subject != Spans.claimSubjectOf(noteId, uint256(tier) + 1), "the next tier's");
        require(subject != Spans.claimSubjectOf(noteId ^ 1, tier), "another note's");
    }

    function test_notes_move_only_along_the_edges() external pure {
        uint8[7] memory rows;
        // none, live, offered, locked, pledged, settled, cancelled: the states reachable from each, as bits in this order.
        rows[0] = 1 << 1;
        rows[1] = (1 << 0) | (1 << 2) | (1 << 3) | (1 << 5);
        rows[2] = (1 << 1) | (1 << 5) | (1 << 6);
        rows[3] = (1 << 1) | (1 << 4) | (1 << 5);
        rows[4] = (1 << 1) | (1 << 5);
        for (uint8 from; from < 7; ++from)
            require(NoteStates.reachableFrom(NoteState(from)) == rows[from], "a note's row");
    }

    function test_receivables_move_only_along_the_edges() external pure {
        uint8[6] memory rows;
        // none, registered, confirmed, rejected, withdrawn, settled.
        rows[0] = (1 << 1) | (1 << 2);
        rows[1] = (1 << 2) | (1 << 3) | (1 << 4);
        rows[2] = 1 << 5;
        for (uint8 from; from < 6; ++from) {
            require(ReceivableStates.reachableFrom(ReceivableState(from)) == rows[from], "a receivable's row");
        }
    }

    function _requireOnly(uint256 before, uint256 now_, uint256 mask, uint256 value) private pure {
        require(now_ == (before & ~mask) | value, "changed otherwise");
    }

    /// @dev Any word whose state exists.
    function _noteWord(uint256 raw) private pure returns (uint256) {
        return (raw & ~_STATE) | ((((raw & _STATE) >> 248) % 7) << 248);
    }

    /// @dev One time out of four zero, one time the greatest value, else the drawn one.
    function _atBound(uint256 value, uint256 greatest, uint8 bound) private pure returns (uint256) {
        if (bound % 4 == 0) return 0;
        return bound % 4 == 1 ? greatest : value;
    }
}
