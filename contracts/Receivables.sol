// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "./interfaces/IFingerprints.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IReceivables} from "./interfaces/IReceivables.sol";
import {NoteState, NoteStates} from "./libraries/NoteStates.sol";
import {ReceivableState, ReceivableStates} from "./libraries/ReceivableStates.sol";
import {Roles} from "./libraries/Roles.sol";
import {Spans} from "./libraries/Spans.sol";

/// @title Receivables
/// @notice The law of the registry. Holds no money, no names and no documents.
/// @dev Invariants, each tested by name in `test/contracts/Receivables.invariant.t.sol`:
///   N1 partition     the notes of a confirmed receivable cover `[0, amount)` without gap or overlap.
///   N2 finality      a final state never changes.
///   N3 authority     only the holder's account moves a live note; only the named counterparty takes an offered or
///                    locked one.
///   N4 uniqueness    one fingerprint, one live claim, over all registries (kept by {Fingerprints}).
///   N5 exclusivity   a locked span can't be transferred, locked again or cancelled.
///   N6 depth         an accepted transfer raises the tier by one, up to `maxTier`.
///   N7 balance       settled + open = amount.
///   N8 neutrality    registrar, relayer and regulator have no function here that changes a holder.
/// Trust: a clearing agent can record a settlement that did not happen; its evidence names the bank's entry. Block time
/// decides deadlines. Chain members see amounts and participant numbers.
contract Receivables is IReceivables {
    uint256 public constant MAX_FINGERPRINTS = 4;

    IParticipants public immutable participants;
    IFingerprints public immutable fingerprints;
    uint40 public immutable maxTenor;
    uint40 public immutable minAcceptanceWindow;
    uint8 public immutable maxTier;

    mapping(uint192 receivableId => Receivable) private _receivables;
    mapping(uint256 noteId => Note) private _notes;

    /// @param maxTenor_ Longest time to maturity at registration, seconds.
    /// @param maxTier_ Most transfers between the first creditor and a holder.
    /// @param minAcceptanceWindow_ Least time an assignee or factor gets, seconds.
    constructor(
        IParticipants participants_,
        IFingerprints fingerprints_,
        uint40 maxTenor_,
        uint8 maxTier_,
        uint40 minAcceptanceWindow_
    ) {
        participants = participants_;
        fingerprints = fingerprints_;
        maxTenor = maxTenor_;
        maxTier = maxTier_;
        minAcceptanceWindow = minAcceptanceWindow_;
    }

    /// @inheritdoc IReceivables
    function register(Terms calldata terms, bytes32[] calldata claims) external returns (uint192 receivableId) {
        _requireParty(terms.creditor, Roles.SUPPLIER);
        participants.requireRoleOf(terms.debtor, Roles.DEBTOR);
        receivableId = _create(terms, claims, ReceivableState.Registered);
        emit ReceivableRegistered(receivableId, terms, claims);
    }

    /// @inheritdoc IReceivables
    function issue(Terms calldata terms, bytes32[] calldata claims) external returns (uint192 receivableId) {
        _requireParty(terms.debtor, Roles.DEBTOR);
        participants.requireRoleOf(terms.creditor, Roles.SUPPLIER);
        receivableId = _create(terms, claims, ReceivableState.Confirmed);
        emit ReceivableIssued(receivableId, terms, claims);
        _openFirstNote(receivableId);
    }

    /// @inheritdoc IReceivables
    function confirm(uint192 receivableId) external {
        _moveReceivable(receivableId, ReceivableState.Confirmed);
        Receivable storage receivable = _receivables[receivableId];
        _requireReceivableParty(receivableId, receivable.debtor, Roles.DEBTOR);
        if (block.timestamp >= receivable.maturity) {
            revert TermsMaturityInvalid(receivable.maturity, block.timestamp + 1, block.timestamp + maxTenor);
        }
        emit ReceivableConfirmed(receivableId);
        _openFirstNote(receivableId);
    }

    /// @inheritdoc IReceivables
    function reject(
        uint192 receivableId,
        bytes32 contentCommitment,
        bytes32[] calldata claims,
        bytes32 reason
    ) external {
        _moveReceivable(receivableId, ReceivableState.Rejected);
        _requireReceivableParty(receivableId, _receivables[receivableId].debtor, Roles.DEBTOR);
        _releaseClaims(receivableId, contentCommitment, claims);
        emit ReceivableRejected(receivableId, reason);
    }

    /// @inheritdoc IReceivables
    function withdraw(uint192 receivableId, bytes32 contentCommitment, bytes32[] calldata claims) external {
        _moveReceivable(receivableId, ReceivableState.Withdrawn);
        _requireReceivableParty(receivableId, _receivables[receivableId].creditor, Roles.SUPPLIER);
        _releaseClaims(receivableId, contentCommitment, claims);
        emit ReceivableWithdrawn(receivableId);
    }

    /// @inheritdoc IReceivables
    function transfer(
        uint256 noteId,
        uint64 amount,
        uint32 assignee,
        uint40 deadline,
        bytes32 tradeDocument
    ) external returns (uint256 offeredId) {
        Note memory note = _requireState(noteId, NoteState.Live);
        _requireNoteParty(noteId, note.holder, _HOLDERS);
        _requireCounterparty(noteId, note.holder, assignee, _HOLDERS);
        if (note.tier >= maxTier) revert NoteTierExceeded(noteId, note.tier + 1, maxTier);
        offeredId = _commit(noteId, note, amount, assignee, deadline, NoteState.Offered);
        emit NoteOffered(offeredId, noteId, note.end, note.holder, assignee, deadline, tradeDocument);
    }

    /// @inheritdoc IReceivables
    function accept(uint256 noteId) external {
        Note memory note = _takeByCounterparty(noteId, NoteState.Offered, _HOLDERS);
        note.tier += 1;
        _write(noteId, note, NoteState.Live);
        emit NoteAccepted(noteId, note.holder, note.assignor, note.tier);
    }

    /// @inheritdoc IReceivables
    function refuse(uint256 noteId, bytes32 reason) external {
        Note memory note = _requireState(noteId, NoteState.Offered);
        _requireNoteParty(noteId, note.counterparty, _HOLDERS);
        _free(noteId, note);
        emit NoteRefused(noteId, reason);
    }

    /// @inheritdoc IReceivables
    function recall(uint256 noteId) external {
        Note memory note = _requireState(noteId, NoteState.Offered);
        _requireNoteParty(noteId, note.holder, _HOLDERS);
        _free(noteId, note);
        emit NoteRecalled(noteId);
    }

    /// @inheritdoc IReceivables
    function lock(
        uint256 noteId,
        uint64 amount,
        uint32 factor,
        uint40 deadline,
        bytes32 quote
    ) external returns (uint256 lockedId) {
        Note memory note = _requireState(noteId, NoteState.Live);
        _requireNoteParty(noteId, note.holder, _HOLDERS);
        _requireCounterparty(noteId, note.holder, factor, Roles.FACTOR);
        lockedId = _commit(noteId, note, amount, factor, deadline, NoteState.Locked);
        emit NoteLocked(lockedId, noteId, note.end, note.holder, factor, deadline, quote);
    }

    /// @inheritdoc IReceivables
    function unlock(uint256 noteId) external {
        Note memory note = _requireState(noteId, NoteState.Locked);
        uint32 caller = participants.requireRole(msg.sender, _HOLDERS);
        if (caller != note.counterparty) {
            if (caller != note.holder) revert NotePartyMismatch(noteId, caller, note.counterparty);
            if (block.timestamp <= note.deadline) {
                revert NoteDeadlinePending(noteId, block.timestamp, note.deadline);
            }
        }
        _free(noteId, note);
        emit NoteUnlocked(noteId);
    }

    /// @inheritdoc IReceivables
    function finance(uint256 noteId, bytes32 disbursement) external {
        Note memory note = _takeByCounterparty(noteId, NoteState.Locked, Roles.FACTOR);
        _write(noteId, note, NoteState.Live);
        emit NoteFinanced(noteId, note.holder, note.assignor, disbursement);
    }

    /// @inheritdoc IReceivables
    function settle(uint256 noteId, bytes32 payment) external {
        Note memory note = _notes[noteId];
        NoteStates.requireEdge(noteId, note.state, NoteState.Settled);
        participants.requireRole(msg.sender, Roles.CLEARING);
        uint192 receivableId = Spans.receivableIdOf(noteId);
        Receivable storage receivable = _receivables[receivableId];
        if (block.timestamp < receivable.maturity) {
            revert NoteNotMatured(noteId, block.timestamp, receivable.maturity);
        }
        note.counterparty = 0;
        note.deadline = 0;
        _write(noteId, note, NoteState.Settled);
        uint64 amount = note.end - Spans.startOf(noteId);
        receivable.settled += amount;
        emit NoteSettled(noteId, note.holder, amount, payment);
        if (receivable.settled == receivable.amount) {
            _moveReceivable(receivableId, ReceivableState.Settled);
            emit ReceivableSettled(receivableId);
        }
    }

    /// @inheritdoc IReceivables
    function receivableOf(uint192 receivableId) external view returns (Receivable memory) {
        return _receivables[receivableId];
    }

    /// @inheritdoc IReceivables
    function noteOf(uint256 noteId) external view returns (Note memory) {
        return _notes[noteId];
    }

    /// @inheritdoc IReceivables
    function receivableIdOf(Terms memory terms, bytes32[] calldata claims) public pure returns (uint192) {
        return uint192(uint256(keccak256(abi.encode(terms, claims))));
    }

    uint16 private constant _HOLDERS = Roles.SUPPLIER | Roles.FACTOR | Roles.DEBTOR;

    function _create(
        Terms calldata terms,
        bytes32[] calldata claims,
        ReceivableState state
    ) private returns (uint192 receivableId) {
        if (terms.amount == 0 || terms.amount > Spans.AMOUNT_MAX) {
            revert TermsAmountInvalid(terms.amount, Spans.AMOUNT_MAX);
        }
        if (terms.creditor == terms.debtor) revert TermsPartiesEqual(terms.debtor);
        if (terms.currency == 0) revert TermsCurrencyMissing();
        if (terms.maturity <= block.timestamp || terms.maturity > block.timestamp + maxTenor) {
            revert TermsMaturityInvalid(terms.maturity, block.timestamp + 1, block.timestamp + maxTenor);
        }
        if (claims.length == 0 || claims.length > MAX_FINGERPRINTS) {
            revert TermsFingerprintsInvalid(claims.length, MAX_FINGERPRINTS);
        }
        receivableId = receivableIdOf(terms, claims);
        // Stricter than the edge alone: from {Registered} only {confirm} leads on.
        ReceivableState current = _receivables[receivableId].state;
        if (current != ReceivableState.None) {
            revert ReceivableStates.ReceivableTransitionForbidden(receivableId, current, state);
        }
        _receivables[receivableId] = Receivable({
            amount: terms.amount,
            settled: 0,
            creditor: terms.creditor,
            debtor: terms.debtor,
            maturity: terms.maturity,
            currency: terms.currency,
            state: state
        });
        for (uint256 i; i < claims.length; ++i) fingerprints.claim(claims[i], receivableId);
    }

    /// @dev Who frees must restate all the fingerprints: the id commits to them, so none can be left behind.
    function _releaseClaims(uint192 receivableId, bytes32 contentCommitment, bytes32[] calldata claims) private {
        Receivable storage receivable = _receivables[receivableId];
        uint192 presented = receivableIdOf(
            Terms({
                creditor: receivable.creditor,
                debtor: receivable.debtor,
                amount: receivable.amount,
                currency: receivable.currency,
                maturity: receivable.maturity,
                contentCommitment: contentCommitment
            }),
            claims
        );
        if (presented != receivableId) revert ReceivableTermsMismatch(receivableId, presented);
        for (uint256 i; i < claims.length; ++i) fingerprints.release(claims[i], receivableId);
    }

    function _openFirstNote(uint192 receivableId) private {
        Receivable storage receivable = _receivables[receivableId];
        uint256 noteId = Spans.noteIdOf(receivableId, 0);
        Note memory note;
        note.end = receivable.amount;
        note.holder = receivable.creditor;
        _write(noteId, note, NoteState.Live);
        emit NoteOpened(noteId, note.end, note.holder);
    }

    /// @dev Binds `amount` off the end of a live note to a counterparty, cutting the note when a rest stays.
    function _commit(
        uint256 noteId,
        Note memory note,
        uint64 amount,
        uint32 counterparty,
        uint40 deadline,
        NoteState state
    ) private returns (uint256 committedId) {
        uint64 start = Spans.startOf(noteId);
        uint64 end = note.end;
        if (amount == 0 || amount > end - start) revert NoteAmountInvalid(noteId, amount, end - start);
        uint40 maturity = _requireNotMatured(noteId);
        if (deadline < block.timestamp + minAcceptanceWindow || deadline > maturity) {
            revert NoteDeadlineInvalid(noteId, deadline, block.timestamp + minAcceptanceWindow, maturity);
        }
        committedId = noteId;
        if (amount < end - start) {
            uint64 cut = Spans.cutStart(end, amount);
            // The rest shrinks before the piece opens, so no state ever shows the value twice (N1).
            _notes[noteId].end = cut;
            committedId = Spans.noteIdOf(Spans.receivableIdOf(noteId), cut);
        }
        note.counterparty = counterparty;
        note.deadline = deadline;
        _write(committedId, note, state);
    }

    /// @dev The named counterparty becomes the holder, in time; the caller writes the note.
    function _takeByCounterparty(uint256 noteId, NoteState from, uint16 roles) private view returns (Note memory note) {
        note = _requireState(noteId, from);
        _requireNoteParty(noteId, note.counterparty, roles);
        _requireNotMatured(noteId);
        if (block.timestamp > note.deadline) revert NoteDeadlinePassed(noteId, block.timestamp, note.deadline);
        note.assignor = note.holder;
        note.holder = note.counterparty;
        note.counterparty = 0;
        note.deadline = 0;
    }

    function _free(uint256 noteId, Note memory note) private {
        note.counterparty = 0;
        note.deadline = 0;
        _write(noteId, note, NoteState.Live);
    }

    /// @dev The only function that writes a note's state.
    function _write(uint256 noteId, Note memory note, NoteState to) private {
        NoteStates.requireEdge(noteId, _notes[noteId].state, to);
        note.state = to;
        _notes[noteId] = note;
    }

    /// @dev The only function that changes a receivable's state after {_create}.
    function _moveReceivable(uint192 receivableId, ReceivableState to) private {
        Receivable storage receivable = _receivables[receivableId];
        if (receivable.state == ReceivableState.None) {
            revert ReceivableStates.ReceivableTransitionForbidden(receivableId, ReceivableState.None, to);
        }
        ReceivableStates.requireEdge(receivableId, receivable.state, to);
        receivable.state = to;
    }

    /// @dev Stricter than an edge of the table, where {Live} is reached from several states and a piece just cut opens
    /// offered or locked: each function starts from one state, and the refusal names it.
    function _requireState(uint256 noteId, NoteState required) private view returns (Note memory note) {
        note = _notes[noteId];
        if (note.state != required) revert NoteStates.NoteTransitionForbidden(noteId, note.state, required);
    }

    function _requireNotMatured(uint256 noteId) private view returns (uint40 maturity) {
        maturity = _receivables[Spans.receivableIdOf(noteId)].maturity;
        if (block.timestamp >= maturity) revert NoteMatured(noteId, block.timestamp, maturity);
    }

    /// @dev The debtor of the receivable can't come to hold its own debt: that would be a payment, not a transfer.
    function _requireCounterparty(uint256 noteId, uint32 holder, uint32 counterparty, uint16 roles) private view {
        if (counterparty == holder || counterparty == _receivables[Spans.receivableIdOf(noteId)].debtor) {
            revert NoteCounterpartyInvalid(noteId, counterparty);
        }
        participants.requireRoleOf(counterparty, roles);
    }

    function _requireParty(uint32 required, uint16 roles) private view {
        uint32 caller = participants.requireRole(msg.sender, roles);
        if (caller != required) revert TermsPartyMismatch(caller, required);
    }

    function _requireReceivableParty(uint192 receivableId, uint32 required, uint16 roles) private view {
        uint32 caller = participants.requireRole(msg.sender, roles);
        if (caller != required) revert ReceivablePartyMismatch(receivableId, caller, required);
    }

    function _requireNoteParty(uint256 noteId, uint32 required, uint16 roles) private view {
        uint32 caller = participants.requireRole(msg.sender, roles);
        if (caller != required) revert NotePartyMismatch(noteId, caller, required);
    }
}
