// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {NoteState} from "../libraries/NoteStates.sol";
import {ReceivableState} from "../libraries/ReceivableStates.sol";

/// @title IReceivables
/// @notice Receivables and their notes. A note is a span `[start, end)` of the receivable's minor units; its id is
/// `receivableId << 64 | start`, so it is known before the transaction is mined.
/// @dev The caller is the participant: accounts check signatures, this contract does not. It holds no money and no
/// document content. Amounts are in the currency's minor unit, times are unix seconds, parties are participant numbers.
interface IReceivables {
    /// @notice What the parties agreed.
    /// @param currency ISO 4217 number, e.g. 156 for CNY.
    /// @param maturity Unix seconds.
    /// @param contentCommitment Salted commitment to the document's content (see `domain/fingerprint`).
    struct Terms {
        uint32 creditor;
        uint32 debtor;
        uint64 amount;
        uint16 currency;
        uint40 maturity;
        bytes32 contentCommitment;
    }

    /// @notice One storage word.
    /// @param settled Sum of the settled notes; equals `amount` when the books are closed (N7).
    struct Receivable {
        uint64 amount;
        uint64 settled;
        uint32 creditor;
        uint32 debtor;
        uint40 maturity;
        uint16 currency;
        ReceivableState state;
    }

    /// @notice One storage word. The start is in the id.
    /// @param counterparty Assignee of an offer, factor of a lock; zero otherwise.
    /// @param assignor From whom the holder has it; zero for the first creditor.
    /// @param deadline Until when the counterparty may act.
    /// @param tier Number of transfers between the first creditor (0) and the holder.
    struct Note {
        uint64 end;
        uint32 holder;
        uint32 counterparty;
        uint32 assignor;
        uint40 deadline;
        uint8 tier;
        NoteState state;
    }

    event ReceivableRegistered(uint192 indexed receivableId, Terms terms, bytes32[] fingerprints);
    event ReceivableIssued(uint192 indexed receivableId, Terms terms, bytes32[] fingerprints);
    event ReceivableConfirmed(uint192 indexed receivableId);
    event ReceivableRejected(uint192 indexed receivableId, bytes32 reason);
    event ReceivableWithdrawn(uint192 indexed receivableId);
    event ReceivableSettled(uint192 indexed receivableId);

    /// @notice The first note `[0, amount)`.
    event NoteOpened(uint256 indexed noteId, uint64 end, uint32 holder);
    /// @param fromNoteId The note it was cut from, which now ends where this one starts; itself when offered whole.
    event NoteOffered(
        uint256 indexed noteId,
        uint256 indexed fromNoteId,
        uint64 end,
        uint32 holder,
        uint32 assignee,
        uint40 deadline,
        bytes32 tradeDocument
    );
    event NoteAccepted(uint256 indexed noteId, uint32 holder, uint32 assignor, uint8 tier);
    event NoteRefused(uint256 indexed noteId, bytes32 reason);
    event NoteRecalled(uint256 indexed noteId);
    event NoteLocked(
        uint256 indexed noteId,
        uint256 indexed fromNoteId,
        uint64 end,
        uint32 holder,
        uint32 factor,
        uint40 deadline,
        bytes32 quote
    );
    event NoteUnlocked(uint256 indexed noteId);
    event NoteFinanced(uint256 indexed noteId, uint32 holder, uint32 assignor, bytes32 disbursement);
    event NoteSettled(uint256 indexed noteId, uint32 holder, uint64 amount, bytes32 payment);

    error ReceivableTermsMismatch(uint192 receivableId, uint192 presented);
    error ReceivablePartyMismatch(uint192 receivableId, uint32 presented, uint32 required);
    error TermsAmountInvalid(uint64 presented, uint64 maximum);
    error TermsMaturityInvalid(uint40 presented, uint256 earliest, uint256 latest);
    error TermsPartiesEqual(uint32 participant);
    error TermsPartyMismatch(uint32 presented, uint32 required);
    error TermsCurrencyMissing();
    error TermsFingerprintsInvalid(uint256 presented, uint256 maximum);

