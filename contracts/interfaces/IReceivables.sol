// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "./IFingerprints.sol";
import {IParticipants} from "./IParticipants.sol";
import {NoteState} from "../libraries/NoteStates.sol";
import {NotePurpose, NoteWord} from "../libraries/NoteWords.sol";
import {ReceivableState} from "../libraries/ReceivableStates.sol";

/// @title IReceivables
/// @notice Receivables and their notes. A receivable is a debt of a fixed amount at maturity; once its debtor confirmed it,
/// it is the interval `[0, amount)` of its currency's minor units, and notes partition it: each is a span `[start, end)`
/// with one holder. Giving away a part cuts it off the end of a span. A note's id is `receivableId << 64 | start`, so it is
/// known before the transaction is mined, and a batch can split and then use the piece.
/// @dev The caller is the participant: accounts check signatures, this contract does not. It holds no money and no document
/// content. Amounts are in the currency's minor unit, times are unix seconds of block time, parties are participant
/// numbers. Hashes named after a document (reason, quote, disbursement, payment, …) are commitments that the evidence
/// opens; this contract never reads them.
///
/// A life: the creditor {register}s, the debtor {confirm}s; the holder {transfer}s, the assignee {accept}s; the holder
/// {lock}s a part for a factor, the factor {finance}s it; at maturity a clearing agent {settle}s each note or
/// {settleReceivable}s all at once; {close} ends what was settled note by note.
///
/// Every function that names a caller requires it to be an active participant with a role for the act, else a refusal of
/// {IParticipants}. "Holder" etc. is the participant number in the note. Refusals name what was presented and what is
/// required. After maturity no transfer, lock, merge or dilution: the pay-to statement is final from then on, but for a
/// {returnNote}.
interface IReceivables {
    /// @notice Bounds of a registry version, fixed at its creation.
    /// @param maxTenor Longest time to maturity at registration, at most 366 days, seconds.
    /// @param minAcceptanceWindow Least time that a counterparty gets, less than `maxTenor`, seconds.
    /// @param maxTier Most transfers between the first creditor and a holder, at least 1.
    /// @param requiresTradeClaim Every transfer has to claim its trade document: `Transfer` is refused, `TradeTransfer` only.
    struct Policy {
        uint40 maxTenor;
        uint40 minAcceptanceWindow;
        uint8 maxTier;
        bool requiresTradeClaim;
    }

    /// @notice What the parties agreed. The id of a receivable commits to it.
    /// @param maturity Unix seconds: from then on the debtor owes, and nothing is transferred any more.
    /// @param creditor Whom the debt is first owed to.
    /// @param debtor Who owes it.
    /// @param amount In minor units of the currency, from 1 to below 2^63.
    /// @param currency ISO 4217 number, e.g. 156 for CNY.
    /// @param contentCommitment Salted commitment to the document's content (see `domain/fingerprint`).
    struct Terms {
        uint40 maturity;
        uint32 creditor;
        uint32 debtor;
        uint64 amount;
        uint16 currency;
        bytes32 contentCommitment;
    }

    /// @notice A receivable as it is stored. All zero while it is only registered: see {stateOf}.
    /// @param amount As in {Terms}, and so the other terms; none ever changes.
    /// @param creditor Holder of the root note at its opening.
    /// @param debtor Who pays every note.
    /// @param maturity From then on it is due.
    /// @param currency ISO 4217 number.
    /// @param state Where it is in its life; never `Registered`.
    /// @param isDisputed The debtor disputes it: no new transfer and no new lock.
    struct Receivable {
        uint64 amount;
        uint32 creditor;
        uint32 debtor;
        uint40 maturity;
        uint16 currency;
        ReceivableState state;
        bool isDisputed;
    }

    /// @notice A note as of the newest block. Its start is in its id.
    /// @param end The span is `[start, end)`.
    /// @param holder Whose it is.
    /// @param counterparty Whom it waits for: assignee, debtor, assignor, factor or lender by its `purpose`. Of a note that was
    /// settled by itself: who was paid. Zero otherwise.
    /// @param assignor From whom the holder has it; zero for the first creditor.
    /// @param deadline Until when, that second included, the counterparty may act.
    /// @param frozenUntil Nothing but settlement moves it before that second; zero when no freeze is in force.
    /// @param tier Accepted transfers between the first creditor (0) and the holder.
    /// @param state Where it is in its life. `Settled`, too, when its receivable was settled at once.
    /// @param purpose What it waits for.
    /// @param hasRecourse The assignor answers for the debtor's payment.
    struct Note {
        uint64 end;
        uint32 holder;
        uint32 counterparty;
        uint32 assignor;
        uint40 deadline;
        uint40 frozenUntil;
        uint8 tier;
        NoteState state;
        NotePurpose purpose;
        bool hasRecourse;
    }

