// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParticipants} from "../interfaces/IParticipants.sol";
import {IReceivables} from "../interfaces/IReceivables.sol";
import {Calls} from "../libraries/Calls.sol";
import {NotePurpose, NoteWord} from "../libraries/NoteWords.sol";
import {NoteState, NoteStates} from "../libraries/NoteStates.sol";
import {ReceivableState, ReceivableStates} from "../libraries/ReceivableStates.sol";
import {ReceivableWord} from "../libraries/ReceivableWords.sol";
import {Roles} from "../libraries/Roles.sol";
import {Spans} from "../libraries/Spans.sol";
import {Ledger} from "./Ledger.sol";

/// @title Settlement
/// @notice How the books close: notes settled one by one, in part or all at once; frozen by order and released.
abstract contract Settlement is Ledger {
    using Calls for IParticipants;

    /// @dev Longest freeze by one order, seconds: three years, as for other property rights under article 485 of the
    /// Supreme People's Court's interpretation of the Civil Procedure Law.
    uint40 private constant _MAX_FREEZE = 3 * 365 days;

    /// @dev Both of its slots are below 2^192, so that neither reads as a note in a state, whichever id a caller names: words
    /// are stored at their ids ({Ledger}), and an order is whatever a regulator writes.
    struct StoredFreeze {
        uint128 orderHigh;
        uint32 escrow;
        uint32 authority;
        uint128 orderLow;
    }

    mapping(uint256 noteId => StoredFreeze) private _freezes;

    /// @inheritdoc IReceivables
    function settle(uint256 noteId, uint64 amount, bytes32 payment) external returns (uint256 settledId) {
        (NoteWord note, ReceivableWord receivable) = _load(noteId);
        NoteStates.requireEdge(noteId, note.state(), NoteState.Settled);
        _participants.callerWith(Roles.CLEARING);
        _requireMatured(noteId, receivable);
        uint256 payee = _payeeOf(noteId, note);
        if (_isInRoot(receivable, noteId) && amount == receivable.rootEnd()) {
            settledId = noteId;
            _keepReceivable(Spans.receivableIdOf(noteId), receivable.withRootSettled());
            note = note.paidTo(payee).withState(NoteState.Settled);
        } else {
            settledId = _cut(noteId, note, receivable, amount);
            note = _write(settledId, note.paidTo(payee), NoteState.Settled);
        }
        emit NoteSettled(settledId, note, payment);
    }

    /// @inheritdoc IReceivables
    function settleReceivable(uint192 receivableId, bytes32 payment) external {
        ReceivableWord receivable = _receivable(receivableId);
        ReceivableStates.requireEdge(receivableId, receivable.state(), ReceivableState.Settled);
        _participants.callerWith(Roles.CLEARING);
        if (block.timestamp < receivable.maturity()) {
            revert ReceivableNotMatured(receivableId, block.timestamp, uint40(receivable.maturity()));
        }
        _moveReceivable(receivableId, receivable.state(), receivable.withState(ReceivableState.Settled));
        emit ReceivableSettled(receivableId, payment);
    }

    /// @inheritdoc IReceivables
    function close(uint192 receivableId) external {
        ReceivableWord receivable = _receivable(receivableId);
        ReceivableStates.requireEdge(receivableId, receivable.state(), ReceivableState.Settled);
        // Its state is known here, so the notes' own words tell the rest.
        uint256 start = receivable.rootEnd();
        if (start != 0 && !receivable.isRootSettled()) _refuseOpen(receivableId, 0, NoteState.Live);
        while (start < receivable.amount()) {
            NoteWord note = _note(Spans.noteIdOf(receivableId, start));
            if (_isOpen(note.state())) _refuseOpen(receivableId, start, note.state());
            start = note.end();
        }
        _moveReceivable(receivableId, receivable.state(), receivable.withState(ReceivableState.Settled));
        emit ReceivableClosed(receivableId);
    }

    /// @inheritdoc IReceivables
    function freeze(
        uint256 noteId,
        uint64 amount,
        uint40 until,
        uint32 escrow,
        bytes32 order
    ) external returns (uint256 frozenId) {
        (NoteWord note, ReceivableWord receivable) = _load(noteId);
        // Whatever can still be settled can be frozen.
        NoteStates.requireEdge(noteId, note.state(), NoteState.Settled);
        uint256 authority = _participants.callerAndParty(Roles.REGULATOR, escrow, Roles.ALL);
        _requireUnfrozen(noteId, note);
        if (until <= block.timestamp || until > block.timestamp + _MAX_FREEZE) {
            revert NoteFreezeInvalid(noteId, until, block.timestamp + 1, block.timestamp + _MAX_FREEZE);
        }
        frozenId = _cut(noteId, note, receivable, amount);
        if (note.purpose() == NotePurpose.TradeTransfer && frozenId != noteId) {
            // One claim can't stand for two offers, of which one may be accepted and the other refused: this one ends.
            note = _move(frozenId, note.unbound().withFrozenUntil(until), NoteState.Live);
        } else {
            note = note.withFrozenUntil(until);
            _keep(frozenId, note);
        }
        _freezes[frozenId] = StoredFreeze({
            orderHigh: uint128(uint256(order) >> 128),
            escrow: escrow,
            authority: uint32(authority),
            orderLow: uint128(uint256(order))
        });
        emit NoteFrozen(frozenId, note, Freeze({order: order, escrow: escrow, authority: uint32(authority)}));
    }

    /// @inheritdoc IReceivables
    function unfreeze(uint256 noteId, bytes32 order) external {
        (NoteWord note, ) = _load(noteId);
        if (!_isOpen(note.state()) || note.frozenUntil() == 0) revert NoteFreezeMissing(noteId);
        _requireParty(noteId, _freezes[noteId].authority, Roles.REGULATOR);
        note = note.withFrozenUntil(0);
        _keep(noteId, note);
        emit NoteUnfrozen(noteId, note, order);
    }

    /// @inheritdoc IReceivables
    function freezeOf(uint256 noteId) external view returns (Freeze memory) {
        StoredFreeze memory stored = _freezes[noteId];
        bytes32 order = bytes32((uint256(stored.orderHigh) << 128) | stored.orderLow);
        return Freeze({order: order, escrow: stored.escrow, authority: stored.authority});
    }

    /// @inheritdoc IReceivables
    function payeeOf(uint256 noteId) external view returns (uint32) {
        (NoteWord note, ) = _load(noteId);
        return _isOpen(note.state()) ? uint32(_payeeOf(noteId, note)) : 0;
    }

    function _refuseOpen(uint192 receivableId, uint256 start, NoteState presented) private pure {
        revert ReceivableNoteOpen(receivableId, Spans.noteIdOf(receivableId, start), presented);
    }

    /// @dev A pledged note is its lender's to collect: so foreclosure after maturity changes no pay-to statement.
    function _payeeOf(uint256 noteId, NoteWord note) private view returns (uint256) {
        if (note.frozenUntil() != 0) return _freezes[noteId].escrow;
        return note.state() == NoteState.Pledged ? note.counterparty() : note.holder();
    }
}