    error NotePartyMismatch(uint256 noteId, uint32 presented, uint32 required);
    error NoteAmountInvalid(uint256 noteId, uint64 presented, uint64 available);
    error NoteCounterpartyInvalid(uint256 noteId, uint32 presented);
    error NoteDeadlineInvalid(uint256 noteId, uint40 presented, uint256 earliest, uint256 latest);
    error NoteDeadlinePassed(uint256 noteId, uint256 presented, uint40 required);
    error NoteDeadlinePending(uint256 noteId, uint256 presented, uint40 required);
    error NoteMatured(uint256 noteId, uint256 presented, uint40 maturity);
    error NoteNotMatured(uint256 noteId, uint256 presented, uint40 maturity);
    error NoteTierExceeded(uint256 noteId, uint8 presented, uint8 maximum);

    /// @notice The creditor registers a receivable and claims its fingerprints.
    /// @dev Requirements: the caller is `terms.creditor`, a supplier; the debtor is an active debtor; amount, currency and
    /// maturity are within bounds; every fingerprint is free. The id commits to the terms: who confirms it confirms them.
    function register(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId);

    /// @notice The debtor issues a receivable against itself: registered and confirmed in one step.
    /// @dev Requirements as {register}, with the caller being `terms.debtor`.
    function issue(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId);

    /// @notice The debtor promises to pay the amount at maturity. Opens the first note, held by the creditor.
    function confirm(uint192 receivableId) external;

    /// @notice The debtor refuses; frees the fingerprints.
    /// @param contentCommitment and `fingerprints` as registered: together with the stored terms they must give the id.
    function reject(
        uint192 receivableId,
        bytes32 contentCommitment,
        bytes32[] calldata fingerprints,
        bytes32 reason
    ) external;

    /// @notice The creditor takes an unconfirmed receivable back; frees the fingerprints.
    function withdraw(uint192 receivableId, bytes32 contentCommitment, bytes32[] calldata fingerprints) external;

    /// @notice The holder offers `amount` off the end of its note to `assignee`.
    /// @dev Requirements: the note is live and not matured; `0 < amount ≤ span`; the assignee is an active supplier,
    /// factor or debtor other than the holder and the receivable's debtor; one more tier is allowed.
    /// @param tradeDocument Commitment to the document of the trade behind the transfer.
    /// @return offeredId The note on offer: `noteId` itself when it is offered whole.
    function transfer(
        uint256 noteId,
        uint64 amount,
        uint32 assignee,
        uint40 deadline,
        bytes32 tradeDocument
    ) external returns (uint256 offeredId);

    /// @notice The assignee takes an offered note, at the deadline's second at the latest and before maturity.
    function accept(uint256 noteId) external;

    /// @notice The assignee refuses; the note is live again in the assignor's hands.
    function refuse(uint256 noteId, bytes32 reason) external;

    /// @notice The holder takes back an offer that nobody accepted.
    function recall(uint256 noteId) external;

    /// @notice The holder accepts a factor's quote: `amount` off the end of its note is locked for that factor.
    /// @return lockedId As in {transfer}.
    function lock(
        uint256 noteId,
        uint64 amount,
        uint32 factor,
        uint40 deadline,
        bytes32 quote
    ) external returns (uint256 lockedId);

    /// @notice The factor declines, or the holder frees its note once the lock has lapsed.
    function unlock(uint256 noteId) external;

    /// @notice The factor has disbursed and takes the locked note by assignment: once.
    /// @param disbursement Commitment to the proof of payment.
    function finance(uint256 noteId, bytes32 disbursement) external;

    /// @notice A clearing agent records that the debtor paid this note's holder. Not before maturity.
    /// @param payment Commitment to the entry of the bank statement.
    function settle(uint256 noteId, bytes32 payment) external;

    function receivableOf(uint192 receivableId) external view returns (Receivable memory);

    function noteOf(uint256 noteId) external view returns (Note memory);

    /// @notice The id that {register} gives these terms: `keccak256(abi.encode(terms, fingerprints))`, low 192 bits.
    function receivableIdOf(Terms calldata terms, bytes32[] calldata fingerprints) external pure returns (uint192);
}