    /// @notice The newest freeze of a note.
    /// @param order Commitment to the court's order.
    /// @param escrow Participant that settlement goes to while the freeze is in force.
    /// @param authority Regulator who froze it, the only one who may lift it.
    struct Freeze {
        bytes32 order;
        uint32 escrow;
        uint32 authority;
    }

    /// @notice The creditor claims that the debtor owes this; the debtor has said nothing yet.
    event ReceivableRegistered(uint192 indexed receivableId, Terms terms, bytes32[] fingerprints);
    /// @notice Registered and confirmed by the debtor; opens the root note `[0, amount)` of the creditor.
    event ReceivableIssued(uint192 indexed receivableId, Terms terms, bytes32[] fingerprints);
    /// @notice Opens the root note `[0, amount)` of the creditor.
    event ReceivableConfirmed(uint192 indexed receivableId);
    /// @notice Final; the fingerprints are free.
    event ReceivableRejected(uint192 indexed receivableId, bytes32 reason);
    /// @notice Final; the fingerprints are free.
    event ReceivableWithdrawn(uint192 indexed receivableId);
    /// @notice From now on no new transfer and no new lock.
    event ReceivableDisputed(uint192 indexed receivableId, bytes32 reason);
    /// @notice Transfers and locks are possible again.
    event ReceivableDisputeLifted(uint192 indexed receivableId, bytes32 reason);
    /// @notice All notes that were open are settled by one payment: each to its payee of that moment, see {payeeOf}.
    event ReceivableSettled(uint192 indexed receivableId, bytes32 payment);
    /// @notice The last open note had been settled or cancelled.
    event ReceivableClosed(uint192 indexed receivableId);

    // A note's event carries the word that was stored: end, holder, counterparty, assignor, deadline, freeze, tier, state,
    // purpose and recourse as of now, laid out as {NoteWord} says. Where a piece was cut off, its note is the one that spanned
    // the piece's start; it now ends there and is otherwise unchanged.

    /// @notice Waits for its assignee.
    /// @param tradeDocument Commitment to the trade document, or its claimed fingerprint when the purpose is `TradeTransfer`.
    event NoteOffered(uint256 indexed noteId, NoteWord note, bytes32 tradeDocument);
    /// @notice The assignee is the holder; the tier is one deeper.
    event NoteAccepted(uint256 indexed noteId, NoteWord note);
    /// @notice The offer is over; the holder has it as before.
    event NoteRefused(uint256 indexed noteId, NoteWord note, bytes32 reason);
    /// @notice The offer is over; the holder has it as before.
    event NoteRecalled(uint256 indexed noteId, NoteWord note);
    /// @notice `mergedId` is gone; `note` now ends where that one did.
    event NotesMerged(uint256 indexed noteId, NoteWord note, uint256 mergedId);
    /// @notice Waits for the debtor's consent to cancel it.
    event NoteDilutionOffered(uint256 indexed noteId, NoteWord note, bytes32 creditNote);
    /// @notice The debtor consented: nobody owes it any more.
    event NoteCancelled(uint256 indexed noteId, NoteWord note);
    /// @notice Waits for one factor to finance it.
    event NoteLocked(uint256 indexed noteId, NoteWord note, bytes32 quote);
    /// @notice Not financed; the holder has it as before.
    event NoteUnlocked(uint256 indexed noteId, NoteWord note);
    /// @notice By assignment the factor is the holder now; by pledge it is the lender and the holder stays.
    event NoteFinanced(uint256 indexed noteId, NoteWord note, bytes32 disbursement);
    /// @notice The lender was repaid; the holder has it free of the pledge.
    event NoteReleased(uint256 indexed noteId, NoteWord note, bytes32 repayment);
    /// @notice The lender was not repaid and is the holder now.
    event NoteForeclosed(uint256 indexed noteId, NoteWord note);
    /// @notice Waits for the assignor to repay the factor.
    event NoteReturnOffered(uint256 indexed noteId, NoteWord note, bytes32 demand);
    /// @notice The assignor repaid the factor and is the holder again.
    event NoteReturned(uint256 indexed noteId, NoteWord note);
    /// @notice Until then nothing but settlement to the escrow moves it.
    event NoteFrozen(uint256 indexed noteId, NoteWord note, Freeze freeze);
    /// @notice Goes on where the freeze stopped it.
    event NoteUnfrozen(uint256 indexed noteId, NoteWord note, bytes32 order);
    /// @notice The counterparty is whom the payment went to: holder, lender or escrow.
    event NoteSettled(uint256 indexed noteId, NoteWord note, bytes32 payment);

