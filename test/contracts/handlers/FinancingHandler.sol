// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {TransferHandler} from "./TransferHandler.sol";

/// @notice The part of the handler that locks, finances, forecloses and returns notes.
abstract contract FinancingHandler is TransferHandler {
    function lock(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Live, NotePurpose.None);
        address caller = _caller(seed, pick.unit.holder);
        Offer memory offer = _drawLock(seed, pick);
        Grounds memory grounds = _groundsOfCommitment(pick, offer, caller, Roles.FACTOR);
        _addPurpose(grounds, pick, offer.purpose < NotePurpose.Assignment);
        (bool isDone, bytes memory answer) = _attempt(
            "lock",
            pick,
            caller,
            abi.encodeCall(
                IReceivables.lock,
                (pick.noteId, offer.counterparty, offer.amount, offer.deadline, offer.purpose, bytes32(seed))
            ),
            grounds
        );
        if (isDone) _bind(pick, offer, NoteState.Locked, answer);
    }

    function unlock(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Locked, NotePurpose.None);
        address caller = _caller(seed, seed % 2 == 0 ? pick.unit.counterparty : pick.unit.holder);
        uint32 id = _idOf(caller);
        bool isHolder = id == pick.unit.holder && id != 0;
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Locked);
        _addRole(grounds, caller, HOLDERS);
        _add(grounds, PARTY_MISMATCH, !isHolder && id != pick.unit.counterparty, _isNeutral(caller) ? 8 : 3);
        bool isEarly = isHolder && clock <= pick.unit.deadline;
        _add(grounds, IReceivables.NoteDeadlinePending.selector, isEarly, 5);
        _addFrozen(grounds, pick);
        bytes memory data = abi.encodeCall(IReceivables.unlock, (pick.noteId));
        (bool isDone, ) = _attempt("unlock", pick, caller, data, grounds);
        if (isDone) _unbind(pick, NoteState.Live);
    }

    function finance(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Locked, NotePurpose.None);
        address caller = _caller(seed, pick.unit.counterparty);
        Grounds memory grounds = _groundsOfTaking(pick, caller, NoteState.Locked, Roles.FACTOR);
        _addLate(grounds, pick);
        NotePurpose purpose = pick.unit.purpose;
        bytes memory data = abi.encodeCall(IReceivables.finance, (pick.noteId, bytes32(seed)));
        (bool isDone, ) = _attempt(_nameOf(purpose), pick, caller, data, grounds);
        if (!isDone) return;
        if (purpose == NotePurpose.Pledge) {
            pick.unit.state = NoteState.Pledged;
            pick.unit.deadline = 0;
            _store(pick);
        } else {
            _hand(pick, purpose == NotePurpose.RecourseAssignment, false);
        }
    }

    function release(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Pledged, NotePurpose.None);
        address caller = _caller(seed, pick.unit.counterparty);
        Grounds memory grounds = _groundsOfTaking(pick, caller, NoteState.Pledged, Roles.FACTOR);
        bytes memory data = abi.encodeCall(IReceivables.release, (pick.noteId, bytes32(seed)));
        (bool isDone, ) = _attempt("release", pick, caller, data, grounds);
        if (isDone) _unbind(pick, NoteState.Live);
    }

    function foreclose(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pickWhere(seed, _isForeclosable, NoteState.Pledged);
        address caller = _caller(seed, pick.unit.counterparty);
        Grounds memory grounds = _groundsOfTaking(pick, caller, NoteState.Pledged, Roles.FACTOR);
        _addImmature(grounds, pick);
        uint32 payee = _payeeOf(pick.unit);
        bytes memory data = abi.encodeCall(IReceivables.foreclose, (pick.noteId));
        (bool isDone, ) = _attempt("foreclose", pick, caller, data, grounds);
        if (!isDone) return;
        _hand(pick, false, true);
        if (payee != _payeeOf(pick.unit)) _breach(10, "foreclosure changed the payee");
    }

    function returnNote(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pickWhere(seed, _isReturnable, NoteState.Live);
        address caller = _caller(seed, pick.unit.holder);
        uint40 deadline = clock + MIN_WINDOW + uint40((seed >> 144) % 100);
        uint256 twist = (seed >> 136) % 16;
        if (twist == 0) deadline = clock + MIN_WINDOW - 1;
        else if (twist == 1) deadline = clock + MAX_TENOR + 1;
        else if (twist == 2) deadline = clock + MAX_TENOR;
        bool isDeadlineWrong = deadline < clock + MIN_WINDOW || deadline > clock + MAX_TENOR;
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Live);
        _addCaller(grounds, caller, Roles.FACTOR, pick.unit.holder, PARTY_MISMATCH);
        _add(grounds, IReceivables.NoteRecourseMissing.selector, !pick.unit.hasRecourse, 9);
        _addFrozen(grounds, pick);
        _addImmature(grounds, pick);
        _add(grounds, IReceivables.NoteDeadlineInvalid.selector, isDeadlineWrong, 9);
        bytes memory data = abi.encodeCall(IReceivables.returnNote, (pick.noteId, deadline, bytes32(seed)));
        (bool isDone, ) = _attempt("returnNote", pick, caller, data, grounds);
        if (!isDone) return;
        pick.unit.counterparty = pick.unit.assignor;
        pick.unit.deadline = deadline;
        pick.unit.purpose = NotePurpose.Return;
        pick.unit.state = NoteState.Offered;
        _store(pick);
    }

    function acceptReturn(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed, NoteState.Offered, NotePurpose.Return);
        address caller = _caller(seed, pick.unit.counterparty);
        Grounds memory grounds = _groundsOfTaking(pick, caller, NoteState.Offered, HOLDERS);
        _addPurpose(grounds, pick, pick.unit.purpose != NotePurpose.Return);
        _add(grounds, IReceivables.NoteDeadlinePassed.selector, clock > pick.unit.deadline, 9);
        bytes memory data = abi.encodeCall(IReceivables.acceptReturn, (pick.noteId));
        (bool isDone, ) = _attempt("acceptReturn", pick, caller, data, grounds);
        if (isDone) _hand(pick, false, true);
    }

    function _drawLock(uint256 seed, Pick memory pick) private view returns (Offer memory offer) {
        uint256 twist = (seed >> 112) % 24;
        offer.amount = _drawAmount(seed, pick);
        offer.deadline = _drawDeadline(seed, pick);
        offer.counterparty = uint32(FACTOR + ((seed >> 128) % 2));
        offer.purpose = NotePurpose(uint256(uint8(NotePurpose.Assignment)) + ((seed >> 160) % 3));
        if (twist == 0) offer.counterparty = pick.unit.holder;
        else if (twist == 1) offer.counterparty = pick.debtor;
        else if (twist == 2) offer.counterparty = PARTICIPANTS + 1;
        else if (twist == 3) offer.counterparty = SECOND_SUPPLIER;
        else if (twist == 4) offer.purpose = NotePurpose((seed >> 170) % 5);
    }

    function _isReturnable(uint256 index, uint64 unit) private view returns (bool) {
        Unit storage row = _units[index][unit];
        return row.hasRecourse && row.state == NoteState.Live && _isMatured(index);
    }

    function _isForeclosable(uint256 index, uint64 unit) private view returns (bool) {
        return _units[index][unit].state == NoteState.Pledged && _isMatured(index);
    }

    function _nameOf(NotePurpose purpose) private pure returns (string memory) {
        if (purpose == NotePurpose.Pledge) return "financeByPledge";
        return purpose == NotePurpose.RecourseAssignment ? "financeWithRecourse" : "finance";
    }
}
