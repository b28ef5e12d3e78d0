// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParticipants} from "../interfaces/IParticipants.sol";
import {IReceivables} from "../interfaces/IReceivables.sol";
import {Calls} from "../libraries/Calls.sol";
import {NotePurpose, NoteWord} from "../libraries/NoteWords.sol";
import {NoteState} from "../libraries/NoteStates.sol";
import {ReceivableWord} from "../libraries/ReceivableWords.sol";
import {Roles} from "../libraries/Roles.sol";
import {Ledger} from "./Ledger.sol";

/// @title Financing
/// @notice How a note is financed once: locked for one factor, assigned or pledged, released or foreclosed, returned by
/// recourse.
abstract contract Financing is Ledger {
    using Calls for IParticipants;

    /// @inheritdoc IReceivables
    function lock(
        uint256 noteId,
        uint32 factor,
        uint64 amount,
        uint40 deadline,
        NotePurpose purpose,
        bytes32 quote
    ) external returns (uint256 lockedId) {
        if (purpose < NotePurpose.Assignment) revert NotePurposeMismatch(noteId, purpose, NotePurpose.Assignment);
        NoteWord note;
        (lockedId, note) = _commit(noteId, amount, factor, Roles.FACTOR, deadline, purpose, NoteState.Locked);
        emit NoteLocked(lockedId, note, quote);
    }

    /// @inheritdoc IReceivables
    function unlock(uint256 noteId) external {
        (NoteWord note, ) = _load(noteId);
        _requireState(noteId, note, NoteState.Locked);
        uint256 caller = _participants.callerWith(_HOLDERS);
        if (caller != note.holder()) {
            _requireSame(noteId, caller, note.counterparty());
        } else if (block.timestamp <= note.deadline()) {
            revert NoteDeadlinePending(noteId, block.timestamp, uint40(note.deadline()));
        }
        _requireUnfrozen(noteId, note);
        note = _move(noteId, note.unbound(), NoteState.Live);
        emit NoteUnlocked(noteId, note);
    }

    /// @inheritdoc IReceivables
    function finance(uint256 noteId, bytes32 disbursement) external {
        NoteWord note = _note(noteId);
        _requireState(noteId, note, NoteState.Locked);
        _requireParty(noteId, note.counterparty(), Roles.FACTOR);
        _requireUnfrozen(noteId, note);
        _requireInTime(noteId, note);
        NotePurpose purpose = note.purpose();
        note =
            purpose == NotePurpose.Pledge
                ? _move(noteId, note.boundTo(note.counterparty(), 0, purpose), NoteState.Pledged)
                : _move(noteId, note.taken(purpose == NotePurpose.RecourseAssignment), NoteState.Live);
        emit NoteFinanced(noteId, note, disbursement);
    }

    /// @inheritdoc IReceivables
    function release(uint256 noteId, bytes32 repayment) external {
        (NoteWord note, ) = _load(noteId);
        _requireLender(noteId, note);
        note = _move(noteId, note.unbound(), NoteState.Live);
        emit NoteReleased(noteId, note, repayment);
    }

    /// @inheritdoc IReceivables
    function foreclose(uint256 noteId) external {
        (NoteWord note, ReceivableWord receivable) = _load(noteId);
        _requireLender(noteId, note);
        _requireMatured(noteId, receivable);
        note = _move(noteId, note.taken(false), NoteState.Live);
        emit NoteForeclosed(noteId, note);
    }

    /// @inheritdoc IReceivables
    function returnNote(uint256 noteId, uint40 deadline, bytes32 demand) external {
        (NoteWord note, ReceivableWord receivable) = _load(noteId);
        _requireState(noteId, note, NoteState.Live);
        _requireParty(noteId, note.holder(), Roles.FACTOR);
        if (!note.hasRecourse()) revert NoteRecourseMissing(noteId);
        _requireUnfrozen(noteId, note);
        _requireMatured(noteId, receivable);
        _requireDeadline(noteId, deadline, block.timestamp + _maxTenor + 1);
        note = _move(noteId, note.boundTo(note.assignor(), deadline, NotePurpose.Return), NoteState.Offered);
        emit NoteReturnOffered(noteId, note, demand);
    }

    /// @inheritdoc IReceivables
    function acceptReturn(uint256 noteId) external {
        (NoteWord note, ) = _load(noteId);
        _requireState(noteId, note, NoteState.Offered);
        _requireParty(noteId, note.counterparty(), _HOLDERS);
        _requirePurpose(noteId, note, NotePurpose.Return);
        _requireUnfrozen(noteId, note);
        _requireInTime(noteId, note);
        note = _move(noteId, note.taken(false), NoteState.Live);
        emit NoteReturned(noteId, note);
    }

    function _requireLender(uint256 noteId, NoteWord note) private view {
        _requireState(noteId, note, NoteState.Pledged);
        _requireParty(noteId, note.counterparty(), Roles.FACTOR);
        _requireUnfrozen(noteId, note);
    }
}