    /// @notice Thrown at a version's creation for a bound that is itself out of bounds.
    error PolicyInvalid(uint256 presented, uint256 minimum, uint256 maximum);

    /// @notice Thrown at a caller that is not the receivable's debtor.
    error ReceivablePartyMismatch(uint192 receivableId, uint32 presented, uint32 required);
    /// @notice Thrown while the debtor disputes: at a transfer, a lock, and a second dispute.
    error ReceivableDisputePending(uint192 receivableId);
    /// @notice Thrown by {liftDispute} where nothing is disputed.
    error ReceivableDisputeMissing(uint192 receivableId);
    /// @notice Thrown by {settleReceivable} before the debt is due.
    error ReceivableNotMatured(uint192 receivableId, uint256 presented, uint40 maturity);
    /// @notice Thrown by {close}: that note is neither settled nor cancelled.
    error ReceivableNoteOpen(uint192 receivableId, uint256 noteId, NoteState presented);

    /// @notice Thrown at a registration of nothing, or of more than a span can hold.
    error TermsAmountInvalid(uint64 presented, uint64 maximum);
    /// @notice Thrown when the maturity has passed, or is further away than the policy's tenor.
    error TermsMaturityInvalid(uint40 presented, uint256 earliest, uint256 latest);
    /// @notice Thrown at a registration of a debt to oneself.
    error TermsPartiesEqual(uint32 participant);
    /// @notice Thrown at a caller that is not the party of the terms whose act it is.
    error TermsPartyMismatch(uint32 presented, uint32 required);
    /// @notice Thrown for a number that ISO 4217 can't have.
    error TermsCurrencyInvalid(uint16 presented, uint16 maximum);
    /// @notice Thrown for no fingerprint, or too many.
    error TermsFingerprintsInvalid(uint256 presented, uint256 maximum);

    /// @notice Thrown at a caller that is not the party of the note whose act it is.
    error NotePartyMismatch(uint256 noteId, uint32 presented, uint32 required);
    /// @notice Thrown for nothing, or more than the note's span.
    error NoteAmountInvalid(uint256 noteId, uint64 presented, uint64 available);
    /// @notice Thrown when a note is offered to its holder or to its debtor.
    error NoteCounterpartyInvalid(uint256 noteId, uint32 presented);
    /// @notice Thrown when the counterparty would have too little time, or more than there is.
    error NoteDeadlineInvalid(uint256 noteId, uint40 presented, uint256 earliest, uint256 latest);
    /// @notice Thrown at a counterparty that comes too late.
    error NoteDeadlinePassed(uint256 noteId, uint256 presented, uint40 required);
    /// @notice Thrown at a holder that would free its note while the factor has time left.
    error NoteDeadlinePending(uint256 noteId, uint256 presented, uint40 required);
    /// @notice Thrown at what ends with maturity.
    error NoteMatured(uint256 noteId, uint256 presented, uint40 maturity);
    /// @notice Thrown at what begins with maturity.
    error NoteNotMatured(uint256 noteId, uint256 presented, uint40 maturity);
    /// @notice Thrown at a transfer of a note that was passed on as often as the policy allows.
    error NoteTierExceeded(uint256 noteId, uint8 presented, uint8 maximum);
    /// @notice Thrown when a note waits for something else, or is given a purpose that this call does not serve.
    error NotePurposeMismatch(uint256 noteId, NotePurpose presented, NotePurpose required);
    /// @notice Thrown when the fingerprint that an offer claimed is not restated, or one that it did not claim is named.
    error NoteTradeMismatch(uint256 noteId, bytes32 presented);
    /// @notice Thrown by {returnNote}: the assignor does not answer for the payment.
    error NoteRecourseMissing(uint256 noteId);
    /// @notice Thrown by {merge} unless the two are neighbours and equal in all but their spans.
    error NotesUnlike(uint256 noteId, uint256 presented);
    /// @notice Thrown by {offerDilution} for a part that is the creditor's no more.
    error NoteSold(uint256 noteId, uint8 tier, uint32 assignor);
    /// @notice Thrown at whatever a freeze in force stops.
    error NoteFreezePending(uint256 noteId, uint40 until);
    /// @notice Thrown by {unfreeze} where no freeze is in force.
    error NoteFreezeMissing(uint256 noteId);
    /// @notice Thrown for a freeze that is over already, or longer than an order can last.
    error NoteFreezeInvalid(uint256 noteId, uint40 presented, uint256 earliest, uint256 latest);

