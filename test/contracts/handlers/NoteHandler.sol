// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {ReceivableState} from "../../../contracts/libraries/ReceivableStates.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";
import {GhostLedger} from "./GhostLedger.sol";
import {vm} from "./Vm.sol";

/// @notice The part of the handler that moves notes.
abstract contract NoteHandler is GhostLedger {
    uint16 private constant _HOLDERS = Roles.SUPPLIER | Roles.FACTOR | Roles.DEBTOR;
    bytes4 private constant _PARTY_MISMATCH = IReceivables.NotePartyMismatch.selector;

    uint256 private _callCount;

    function transfer(uint256 seed) external {
        seed = _mixed(seed);
        _bind(seed, NoteState.Offered);
    }

    function lock(uint256 seed) external {
        seed = _mixed(seed);
        _bind(seed, NoteState.Locked);
    }

    function accept(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed);
        address caller = _caller(seed, pick.unit.counterparty);
        Grounds memory grounds = _groundsOfTaking(pick, caller, NoteState.Offered, _HOLDERS);
        (bool isDone, bytes memory answer) = _call(caller, abi.encodeCall(IReceivables.accept, (pick.noteId)));
        _judge("accept", isDone, answer, grounds);
        if (!isDone) return;
        pick.unit.tier += 1;
        _hand(pick);
    }

    function finance(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed);
        address caller = _caller(seed, pick.unit.counterparty);
        Grounds memory grounds = _groundsOfTaking(pick, caller, NoteState.Locked, Roles.FACTOR);
        (bool isDone, bytes memory answer) = _call(
            caller,
            abi.encodeCall(IReceivables.finance, (pick.noteId, bytes32(seed)))
        );
        _judge("finance", isDone, answer, grounds);
        if (isDone) _hand(pick);
    }

    function refuse(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed);
        address caller = _caller(seed, pick.unit.counterparty);
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Offered);
        _addCaller(grounds, caller, _HOLDERS, pick.unit.counterparty, _PARTY_MISMATCH);
        (bool isDone, bytes memory answer) = _call(
            caller,
            abi.encodeCall(IReceivables.refuse, (pick.noteId, bytes32(seed)))
        );
        _judge("refuse", isDone, answer, grounds);
        if (isDone) _free(pick);
    }

    function recall(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed);
        address caller = _caller(seed, pick.unit.holder);
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Offered);
        _addCaller(grounds, caller, _HOLDERS, pick.unit.holder, _PARTY_MISMATCH);
        (bool isDone, bytes memory answer) = _call(caller, abi.encodeCall(IReceivables.recall, (pick.noteId)));
        _judge("recall", isDone, answer, grounds);
        if (isDone) _free(pick);
    }

    function unlock(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed);
        address caller = _caller(seed, (seed >> 80) % 2 == 0 ? pick.unit.counterparty : pick.unit.holder);
        uint32 id = _idOf(caller);
        bool isHolder = id == pick.unit.holder && id != 0;
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Locked);
        _addCaller(grounds, caller, _HOLDERS, 0, 0);
        _add(grounds, _PARTY_MISMATCH, !isHolder && id != pick.unit.counterparty, _isNeutral(caller) ? 8 : 5);
        bool isEarly = isHolder && id != pick.unit.counterparty && clock <= pick.unit.deadline;
        _add(grounds, IReceivables.NoteDeadlinePending.selector, isEarly, 5);
        (bool isDone, bytes memory answer) = _call(caller, abi.encodeCall(IReceivables.unlock, (pick.noteId)));
        _judge("unlock", isDone, answer, grounds);
        if (isDone) _free(pick);
    }

    function settle(uint256 seed) external {
        seed = _mixed(seed);
        Pick memory pick = _pick(seed);
        address caller = _caller(seed, CLEARING);
        Grounds memory grounds;
        _addState(grounds, pick.unit.state, pick.unit.state == NoteState.None || pick.unit.state == NoteState.Settled);
        _addCaller(grounds, caller, Roles.CLEARING, 0, 0);
        _add(grounds, IReceivables.NoteNotMatured.selector, clock < pick.maturity, 7);
        (bool isDone, bytes memory answer) = _call(
            caller,
            abi.encodeCall(IReceivables.settle, (pick.noteId, bytes32(seed)))
        );
        _judge("settle", isDone, answer, grounds);
        if (!isDone) return;
        pick.unit.counterparty = 0;
        pick.unit.deadline = 0;
        pick.unit.state = NoteState.Settled;
        _assign(pick.index, pick.start, pick.end, pick.unit);
        settledNoteHash[pick.noteId] = keccak256(abi.encode(registry.noteOf(pick.noteId)));
        _settleReceivable(pick.index);
    }

    /// @dev Offers or locks. Most calls are legal but for one twist.
    function _bind(uint256 seed, NoteState to) private {
        Pick memory pick = _pick(seed);
        address caller = _caller(seed, pick.unit.holder);
        (uint64 amount, uint32 counterparty, uint40 deadline) = _drawTermsOfBinding(seed, pick, to);
        Grounds memory grounds = _groundsOfBinding(pick, to, amount, counterparty, deadline);
        _addCaller(grounds, caller, _HOLDERS, pick.unit.holder, _PARTY_MISMATCH);
        bytes memory data =
            to == NoteState.Offered
                ? abi.encodeCall(IReceivables.transfer, (pick.noteId, amount, counterparty, deadline, bytes32(seed)))
                : abi.encodeCall(IReceivables.lock, (pick.noteId, amount, counterparty, deadline, bytes32(seed)));
        (bool isDone, bytes memory answer) = _call(caller, data);
        _judge(to == NoteState.Offered ? "transfer" : "lock", isDone, answer, grounds);
        if (!isDone || amount > pick.end - pick.start) return;
        uint64 cut = pick.end - amount;
        if (amount < pick.end - pick.start) done["split"]++;
        pick.unit.start = cut;
        pick.unit.counterparty = counterparty;
        pick.unit.deadline = deadline;
        pick.unit.state = to;
        _assign(pick.index, cut, pick.end, pick.unit);
        if (abi.decode(answer, (uint256)) != Spans.noteIdOf(_claimed[pick.index].id, cut)) {
            _breach(1, "the piece starts where the model does not cut");
        }
    }

    function _drawTermsOfBinding(
        uint256 seed,
        Pick memory pick,
        NoteState to
    ) private view returns (uint64 amount, uint32 counterparty, uint40 deadline) {
        uint256 twist = (seed >> 96) % 24;
        uint64 span = pick.end - pick.start;
        amount = span == 0 || (seed >> 104) % 3 == 0 ? span : uint64(1 + ((seed >> 112) % span));
        if (twist == 0) amount = 0;
        else if (twist == 1) amount = span + 1;
        counterparty = uint32(
            to == NoteState.Locked ? FACTOR + ((seed >> 128) % 2) : SUPPLIER + ((seed >> 128) % (SECOND_FACTOR - 1))
        );
        if (twist == 2) counterparty = pick.unit.holder;
        else if (twist == 3) counterparty = pick.debtor;
        else if (twist == 4) counterparty = PARTICIPANTS + 1;
        else if (twist == 5) counterparty = CLEARING;
        uint40 earliest = clock + MIN_WINDOW;
        deadline =
            pick.maturity > earliest ? earliest + uint40((seed >> 136) % (pick.maturity - earliest + 1)) : earliest;
        if (twist == 6) deadline = earliest - 1;
        else if (twist == 7) deadline = pick.maturity + 1;
        else if (twist == 8) deadline = earliest;
        else if (twist == 9) deadline = pick.maturity;
    }

    function _groundsOfBinding(
        Pick memory pick,
        NoteState to,
        uint64 amount,
        uint32 counterparty,
        uint40 deadline
    ) private view returns (Grounds memory grounds) {
        _addState(grounds, pick.unit.state, pick.unit.state != NoteState.Live);
        bool isOwn = counterparty == pick.unit.holder || counterparty == pick.debtor;
        _add(grounds, IReceivables.NoteCounterpartyInvalid.selector, isOwn, 0);
        _addOther(grounds, counterparty, to == NoteState.Offered ? _HOLDERS : Roles.FACTOR);
        bool isTooDeep = to == NoteState.Offered && pick.unit.tier + 1 > MAX_TIER;
        _add(grounds, IReceivables.NoteTierExceeded.selector, isTooDeep, 6);
        bool isAmountWrong = amount == 0 || amount > pick.end - pick.start;
        _add(grounds, IReceivables.NoteAmountInvalid.selector, isAmountWrong, 1);
        _add(grounds, IReceivables.NoteMatured.selector, clock >= pick.maturity, 0);
        bool isDeadlineWrong = deadline < clock + MIN_WINDOW || deadline > pick.maturity;
        _add(grounds, IReceivables.NoteDeadlineInvalid.selector, isDeadlineWrong, 0);
    }

    function _groundsOfTaking(
        Pick memory pick,
        address caller,
        NoteState from,
        uint16 roles
    ) private view returns (Grounds memory grounds) {
        _addState(grounds, pick.unit.state, pick.unit.state != from);
        _addCaller(grounds, caller, roles, pick.unit.counterparty, _PARTY_MISMATCH);
        _add(grounds, IReceivables.NoteMatured.selector, clock >= pick.maturity, 0);
        _add(grounds, IReceivables.NoteDeadlinePassed.selector, clock > pick.unit.deadline, 0);
    }

    function _hand(Pick memory pick) private {
        pick.unit.assignor = pick.unit.holder;
        pick.unit.holder = pick.unit.counterparty;
        _free(pick);
    }

    function _free(Pick memory pick) private {
        pick.unit.counterparty = 0;
        pick.unit.deadline = 0;
        pick.unit.state = NoteState.Live;
        _assign(pick.index, pick.start, pick.end, pick.unit);
    }

    function _settleReceivable(uint256 index) private {
        uint64 amount = _claimed[index].terms.amount;
        for (uint64 unit; unit < amount; ++unit) if (_units[index][unit].state != NoteState.Settled) return;
        _claimed[index].state = ReceivableState.Settled;
        done["settleAll"]++;
    }

    /// @notice One of ten fingerprints of epoch 1: few, so that claims collide.
    function fingerprintAt(uint256 seed) public pure returns (bytes32) {
        return bytes32((uint256(1) << 240) | (1 + (seed % 10)));
    }

    /// @dev The fuzzer loves small and repeated numbers; every draw here is a range of bits of its own.
    function _mixed(uint256 seed) internal returns (uint256) {
        return uint256(keccak256(abi.encode(seed, ++_callCount)));
    }

    /// @dev The entitled participant three times out of four, else anybody, neutral ones above all.
    function _caller(uint256 seed, uint32 entitled) internal pure returns (address) {
        uint256 draw = seed >> 224;
        if (entitled != 0 && draw % 4 != 0) return _accountOf(entitled);
        draw >>= 2;
        if (draw % 2 == 0) return [REGISTRAR, RELAYER, OUTSIDER, _accountOf(REGULATOR)][(draw >> 1) % 4];
        return _accountOf(uint32(1 + ((draw >> 1) % PARTICIPANTS)));
    }

    function _call(address caller, bytes memory data) internal returns (bool isDone, bytes memory answer) {
        vm.warp(clock);
        vm.prank(caller);
        return address(registry).call(data);
    }
}
