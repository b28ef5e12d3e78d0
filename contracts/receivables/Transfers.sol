// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../interfaces/IReceivables.sol";
import {ClaimReason} from "../libraries/ClaimWords.sol";
import {NotePurpose, NoteWord} from "../libraries/NoteWords.sol";
import {NoteState} from "../libraries/NoteStates.sol";
import {ReceivableWord} from "../libraries/ReceivableWords.sol";
import {Roles} from "../libraries/Roles.sol";
import {Spans} from "../libraries/Spans.sol";
import {Ledger} from "./Ledger.sol";

/// @title Transfers
/// @notice How notes go down the supply chain: offered, accepted, refused, recalled, merged; and diluted by a credit note.
abstract contract Transfers is Ledger {
    /// @inheritdoc IReceivables
    function transfer(
        uint256 noteId,
        uint32 assignee,
        uint64 amount,
        uint40 deadline,
        NotePurpose purpose,
        bytes32 tradeDocument
    ) external returns (uint256 offeredId) {
        bool isClaiming = purpose == NotePurpose.TradeTransfer;
        if (!isClaiming && (purpose != NotePurpose.Transfer || _requiresTradeClaim)) {
            revert NotePurposeMismatch(noteId, purpose, NotePurpose.TradeTransfer);
        }
        NoteWord note;
        (offeredId, note) = _commit(noteId, amount, assignee, _HOLDERS, deadline, purpose, NoteState.Offered);
        if (note.tier() >= _maxTier) revert NoteTierExceeded(noteId, uint8(note.tier()), _maxTier);
        if (isClaiming) {
            uint192 subject = Spans.claimSubjectOf(offeredId, note.tier());
            _claim(tradeDocument, subject, note.holder(), ClaimReason.TradeDocument);
        }
        emit NoteOffered(offeredId, note, tradeDocument);
    }

    /// @inheritdoc IReceivables
    function accept(uint256 noteId) external {
        NoteWord note = _note(noteId);
        _requireState(noteId, note, NoteState.Offered);
        _requireParty(noteId, note.counterparty(), _HOLDERS);
        if (note.purpose() != NotePurpose.TradeTransfer) _requirePurpose(noteId, note, NotePurpose.Transfer);
        _requireUnfrozen(noteId, note);
        _requireInTime(noteId, note);
        note = _move(noteId, note.taken(false).deeper(), NoteState.Live);
        emit NoteAccepted(noteId, note);
    }

    /// @inheritdoc IReceivables
    function refuse(uint256 noteId, bytes32 tradeFingerprint, bytes32 reason) external {
        (NoteWord note, ) = _load(noteId);
        _requireState(noteId, note, NoteState.Offered);
        _requireParty(noteId, note.counterparty(), _HOLDERS);
        note = _takeBack(noteId, note, tradeFingerprint);
        emit NoteRefused(noteId, note, reason);
    }

    /// @inheritdoc IReceivables
    function recall(uint256 noteId, bytes32 tradeFingerprint) external {
        (NoteWord note, ) = _load(noteId);
        _requireState(noteId, note, NoteState.Offered);
        _requireParty(noteId, note.holder(), _HOLDERS);
        note = _takeBack(noteId, note, tradeFingerprint);
        emit NoteRecalled(noteId, note);
    }

    /// @inheritdoc IReceivables
    function merge(uint256 noteId, uint256 nextId) external {
        (NoteWord note, ReceivableWord receivable) = _load(noteId);
        NoteWord next = _noteIn(receivable, nextId);
        _requireState(noteId, note, NoteState.Live);
        _requireState(nextId, next, NoteState.Live);
        _requireParty(noteId, note.holder(), _HOLDERS);
        if (nextId != Spans.noteAt(noteId, note.end()) || !next.withEnd(note.end()).isEqual(note)) {
            revert NotesUnlike(noteId, nextId);
        }
        _requireUnfrozen(noteId, note);
        _requireNotMatured(noteId, receivable);
        _remove(nextId, next);
        if (_isInRoot(receivable, noteId)) _moveRootEnd(noteId, receivable, next.end());
        else _keep(noteId, next);
        emit NotesMerged(noteId, next, nextId);
    }

    /// @inheritdoc IReceivables
    function offerDilution(
        uint256 noteId,
        uint64 amount,
        uint40 deadline,
        bytes32 creditNote
    ) external returns (uint256 offeredId) {
        (NoteWord note, ReceivableWord receivable) = _load(noteId);
        _requireState(noteId, note, NoteState.Live);
        _requireParty(noteId, note.holder(), Roles.SUPPLIER);
        if (note.holder() != receivable.creditor() || note.tier() != 0 || note.assignor() != 0) {
            revert NoteSold(noteId, uint8(note.tier()), uint32(note.assignor()));
        }
        _requireUnfrozen(noteId, note);
        _requireDeadline(noteId, deadline, receivable.maturity());
        offeredId = _cut(noteId, note, receivable, amount);
        note = _move(offeredId, note.boundTo(receivable.debtor(), deadline, NotePurpose.Dilution), NoteState.Offered);
        emit NoteDilutionOffered(offeredId, note, creditNote);
    }

    /// @inheritdoc IReceivables
    function acceptDilution(uint256 noteId) external {
        NoteWord note = _note(noteId);
        _requireState(noteId, note, NoteState.Offered);
        _requireParty(noteId, note.counterparty(), Roles.DEBTOR);
        _requirePurpose(noteId, note, NotePurpose.Dilution);
        _requireUnfrozen(noteId, note);
        _requireInTime(noteId, note);
        note = _move(noteId, note.unbound(), NoteState.Cancelled);
        emit NoteCancelled(noteId, note);
    }

    /// @dev The offer ends; what it claimed is free again.
    function _takeBack(uint256 noteId, NoteWord note, bytes32 tradeFingerprint) private returns (NoteWord live) {
        _requireUnfrozen(noteId, note);
        live = _move(noteId, note.unbound(), NoteState.Live);
        bool hasClaimed = note.purpose() == NotePurpose.TradeTransfer;
        if (hasClaimed != (tradeFingerprint != 0)) revert NoteTradeMismatch(noteId, tradeFingerprint);
        if (hasClaimed) {
            uint192 subject = Spans.claimSubjectOf(noteId, note.tier());
            _fingerprints.releaseFor(tradeFingerprint, subject, _registryNumber);
        }
    }
}