    // Registration

    /// @notice The creditor registers a receivable and claims its fingerprints: once only, over all registries.
    /// @dev Requirements: the caller is `terms.creditor`, a supplier; the debtor is an active debtor and another party;
    /// amount, currency and maturity are within bounds; one to four fingerprints, each free; the same terms
    /// and fingerprints were never rejected or withdrawn. Emits {ReceivableRegistered}. Not guarded: that the document is
    /// genuine; the debtor's {confirm} says so.
    /// @return receivableId Commits to terms and fingerprints: who confirms it confirms them.
    function register(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId);

    /// @notice The debtor issues a receivable against itself: registered and confirmed in one step.
    /// @dev Requirements as {register}, with the caller being `terms.debtor` and the creditor an active supplier. Emits
    /// {ReceivableIssued}.
    function issue(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId);

    /// @notice The debtor promises to pay the amount at maturity to whoever holds the notes. Opens the root note.
    /// @dev Restates what was registered, so the debtor signs the terms themselves and not a hash of them. Requirements: the
    /// caller is `terms.debtor`; these terms and fingerprints are registered here; they have not matured. Emits
    /// {ReceivableConfirmed}.
    function confirm(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId);

    /// @notice The debtor refuses; frees the fingerprints. Final: the same receivable can't be registered again.
    /// @dev Requirements: the caller is `terms.debtor`; these terms and fingerprints are registered here. Emits
    /// {ReceivableRejected}.
    function reject(
        Terms calldata terms,
        bytes32[] calldata fingerprints,
        bytes32 reason
    ) external returns (uint192 receivableId);

    /// @notice The creditor takes an unconfirmed receivable back; frees the fingerprints. Final as {reject}.
    /// @dev Requirements: the caller is `terms.creditor`; these terms and fingerprints are registered here. Emits
    /// {ReceivableWithdrawn}.
    function withdraw(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId);

    /// @notice The debtor disputes a receivable it confirmed: no new transfer and no new lock until that is lifted. Offers
    /// and locks of before go on, and settlement is not stopped.
    /// @dev Requirements: the caller is the debtor; confirmed and not disputed. Emits {ReceivableDisputed}.
    function dispute(uint192 receivableId, bytes32 reason) external;

    /// @notice The debtor, or a regulator by order, lifts the dispute.
    /// @dev Requirements: confirmed and disputed. Emits {ReceivableDisputeLifted}.
    function liftDispute(uint192 receivableId, bytes32 reason) external;

    // Transfer

    /// @notice The holder offers `amount` off the end of its note to `assignee`.
    /// @dev Requirements: the caller is the holder; the note is live and not frozen; not matured, not disputed;
    /// `0 < amount ≤ span`; the assignee is an active supplier, factor or debtor other than the holder and the
    /// receivable's debtor; one more tier is allowed; the deadline leaves the acceptance window and is before maturity; the
    /// purpose is `Transfer`, or `TradeTransfer` with a fingerprint that is free. By policy only `TradeTransfer` is allowed.
    /// Emits {NoteOffered}.
    /// @param purpose `TradeTransfer` claims the trade document's fingerprint, so that no invoice backs two debts. The claim
    /// stays when the offer is accepted or settled and ends when it is refused or recalled.
    /// @param tradeDocument The fingerprint to claim, or for `Transfer` a commitment to the document.
    /// @return offeredId The note on offer: `noteId` itself when it is offered whole.
    function transfer(
        uint256 noteId,
        uint32 assignee,
        uint64 amount,
        uint40 deadline,
        NotePurpose purpose,
        bytes32 tradeDocument
    ) external returns (uint256 offeredId);

