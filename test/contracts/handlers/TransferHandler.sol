// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {ClaimReason} from "../../../contracts/libraries/ClaimWords.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {RegistrationHandler} from "./RegistrationHandler.sol";

/// @notice The part of the handler that transfers, merges and dilutes notes.
abstract contract TransferHandler is RegistrationHandler {
    /// @dev A ground that no refusal names: only a call that goes through against it counts.
    bytes4 private constant _NEVER_GIVEN = 0xffffffff;

    struct Offer {
        uint64 amount;
        uint32 counterparty;
        uint40 deadline;
        NotePurpose purpose;
        bytes32 document;
    }

    function transfer(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick =
            (seed >> 184) % 4 == 0
                ? _pickWhere(seed, _isDeep, NoteState.Live)
                : _pick(seed, NoteState.Live, NotePurpose.None);
        address caller = _caller(seed, pick.unit.holder);
        Offer memory offer = _drawTransfer(seed, pick);
        Grounds memory grounds = _groundsOfCommitment(pick, offer, caller, HOLDERS);
        bool isClaiming = offer.purpose == NotePurpose.TradeTransfer;
        bool isPurposeWrong = !isClaiming && (offer.purpose != NotePurpose.Transfer || _numberOf(pick.registry) == 2);
        _addPurpose(grounds, pick, isPurposeWrong);
        _add(grounds, IReceivables.NoteTierExceeded.selector, pick.unit.tier >= MAX_TIER, 6);
        bool isTaken = isClaiming && _claims[offer.document].claimant != 0;
        _add(grounds, IFingerprints.FingerprintAlreadyClaimed.selector, isTaken, 4);
        bool isEpochMissing = isClaiming && uint256(offer.document) >> 240 == 0;
        _add(grounds, IFingerprints.FingerprintEpochInvalid.selector, isEpochMissing, 4);
        (bool isDone, bytes memory answer) = _attempt(
            isClaiming ? "tradeTransfer" : "transfer",
            pick,
            caller,
            abi.encodeCall(
                IReceivables.transfer,
                (pick.noteId, offer.counterparty, offer.amount, offer.deadline, offer.purpose, offer.document)
            ),
            grounds
        );
        if (!isDone) return;
        _bind(pick, offer, NoteState.Offered, answer);
        if (!isClaiming) return;
        uint192 subject = _claimSubjectOf(pick);
        _claims[offer.document] = Claim(subject, pick.unit.holder, _numberOf(pick.registry), ClaimReason.TradeDocument);
        pick.unit.trade = uint8(uint256(offer.document));
        _store(pick);
    }

    function accept(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(
            seed,
            NoteState.Offered,
            seed >> 255 == 0 ? NotePurpose.Transfer : NotePurpose.TradeTransfer
        );
        address caller = _caller(seed, pick.unit.counterparty);
        Grounds memory grounds = _groundsOfTaking(pick, caller, NoteState.Offered, HOLDERS);
        NotePurpose purpose = pick.unit.purpose;
        _addPurpose(grounds, pick, purpose != NotePurpose.Transfer && purpose != NotePurpose.TradeTransfer);
        _addLate(grounds, pick);
        bytes memory data = abi.encodeCall(IReceivables.accept, (pick.noteId));
        (bool isDone, ) = _attempt("accept", pick, caller, data, grounds);
        if (!isDone) return;
        pick.unit.tier += 1;
        _hand(pick, false, false);
    }

    function refuse(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Offered, NotePurpose.None);
        _takeBack(seed, pick, pick.unit.counterparty, true);
    }

    function recall(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Offered, NotePurpose.None);
        _takeBack(seed, pick, pick.unit.holder, false);
    }

    function merge(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pickWhere(seed, _isMergeable, NoteState.Live);
        Pick memory next = _pickNext(seed, pick);
        address caller = _caller(seed, pick.unit.holder);
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Live);
        bool isForeign = next.receivableId != pick.receivableId;
        // The registry looks for the second note in the first one's receivable.
        _addState(grounds, next.unit.state, isForeign || next.unit.state != NoteState.Live);
        _addCaller(grounds, caller, HOLDERS, pick.unit.holder, PARTY_MISMATCH);
        _add(grounds, IReceivables.NotesUnlike.selector, isForeign || !_isLike(pick, next), 1);
        _addFrozen(grounds, pick);
        _add(grounds, IReceivables.NoteMatured.selector, clock >= pick.maturity, 9);
        bytes memory data = abi.encodeCall(IReceivables.merge, (pick.noteId, next.noteId));
        (bool isDone, ) = _attempt("merge", pick, caller, data, grounds);
        if (!isDone) return;
        pick.end = next.end;
        _store(pick);
    }

    function offerDilution(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Live, NotePurpose.None);
        address caller = _caller(seed, pick.unit.holder);
        Offer memory offer = Offer(
            _drawAmount(seed, pick),
            pick.debtor,
            _drawDeadline(seed, pick),
            NotePurpose.Dilution,
            0
        );
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Live);
        _addCaller(grounds, caller, Roles.SUPPLIER, pick.unit.holder, PARTY_MISMATCH);
        bool isSold = pick.unit.holder != pick.creditor || pick.unit.tier != 0 || pick.unit.assignor != 0;
        _add(grounds, IReceivables.NoteSold.selector, isSold, 11);
        _addFrozen(grounds, pick);
        _addAmount(grounds, pick, offer.amount);
        _addDeadline(grounds, pick, offer.deadline);
        bytes memory data = abi.encodeCall(
            IReceivables.offerDilution,
            (pick.noteId, offer.amount, offer.deadline, bytes32(seed))
        );
        (bool isDone, bytes memory answer) = _attempt("offerDilution", pick, caller, data, grounds);
        if (isDone) _bind(pick, offer, NoteState.Offered, answer);
    }

    function acceptDilution(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Offered, NotePurpose.Dilution);
        address caller = _caller(seed, pick.debtor);
        Grounds memory grounds = _groundsOfTaking(pick, caller, NoteState.Offered, Roles.DEBTOR);
        _addPurpose(grounds, pick, pick.unit.purpose != NotePurpose.Dilution);
        _addLate(grounds, pick);
        // What the model offers for dilution is the creditor's own, and to the debtor.
        _add(grounds, _NEVER_GIVEN, _idOf(caller) != pick.debtor || pick.unit.holder != pick.creditor, 11);
        bytes memory data = abi.encodeCall(IReceivables.acceptDilution, (pick.noteId));
        (bool isDone, ) = _attempt("acceptDilution", pick, caller, data, grounds);
        if (isDone) _unbind(pick, NoteState.Cancelled);
    }

    function _groundsOfTaking(
        Pick memory pick,
        address caller,
        NoteState from,
        uint16 roles
    ) internal view returns (Grounds memory grounds) {
        _addState(grounds, pick.unit.state, pick.unit.state != from);
        _addCaller(grounds, caller, roles, pick.unit.counterparty, PARTY_MISMATCH);
        _addFrozen(grounds, pick);
    }

    /// @dev What an offer to an assignee and a lock for a factor have in common.
    function _groundsOfCommitment(
        Pick memory pick,
        Offer memory offer,
        address caller,
        uint16 roles
    ) internal view returns (Grounds memory grounds) {
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Live);
        _addCaller(grounds, caller, HOLDERS, pick.unit.holder, PARTY_MISMATCH);
        _addOther(grounds, offer.counterparty, roles);
        _addFrozen(grounds, pick);
        _add(grounds, IReceivables.ReceivableDisputePending.selector, pick.isDisputed, 0);
        bool isOwn = offer.counterparty == pick.unit.holder || offer.counterparty == pick.debtor;
        _add(grounds, IReceivables.NoteCounterpartyInvalid.selector, isOwn, 3);
        _addAmount(grounds, pick, offer.amount);
        _addDeadline(grounds, pick, offer.deadline);
    }

    function _bind(Pick memory pick, Offer memory offer, NoteState to, bytes memory answer) internal {
        if (offer.amount < pick.end - pick.start) done["cut"]++;
        _cutOff(pick, offer.amount);
        pick.unit.counterparty = offer.counterparty;
        pick.unit.deadline = offer.deadline;
        pick.unit.purpose = offer.purpose;
        pick.unit.state = to;
        _store(pick);
        if (abi.decode(answer, (uint256)) != pick.noteId) _breach(1, "the piece starts where the model does not cut");
    }

    /// @dev The only place where a holder changes in the model.
    function _hand(Pick memory pick, bool hasRecourse, bool isAfterMaturity) internal {
        if (clock >= pick.maturity && !isAfterMaturity) _breach(9, "a holder changed after maturity");
        pick.unit.assignor = pick.unit.holder;
        pick.unit.holder = pick.unit.counterparty;
        pick.unit.hasRecourse = hasRecourse;
        for (uint64 unit = pick.start; unit < pick.end && isAfterMaturity; ++unit) {
            _holdersAtMaturity[pick.index][unit] = pick.unit.holder;
        }
        _unbind(pick, NoteState.Live);
    }

    function _takeBack(uint256 seed, Pick memory pick, uint32 entitled, bool isRefusal) private {
        address caller = _caller(seed, entitled);
        bytes32 claimed = pick.unit.trade == 0 ? bytes32(0) : fingerprintAt(pick.unit.trade - 1);
        bytes32 restated = claimed;
        uint256 twist = (seed >> 96) % 16;
        if (twist == 0) restated = 0;
        else if (twist < 3) restated = fingerprintAt(seed >> 104);
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Offered);
        _addCaller(grounds, caller, HOLDERS, entitled, PARTY_MISMATCH);
        _addFrozen(grounds, pick);
        bool hasClaimed = pick.unit.purpose == NotePurpose.TradeTransfer;
        _add(grounds, IReceivables.NoteTradeMismatch.selector, hasClaimed != (restated != 0), 4);
        Claim memory held = _claims[restated];
        bool isMismatch = held.subject != _claimSubjectOf(pick) || held.registry != _numberOf(pick.registry);
        _add(grounds, IFingerprints.FingerprintClaimMismatch.selector, hasClaimed && isMismatch, 4);
        (bool isDone, ) = _attempt(
            isRefusal ? "refuse" : "recall",
            pick,
            caller,
            isRefusal
                ? abi.encodeCall(IReceivables.refuse, (pick.noteId, restated, bytes32(seed)))
                : abi.encodeCall(IReceivables.recall, (pick.noteId, restated)),
            grounds
        );
        if (!isDone) return;
        if (hasClaimed) delete _claims[restated];
        _unbind(pick, NoteState.Live);
    }

    /// @dev To nobody but an assignee, most often; by the purpose that the version wants, most often.
    function _drawTransfer(uint256 seed, Pick memory pick) private view returns (Offer memory offer) {
        uint256 twist = (seed >> 112) % 32;
        offer.amount = _drawAmount(seed, pick);
        offer.deadline = _drawDeadline(seed, pick);
        offer.counterparty = uint32(SUPPLIER + ((seed >> 128) % (SECOND_FACTOR - 1)));
        bool isClaiming = _numberOf(pick.registry) == 2 || (seed >> 120) % 3 == 0;
        offer.purpose = isClaiming ? NotePurpose.TradeTransfer : NotePurpose.Transfer;
        offer.document = fingerprintAt(seed >> 160);
        // A free one three times out of four.
        for (uint256 i; i < FINGERPRINTS && (seed >> 176) % 4 != 0; ++i) {
            if (_claims[offer.document].claimant == 0) break;
            offer.document = fingerprintAt((seed >> 160) + i + 1);
        }
        if (twist == 0) offer.counterparty = pick.unit.holder;
        else if (twist == 1) offer.counterparty = pick.debtor;
        else if (twist == 2) offer.counterparty = PARTICIPANTS + 1;
        else if (twist == 3) offer.counterparty = CLEARING;
        else if (twist == 4) offer.purpose = NotePurpose((seed >> 170) % 8);
        else if (twist == 5) offer.document = bytes32(uint256(1));
    }

    /// @dev The neighbour behind, most often; else any note, of any receivable.
    function _pickNext(uint256 seed, Pick memory pick) private view returns (Pick memory next) {
        if (pick.isKnown && (seed >> 96) % 8 != 0) {
            next = _pickAt(pick.index, pick.end);
        } else {
            next = _pick(seed >> 32, NoteState.Live, NotePurpose.None);
            // The same receivable may have been withdrawn in the other version.
            if (next.receivableId == pick.receivableId) next = _pickAt(pick.index, next.start);
        }
    }

    /// @dev Passed on as often as the policy allows, or once at least.
    function _isDeep(uint256 index, uint64 unit) private view returns (bool) {
        return _units[index][unit].tier > 0 && _units[index][unit].state == NoteState.Live;
    }

    /// @dev The last unit of a note that is like the next one.
    function _isMergeable(uint256 index, uint64 unit) private view returns (bool) {
        if (unit + 1 >= _claimed[index].terms.amount) return false;
        Unit storage row = _units[index][unit];
        Unit storage next = _units[index][unit + 1];
        if (row.start == next.start || row.state != NoteState.Live || next.state != NoteState.Live) return false;
        return row.holder == next.holder && row.assignor == next.assignor && row.tier == next.tier;
    }

    function _isLike(Pick memory pick, Pick memory next) private pure returns (bool) {
        Unit memory a = pick.unit;
        Unit memory b = next.unit;
        return
            pick.end == next.start &&
            next.isKnown &&
            a.holder == b.holder &&
            a.assignor == b.assignor &&
            a.tier == b.tier &&
            a.hasRecourse == b.hasRecourse &&
            a.frozenUntil == b.frozenUntil;
    }

    function _claimSubjectOf(Pick memory pick) private pure returns (uint192) {
        return uint192(uint256(keccak256(abi.encode(pick.noteId, uint256(pick.unit.tier)))));
    }
}
