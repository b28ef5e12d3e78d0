// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {ReceivableState} from "../../../contracts/libraries/ReceivableStates.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {FinancingHandler} from "./FinancingHandler.sol";

/// @notice The part of the handler that settles, closes and freezes.
abstract contract SettlementHandler is FinancingHandler {
    function settle(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pickWhere(seed, _isPayable, NoteState.Live);
        _settle(seed, pick, _caller(seed, CLEARING), _drawAmount(seed, pick));
    }

    /// @notice The clearing agent settles every open note of a matured receivable by itself, so that it can be closed.
    function settleEach(uint256 seed) external {
        seed = _mixed(seed);
        // Half are left to be settled in another way.
        if (seed % 2 == 0) return;
        uint256 index = (seed >> 8) % _claimed.length;
        bool isDue = _claimed[index].state == ReceivableState.Confirmed && _isMatured(index);
        for (uint64 start; isDue && start < _claimed[index].terms.amount;) {
            Pick memory pick = _pickAt(index, start);
            start = pick.end;
            if (_isOpen(pick.unit.state)) _settle(seed, pick, _accountOf(CLEARING), pick.end - pick.start);
        }
    }

    function settleReceivable(uint256 seed) external {
        seed = _mixed(seed);
        // Three of four are left to be settled note by note.
        if (seed % 4 != 0) return;
        (Pick memory pick, Claimed memory claimed) = _pickReceivable(seed >> 2, ReceivableState.Confirmed);
        address caller = _caller(seed, CLEARING);
        Grounds memory grounds;
        _addReceivableState(grounds, claimed.state, ReceivableState.Confirmed, 2);
        _addRole(grounds, caller, Roles.CLEARING);
        _add(grounds, IReceivables.ReceivableNotMatured.selector, clock < claimed.terms.maturity, 9);
        bytes memory data = abi.encodeCall(IReceivables.settleReceivable, (pick.receivableId, bytes32(seed)));
        (bool isDone, ) = _attempt("settleReceivable", pick, caller, data, grounds);
        if (!isDone) return;
        _requireSameHolders(pick.index);
        _claimed[pick.index].state = ReceivableState.Settled;
        for (uint64 start; start < claimed.terms.amount;) {
            Pick memory note = _pickAt(pick.index, start);
            start = note.end;
            if (!_isOpen(note.unit.state)) continue;
            note.unit.state = NoteState.Settled;
            _store(note);
        }
    }

    function close(uint256 seed) external {
        seed = _mixed(seed);
        (Pick memory pick, Claimed memory claimed) = _pickReceivable(seed, ReceivableState.Confirmed);
        bool hasOpen;
        for (uint64 unit; unit < claimed.terms.amount; ++unit) {
            if (_isOpen(_units[pick.index][unit].state)) hasOpen = true;
        }
        Grounds memory grounds;
        _addReceivableState(grounds, claimed.state, ReceivableState.Confirmed, 2);
        _add(grounds, IReceivables.ReceivableNoteOpen.selector, hasOpen, 7);
        bytes memory data = abi.encodeCall(IReceivables.close, (pick.receivableId));
        (bool isDone, ) = _attempt("close", pick, _caller(seed, 0), data, grounds);
        if (!isDone) return;
        _requireSameHolders(pick.index);
        _claimed[pick.index].state = ReceivableState.Settled;
    }

    function freeze(uint256 seed) external {
        seed = _mixed(seed);
        // Most notes stay free, or nothing else could happen to them.
        if ((seed >> 250) % 8 < 3) return;
        Pick memory pick =
            (seed >> 184) % 3 == 0 ? _pickWhere(seed, _isTradeOffer, NoteState.Offered) : _pickOpen(seed);
        address caller = _caller(seed, uint32(REGULATOR + ((seed >> 88) % 2)));
        uint64 amount = _drawAmount(seed, pick);
        (uint40 until, uint32 escrow) = _drawFreeze(seed);
        bool isUntilWrong = until <= clock || until > clock + MAX_FREEZE;
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, !_isOpen(pick.unit.state));
        _addRole(grounds, caller, Roles.REGULATOR);
        _addOther(grounds, escrow, Roles.ALL);
        _addFrozen(grounds, pick);
        _add(grounds, IReceivables.NoteFreezeInvalid.selector, isUntilWrong, 5);
        _addAmount(grounds, pick, amount);
        bytes memory data = abi.encodeCall(IReceivables.freeze, (pick.noteId, amount, until, escrow, bytes32(seed)));
        (bool isDone, bytes memory answer) = _attempt("freeze", pick, caller, data, grounds);
        if (!isDone) return;
        _requireSameHolders(pick.index);
        bool isOfferCut = pick.unit.purpose == NotePurpose.TradeTransfer && amount != pick.end - pick.start;
        _cutOff(pick, amount);
        if (isOfferCut) {
            // The piece is live again; the rest goes on with the claim.
            done["freezeCutsTrade"]++;
            _unbind(pick, NoteState.Live);
        }
        if (abi.decode(answer, (uint256)) != pick.noteId) _breach(1, "another piece was frozen");
        pick.unit.frozenUntil = until;
        pick.unit.escrow = escrow;
        pick.unit.authority = _idOf(caller);
        _store(pick);
        IReceivables.Freeze memory order = pick.registry.freezeOf(pick.noteId);
        bool isKept = order.order == bytes32(seed) && order.escrow == escrow && order.authority == pick.unit.authority;
        if (!isKept) _breach(10, "another order was kept");
    }

    function unfreeze(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pickWhere(seed, _isFrozen, NoteState.Live);
        address caller = _caller(seed, pick.unit.frozenUntil == 0 ? REGULATOR : pick.unit.authority);
        bool isFrozen = _isOpen(pick.unit.state) && pick.unit.frozenUntil != 0;
        Grounds memory grounds;
        _addRole(grounds, caller, Roles.REGULATOR);
        _add(grounds, IReceivables.NoteFreezeMissing.selector, !isFrozen, 5);
        _add(grounds, PARTY_MISMATCH, isFrozen && _idOf(caller) != pick.unit.authority, 5);
        bytes memory data = abi.encodeCall(IReceivables.unfreeze, (pick.noteId, bytes32(seed)));
        (bool isDone, ) = _attempt("unfreeze", pick, caller, data, grounds);
        if (!isDone) return;
        _requireSameHolders(pick.index);
        pick.unit.frozenUntil = 0;
        _store(pick);
    }

    /// @dev What a neutral party did left every unit in the hands that the model had it in before (N8).
    function _requireSameHolders(uint256 index) private {
        Claimed storage claimed = _claimed[index];
        uint64 amount = claimed.terms.amount;
        for (uint64 start; start < amount;) {
            IReceivables.Note memory note = claimed.registry.noteOf((uint256(claimed.id) << 64) | start);
            if (note.end <= start || note.end > amount) return _breach(1, "a note leaves the span");
            for (; start < note.end; ++start) {
                if (_units[index][start].holder != note.holder) _breach(8, "a neutral party changed a holder");
            }
        }
    }

    function _settle(uint256 seed, Pick memory pick, address caller, uint64 amount) private {
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, !_isOpen(pick.unit.state));
        _addRole(grounds, caller, Roles.CLEARING);
        _addImmature(grounds, pick);
        _addAmount(grounds, pick, amount);
        bool isWhole = amount == pick.end - pick.start;
        bytes memory data = abi.encodeCall(IReceivables.settle, (pick.noteId, amount, bytes32(seed)));
        (bool isDone, bytes memory answer) = _attempt(isWhole ? "settle" : "settlePart", pick, caller, data, grounds);
        if (!isDone) return;
        _requireSameHolders(pick.index);
        _cutOff(pick, amount);
        if (abi.decode(answer, (uint256)) != pick.noteId) _breach(1, "another piece was settled");
        pick.unit.counterparty = _payeeOf(pick.unit);
        pick.unit.deadline = 0;
        pick.unit.frozenUntil = 0;
        pick.unit.purpose = NotePurpose.None;
        pick.unit.trade = 0;
        pick.unit.state = NoteState.Settled;
        _store(pick);
    }

    /// @dev An open note of whatever state.
    function _pickOpen(uint256 seed) private view returns (Pick memory) {
        NoteState[4] memory states = [NoteState.Live, NoteState.Offered, NoteState.Locked, NoteState.Pledged];
        return _pick(seed, states[(seed >> 80) % 4], NotePurpose.None);
    }

    function _isPayable(uint256 index, uint64 unit) private view returns (bool) {
        return _isOpen(_units[index][unit].state) && _isMatured(index);
    }

    function _isTradeOffer(uint256 index, uint64 unit) private view returns (bool) {
        return _units[index][unit].purpose == NotePurpose.TradeTransfer;
    }

    function _isFrozen(uint256 index, uint64 unit) private view returns (bool) {
        return _units[index][unit].frozenUntil > clock;
    }

    function _drawFreeze(uint256 seed) private view returns (uint40 until, uint32 escrow) {
        uint256 twist = (seed >> 112) % 20;
        until = clock + 1 + uint40((seed >> 144) % 60);
        escrow = uint32(1 + ((seed >> 128) % PARTICIPANTS));
        if (twist == 0) until = clock;
        else if (twist == 1) until = clock + MAX_FREEZE + 1;
        else if (twist == 2) escrow = PARTICIPANTS + 1;
        else if (twist == 3) escrow = 0;
    }
}