    /// @notice The assignee takes a note offered by {transfer}; its tier is one deeper.
    /// @dev Requirements: the caller is the assignee; not frozen; the deadline's second is the last. Emits {NoteAccepted}.
    function accept(uint256 noteId) external;

    /// @notice Whoever the offer is made to refuses it, for any purpose; the note is live again in the holder's hands.
    /// @dev Requirements: the caller is the counterparty; not frozen. Emits {NoteRefused}.
    /// @param tradeFingerprint What a `TradeTransfer` claimed, which is freed; zero for every other offer.
    function refuse(uint256 noteId, bytes32 tradeFingerprint, bytes32 reason) external;

    /// @notice The holder takes back an offer that was not accepted, lapsed or not.
    /// @dev Requirements: the caller is the holder; not frozen. Emits {NoteRecalled}.
    /// @param tradeFingerprint As in {refuse}.
    function recall(uint256 noteId, bytes32 tradeFingerprint) external;

    /// @notice The holder joins a note with the one that starts where it ends.
    /// @dev Requirements: the caller is the holder; both are live, not frozen and equal in all but their spans, so no history
    /// is lost; not matured. Emits {NotesMerged}. The second id is free again for a later cut at that place.
    function merge(uint256 noteId, uint256 nextId) external;

    /// @notice The creditor offers the debtor to cancel `amount` off the end of what it never sold, by a credit note (红字).
    /// @dev Requirements: the caller is the receivable's creditor and the holder; the note is live, not frozen, of tier 0 and
    /// came from nobody; not matured; amount and deadline as in {transfer}. A dispute does not stop it: it may end one.
    /// Emits {NoteDilutionOffered}.
    function offerDilution(
        uint256 noteId,
        uint64 amount,
        uint40 deadline,
        bytes32 creditNote
    ) external returns (uint256 offeredId);

    /// @notice The debtor consents: the note is cancelled for ever and owed no more.
    /// @dev Requirements: the caller is the debtor the offer is made to; not frozen; in time. Emits {NoteCancelled}.
    function acceptDilution(uint256 noteId) external;

    // Financing

    /// @notice The holder accepts a factor's quote: `amount` off the end of its note is locked for that factor, to be
    /// financed once and in the way that the holder signed here.
    /// @dev Requirements: the caller is the holder; the note is live and not frozen; not matured, not disputed; the factor is
    /// an active factor other than the holder and the debtor; amount and deadline as in {transfer}; `purpose` is
    /// `Assignment`, `RecourseAssignment` or `Pledge`. Emits {NoteLocked}.
    function lock(
        uint256 noteId,
        uint32 factor,
        uint64 amount,
        uint40 deadline,
        NotePurpose purpose,
        bytes32 quote
    ) external returns (uint256 lockedId);

    /// @notice The factor declines, or the holder frees its note once the lock has lapsed.
    /// @dev Requirements: the caller is the factor, or the holder after the deadline; not frozen. Emits {NoteUnlocked}.
    function unlock(uint256 noteId) external;

    /// @notice The factor has disbursed. By assignment it takes the note; by pledge it becomes the lender.
    /// @dev Requirements: the caller is the factor it is locked for; not frozen; in time. Emits {NoteFinanced}. Not guarded:
    /// that the money moved; `disbursement` commits to the proof.
    function finance(uint256 noteId, bytes32 disbursement) external;

    /// @notice The lender was repaid: the pledge ends and the holder's note is live again.
    /// @dev Requirements: the caller is the lender; not frozen. Emits {NoteReleased}.
    function release(uint256 noteId, bytes32 repayment) external;

    /// @notice The lender was not repaid: from maturity on it takes the note. The payee was the lender already.
    /// @dev Requirements: the caller is the lender; matured; not frozen. Emits {NoteForeclosed}.
    function foreclose(uint256 noteId) external;

    /// @notice A factor that took a note with recourse and was not paid offers it back to its assignor.
    /// @dev Requirements: the caller is the holder; the note is live with recourse and not frozen; matured; the deadline
    /// leaves the acceptance window and is within the longest tenor. Emits {NoteReturnOffered}.
    /// @param demand Commitment to the demand for repayment.
    function returnNote(uint256 noteId, uint40 deadline, bytes32 demand) external;

    /// @notice The assignor repaid the factor and has its note back, at its old tier.
    /// @dev Requirements: the caller is the assignor; not frozen; in time; not settled meanwhile. Emits {NoteReturned}. Not
    /// guarded: that the money moved.
    function acceptReturn(uint256 noteId) external;

