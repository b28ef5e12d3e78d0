// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../interfaces/IFingerprints.sol";
import {IParticipants} from "../interfaces/IParticipants.sol";
import {IReceivables} from "../interfaces/IReceivables.sol";
import {Calls} from "../libraries/Calls.sol";
import {ClaimReason, ClaimWords} from "../libraries/ClaimWords.sol";
import {NotePurpose, NoteWord, NoteWords} from "../libraries/NoteWords.sol";
import {NoteState, NoteStates} from "../libraries/NoteStates.sol";
import {ReceivableState, ReceivableStates} from "../libraries/ReceivableStates.sol";
import {ReceivableWord} from "../libraries/ReceivableWords.sol";
import {Roles} from "../libraries/Roles.sol";
import {Spans} from "../libraries/Spans.sol";

/// @title Ledger
/// @notice What is stored, how it is read and the only functions that write it. The parts of {Receivables} build on it.
abstract contract Ledger is IReceivables {
    using Calls for IParticipants;
    using Calls for IFingerprints;

    uint256 private constant _YEAR = 366 days;
    uint16 internal constant _HOLDERS = Roles.SUPPLIER | Roles.FACTOR | Roles.DEBTOR;

    IParticipants internal immutable _participants;
    IFingerprints internal immutable _fingerprints;
    uint8 internal immutable _registryNumber;
    uint40 internal immutable _maxTenor;
    uint40 internal immutable _minAcceptanceWindow;
    uint8 internal immutable _maxTier;
    bool internal immutable _requiresTradeClaim;

    /// @dev To be created by {Fingerprints-create}, whose count tells this version its number.
    constructor(IParticipants participants, IFingerprints fingerprints, Policy memory limits) {
        if (limits.maxTenor == 0 || limits.maxTenor > _YEAR) revert PolicyInvalid(limits.maxTenor, 1, _YEAR);
        if (limits.maxTier == 0) revert PolicyInvalid(limits.maxTier, 1, type(uint8).max);
        if (limits.minAcceptanceWindow >= limits.maxTenor) {
            revert PolicyInvalid(limits.minAcceptanceWindow, 0, limits.maxTenor - 1);
        }
        // Both have code, or these calls would revert: {Calls} relies on it.
        participants.participantCount();
        _participants = participants;
        _fingerprints = fingerprints;
        _registryNumber = fingerprints.registryCount() + 1;
        _maxTenor = limits.maxTenor;
        _minAcceptanceWindow = limits.minAcceptanceWindow;
        _maxTier = limits.maxTier;
        _requiresTradeClaim = limits.requiresTradeClaim;
    }

    /// @inheritdoc IReceivables
    function policy() external view returns (Policy memory) {
        return Policy(_maxTenor, _minAcceptanceWindow, _maxTier, _requiresTradeClaim);
    }

    /// @inheritdoc IReceivables
    function peers() external view returns (IParticipants, IFingerprints, uint8) {
        return (_participants, _fingerprints, _registryNumber);
    }

    // Reading

    function _receivable(uint192 receivableId) internal view returns (ReceivableWord) {
        return ReceivableWord.wrap(_read(Spans.receivableKeyOf(receivableId)));
    }

    /// @dev The note as of this block, with its receivable: for whatever must know maturity, dispute or settlement at once.
    function _load(uint256 noteId) internal view returns (NoteWord note, ReceivableWord receivable) {
        receivable = _receivable(Spans.receivableIdOf(noteId));
        note = _noteIn(receivable, noteId);
    }

    /// @dev A receivable that was settled at once wrote none of its notes: whatever was open is settled with it.
    function _noteIn(ReceivableWord receivable, uint256 noteId) internal view returns (NoteWord note) {
        if (_isInRoot(receivable, noteId)) {
            note = NoteWords.first(receivable.rootEnd(), receivable.creditor());
            // Frozen or pledged it would have a word of its own, so it was the creditor who was paid.
            if (receivable.isRootSettled()) note = note.paidTo(note.holder()).withState(NoteState.Settled);
        } else {
            note = _note(noteId);
        }
        if (receivable.state() == ReceivableState.Settled && _isOpen(note.state())) {
            note = note.withState(NoteState.Settled);
        }
    }

    /// @dev The note from its own word alone. Enough where the note waits for a deadline before maturity: the receivable
    /// can't be settled yet, and its root note has a word of its own once it is bound.
    function _note(uint256 noteId) internal view returns (NoteWord note) {
        // An id beyond the largest amount is where a receivable's word is, and never a note.
        note = NoteWord.wrap(Spans.isNote(noteId) ? _read(noteId) : 0);
        if (note.frozenUntil() <= block.timestamp) note = note.withFrozenUntil(0);
    }

    /// @dev Whether the note is the root note that still lives in its receivable's word.
    function _isInRoot(ReceivableWord receivable, uint256 noteId) internal pure returns (bool isInRoot) {
        uint256 start = Spans.startOf(noteId);
        uint256 rootEnd = receivable.rootEnd();
        assembly ("memory-safe") {
            // Without the jump of &&, in a function that every operation calls twice.
            isInRoot := and(iszero(start), gt(rootEnd, 0))
        }
    }

    /// @dev Neither never opened nor final: what can still be settled.
    function _isOpen(NoteState state) internal pure returns (bool) {
        return NoteStates.reachableFrom(state) & (1 << uint8(NoteState.Settled)) != 0;
    }

    // Writing

    /// @dev The only function that writes a receivable's state. `word` is in its new state.
    function _moveReceivable(uint192 receivableId, ReceivableState from, ReceivableWord word) internal {
        ReceivableStates.requireEdge(receivableId, from, word.state());
        _keepReceivable(receivableId, word);
    }

    /// @dev Changes a receivable's word, but not its state.
    function _keepReceivable(uint192 receivableId, ReceivableWord word) internal {
        _put(Spans.receivableKeyOf(receivableId), ReceivableWord.unwrap(word));
    }

    /// @dev Writes a note's state, by {_write}, which is the only function that does. `note` is as it will be, still in the
    /// state that it comes from.
    function _move(uint256 noteId, NoteWord note, NoteState to) internal returns (NoteWord) {
        NoteStates.requireEdge(noteId, note.state(), to);
        return _write(noteId, note, to);
    }

    /// @dev {_move} for who has checked the edge already.
    function _write(uint256 noteId, NoteWord note, NoteState to) internal returns (NoteWord moved) {
        moved = note.withState(to);
        _put(noteId, NoteWord.unwrap(moved));
    }

    /// @dev The only function that ends a note without a final state: its span is part of another one now.
    function _remove(uint256 noteId, NoteWord note) internal {
        NoteStates.requireEdge(noteId, note.state(), NoteState.None);
        _put(noteId, 0);
    }

    /// @dev Changes a note's word, but not its state.
    function _keep(uint256 noteId, NoteWord note) internal {
        _put(noteId, NoteWord.unwrap(note));
    }

    /// @dev Where a root note that lives in its receivable's word ends from now on; zero when it gets a word of its own.
    function _moveRootEnd(uint256 noteId, ReceivableWord receivable, uint256 end) internal {
        _keepReceivable(Spans.receivableIdOf(noteId), receivable.withRootEnd(end));
    }

    /// @dev Cuts `amount` off the end of a note and shrinks the rest, so that no state shows the value twice (N1). The piece
    /// is a copy of its note that the caller writes; `noteId` itself when it is the whole.
    function _cut(
        uint256 noteId,
        NoteWord note,
        ReceivableWord receivable,
        uint256 amount
    ) internal returns (uint256 pieceId) {
        uint256 start = Spans.startOf(noteId);
        uint256 cut = Spans.cutStart(start, note.end(), amount);
        if (cut == Spans.NOWHERE) revert NoteAmountInvalid(noteId, uint64(amount), uint64(note.end() - start));
        if (_isInRoot(receivable, noteId)) _moveRootEnd(noteId, receivable, cut);
        else if (cut != start) _keep(noteId, note.withEnd(cut));
        return Spans.noteAt(noteId, cut);
    }

    /// @dev Binds `amount` off the end of a live note to a counterparty: what an offer to an assignee and a lock for a factor
    /// have in common. Written in one piece, since the compiler inlines only what is used once.
    function _commit(
        uint256 noteId,
        uint256 amount,
        uint32 counterparty,
        uint16 roles,
        uint256 deadline,
        NotePurpose purpose,
        NoteState to
    ) internal returns (uint256 pieceId, NoteWord note) {
        ReceivableWord receivable;
        (note, receivable) = _load(noteId);
        if (!note.isLive()) _refuseState(noteId, NoteState.Live);
        uint256 holder = note.holder();
        uint256 caller = _participants.callerAndPartyOnce(_HOLDERS, counterparty, roles);
        if (caller != holder) _refuseParty(noteId, caller, holder);
        if (note.frozenUntil() != 0) _refuseFrozen(noteId, note);
        if (receivable.isDisputed()) revert ReceivableDisputePending(Spans.receivableIdOf(noteId));
        // The debtor of the receivable can't come to hold its own debt: that would be a payment, not a transfer.
        if (counterparty == holder) _refuseCounterparty(noteId, counterparty);
        if (counterparty == receivable.debtor()) _refuseCounterparty(noteId, counterparty);
        _requireDeadline(noteId, deadline, receivable.maturity());
        pieceId = _cut(noteId, note, receivable, amount);
        note = _move(pieceId, note.boundTo(counterparty, deadline, purpose), to);
    }

    function _claim(bytes32 fingerprint, uint192 subject, uint256 claimant, ClaimReason reason) internal {
        _fingerprints.put(fingerprint, ClaimWords.pack(subject, claimant, _registryNumber, reason));
    }

    /// @dev Words are stored at their ids: a note's at its own, a receivable's at {Spans-receivableKeyOf}. A mapping would hash
    /// the id once more, for 75 gas at every reading and writing; and who proves a note from the state root needs no more
    /// than its id. Callers name any id, so nothing else here may read as a note in a state: a receivable's key is no note's
    /// id ({_note}), and every other slot stays below 2^248, where the state begins.
    function _read(uint256 key) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(key)
        }
    }

    function _put(uint256 key, uint256 word) private {
        assembly ("memory-safe") {
            sstore(key, word)
        }
    }

    // Guards. Conditions and refusals are apart: a condition alone is small enough to be inlined, which halves the price of a
    // guard, and the refusals' code stands once.

    /// @dev Stricter than an edge of the table, where several states lead to {Live}: each act starts from one state.
    function _requireState(uint256 noteId, NoteWord note, NoteState required) internal view {
        if (note.state() != required) _refuseState(noteId, required);
    }

    function _requirePurpose(uint256 noteId, NoteWord note, NotePurpose required) internal pure {
        if (note.purpose() != required) _refusePurpose(noteId, note.purpose(), required);
    }

    function _requireUnfrozen(uint256 noteId, NoteWord note) internal pure {
        if (note.frozenUntil() != 0) _refuseFrozen(noteId, note);
    }

    function _requireInTime(uint256 noteId, NoteWord note) internal view {
        if (block.timestamp > note.deadline()) _refuseLate(noteId, note);
    }

    function _requireNotMatured(uint256 noteId, ReceivableWord receivable) internal view {
        if (block.timestamp >= receivable.maturity()) _refuseMatured(noteId, receivable.maturity());
    }

    function _requireMatured(uint256 noteId, ReceivableWord receivable) internal view {
        if (block.timestamp < receivable.maturity()) _refuseImmature(noteId, receivable.maturity());
    }

    /// @dev The deadline lies before `end`, so that who acts in time acts before it without reading the receivable again; and
    /// a note whose `end` has come is refused, since no deadline fits.
    function _requireDeadline(uint256 noteId, uint256 deadline, uint256 end) internal view {
        unchecked {
            // A time and a window of 40 bits.
            uint256 earliest = block.timestamp + _minAcceptanceWindow;
            if (deadline < earliest) _refuseDeadline(noteId, deadline, earliest, end);
            if (deadline >= end) _refuseDeadline(noteId, deadline, earliest, end);
        }
    }

    /// @dev The caller is active, has one of `roles` and is the party `required` of this note (N3).
    function _requireParty(uint256 noteId, uint256 required, uint16 roles) internal view {
        _requireSame(noteId, _participants.callerWith(roles), required);
    }

    function _requireSame(uint256 noteId, uint256 presented, uint256 required) internal pure {
        if (presented != required) _refuseParty(noteId, presented, required);
    }

    /// @dev Names the state as {IReceivables-noteOf} shows it, also where the guard read the note's own word alone.
    function _refuseState(uint256 noteId, NoteState required) private view {
        (NoteWord note, ) = _load(noteId);
        NoteStates.forbid(noteId, note.state(), required);
    }

    function _refusePurpose(uint256 noteId, NotePurpose presented, NotePurpose required) internal pure {
        revert NotePurposeMismatch(noteId, presented, required);
    }

    function _refuseFrozen(uint256 noteId, NoteWord note) private pure {
        revert NoteFreezePending(noteId, uint40(note.frozenUntil()));
    }

    function _refuseLate(uint256 noteId, NoteWord note) private view {
        revert NoteDeadlinePassed(noteId, block.timestamp, uint40(note.deadline()));
    }

    function _refuseMatured(uint256 noteId, uint256 maturity) private view {
        revert NoteMatured(noteId, block.timestamp, uint40(maturity));
    }

    function _refuseImmature(uint256 noteId, uint256 maturity) private view {
        revert NoteNotMatured(noteId, block.timestamp, uint40(maturity));
    }

    function _refuseDeadline(uint256 noteId, uint256 presented, uint256 earliest, uint256 end) private view {
        if (block.timestamp >= end) _refuseMatured(noteId, end);
        revert NoteDeadlineInvalid(noteId, uint40(presented), earliest, end - 1);
    }

    function _refuseCounterparty(uint256 noteId, uint32 presented) private pure {
        revert NoteCounterpartyInvalid(noteId, presented);
    }

    function _refuseParty(uint256 noteId, uint256 presented, uint256 required) private pure {
        revert NotePartyMismatch(noteId, uint32(presented), uint32(required));
    }
}