    // Settlement

    /// @notice A clearing agent records that the debtor paid `amount` of this note to its payee; less than the span settles
    /// a piece off its end.
    /// @dev Requirements: the caller is a clearing agent; the note is in no final state; matured; `0 < amount ≤ span`.
    /// Neither dispute nor freeze stops it: a frozen note is paid to its escrow. What an offer claimed for its trade document
    /// stays claimed when the whole of it is settled before it was taken back. Emits {NoteSettled}. Not guarded: that the
    /// payment happened; `payment` commits to the entry of the bank statement.
    /// @return settledId The settled note: `noteId` itself when whole.
    function settle(uint256 noteId, uint64 amount, bytes32 payment) external returns (uint256 settledId);

    /// @notice A clearing agent records that the debtor paid every note that is still open, each to its payee: one write
    /// however many notes.
    /// @dev Requirements: the caller is a clearing agent; confirmed; matured. Emits {ReceivableSettled}.
    function settleReceivable(uint192 receivableId, bytes32 payment) external;

    /// @notice Closes the books once every note is settled or cancelled. Anyone may call it.
    /// @dev Requirements: confirmed; no note is open. Walks the spans: 2,100 gas each. Emits {ReceivableClosed}.
    function close(uint192 receivableId) external;

    // Freeze

    /// @notice A regulator freezes `amount` off the end of a note by a court's order.
    /// @dev Requirements: the caller is a regulator; the note is in no final state and not frozen; `0 < amount ≤ span`; the
    /// freeze ends later than now and within three years; the escrow is an active participant. Emits {NoteFrozen}. The
    /// piece keeps its state and its counterparty: an offer, lock or pledge goes on after the freeze if it is still in time.
    /// Only where it cuts an offer that claimed its trade document does the piece's offer end: the piece is live again in
    /// the holder's hands, and the rest goes on with the claim.
    /// @return frozenId The frozen note: `noteId` itself when whole.
    function freeze(
        uint256 noteId,
        uint64 amount,
        uint40 until,
        uint32 escrow,
        bytes32 order
    ) external returns (uint256 frozenId);

    /// @notice The regulator who froze it lifts the freeze before its end.
    /// @dev Requirements: the caller is that regulator; the freeze is in force. Emits {NoteUnfrozen}.
    /// @param order Commitment to the order that lifts it.
    function unfreeze(uint256 noteId, bytes32 order) external;

    // Views

    /// @notice The bounds of this registry version.
    function policy() external view returns (Policy memory);

    /// @notice The directory and the fingerprints that this version asks, and its number there.
    function peers() external view returns (IParticipants participants, IFingerprints fingerprints, uint8 number);

    /// @notice A confirmed, rejected, withdrawn or settled receivable.
    function receivableOf(uint192 receivableId) external view returns (Receivable memory);

    /// @notice State of the receivable of these terms, `Registered` included: that one is a claim on its fingerprints and
    /// nothing else, so it can only be asked with them.
    function stateOf(Terms calldata terms, bytes32[] calldata fingerprints) external view returns (ReceivableState);

    /// @notice A note; all zero when there is none of this id.
    function noteOf(uint256 noteId) external view returns (Note memory);

    /// @notice The newest freeze of a note, in force or not.
    function freezeOf(uint256 noteId) external view returns (Freeze memory);

    /// @notice Whom the debtor pays for this note if it pays now: the escrow of a freeze in force, else the lender of a
    /// pledge, else the holder. Zero for a note that is settled, cancelled or does not exist.
    function payeeOf(uint256 noteId) external view returns (uint32);

    /// @notice The notes of a receivable in the order of their spans, `limit` of them from the one that starts at `start`.
    /// @return ids Their ids. The last one ends at `next`, which is where to go on; `next` is the amount at the end.
    function notesOf(
        uint192 receivableId,
        uint64 start,
        uint256 limit
    ) external view returns (uint256[] memory ids, uint64 next);

    /// @notice Carries out several calls of the caller in one transaction, all or none.
    /// @dev A refusal of one comes back unchanged and undoes all. Ids are known beforehand, so nothing is returned.
    function multicall(bytes[] calldata calls) external;

    /// @notice The id that {register} gives these terms: `keccak256(abi.encode(terms, fingerprints))`, low 192 bits.
    function receivableIdOf(Terms calldata terms, bytes32[] calldata fingerprints) external pure returns (uint192);
}
