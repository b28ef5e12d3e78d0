// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParticipants} from "../../../contracts/interfaces/IParticipants.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NoteState, NoteStates} from "../../../contracts/libraries/NoteStates.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {GhostLedger} from "./GhostLedger.sol";
import {vm} from "./Vm.sol";

/// @notice Holds the outcome of each call against the grounds that the model has to refuse it.
/// @dev Keeps which invariant a call broke. Number 0 stands for a rule that is none of N1 to N12.
abstract contract Judge is GhostLedger {
    /// @notice The reasons to refuse a call that hold now, each with the invariant that breaks when it is passed over.
    struct Grounds {
        bytes4[20] refusals;
        uint8[20] invariants;
        uint256 count;
    }

    bytes4 internal constant PARTY_MISMATCH = IReceivables.NotePartyMismatch.selector;

    /// @notice The first breach of each invariant, in words; empty while it holds.
    mapping(uint8 number => string) public breach;
    /// @notice How often a call of this name went through.
    mapping(string call => uint256 times) public done;
    /// @notice How often a refusal was met and found justified.
    mapping(bytes4 refusal => uint256 times) public refused;
    /// @notice Which receivable the last call changed, counted from 1; zero when it was refused or changed none.
    uint256 public touched;

    uint256 private _callCount;

    function _breach(uint8 number, string memory what) internal {
        if (bytes(breach[number]).length == 0) breach[number] = what;
    }

    function _add(Grounds memory grounds, bytes4 refusal, bool isGiven, uint8 number) internal pure {
        if (!isGiven) return;
        grounds.refusals[grounds.count] = refusal;
        grounds.invariants[grounds.count++] = number;
    }

    /// @dev A call may go through only when nothing spoke against it, and be refused only by a ground that is given.
    function _judge(string memory name, bool isDone, bytes memory answer, Grounds memory grounds) internal {
        if (isDone) {
            done[name]++;
            for (uint256 i; i < grounds.count; ++i) {
                _breach(grounds.invariants[i], string.concat(name, " went through against a rule"));
            }
            return;
        }
        bytes4 refusal = answer.length < 4 ? bytes4(0) : bytes4(answer);
        for (uint256 i; i < grounds.count; ++i) {
            if (grounds.refusals[i] != refusal) continue;
            refused[refusal]++;
            return;
        }
        _breach(0, string.concat(name, " was refused without a ground"));
    }

    /// @dev Calls the picked registry and judges. The receivable counts as touched when that changed it.
    function _attempt(
        string memory name,
        Pick memory pick,
        address caller,
        bytes memory data,
        Grounds memory grounds
    ) internal returns (bool isDone, bytes memory answer) {
        vm.warp(clock);
        vm.prank(caller);
        (isDone, answer) = address(pick.registry).call(data);
        _judge(name, isDone, answer, grounds);
        // What went through against a rule may not fit into the model: the breach is on record.
        if (isDone && grounds.count > 0) return (false, answer);
        if (isDone) touched = pick.index + 1;
    }

    /// @param required The participant that alone may call.
    function _addCaller(
        Grounds memory grounds,
        address caller,
        uint16 roles,
        uint32 required,
        bytes4 mismatch
    ) internal view {
        _addRole(grounds, caller, roles);
        _add(grounds, mismatch, _idOf(caller) != required, _isNeutral(caller) ? 8 : 3);
    }

    function _addRole(Grounds memory grounds, address caller, uint16 roles) internal view {
        uint32 id = _idOf(caller);
        uint8 number = _isNeutral(caller) ? 8 : 3;
        _add(grounds, IParticipants.ParticipantUnknown.selector, id == 0, number);
        _add(grounds, IParticipants.ParticipantNotActive.selector, _isSuspended[id], number);
        _add(grounds, IParticipants.ParticipantRoleMissing.selector, id != 0 && _rolesOf[id] & roles == 0, number);
    }

    function _addOther(Grounds memory grounds, uint32 id, uint16 roles) internal view {
        bool isKnown = id != 0 && id <= PARTICIPANTS;
        _add(grounds, IParticipants.ParticipantIdUnknown.selector, !isKnown, 0);
        _add(grounds, IParticipants.ParticipantNotActive.selector, _isSuspended[id], 0);
        _add(grounds, IParticipants.ParticipantRoleMissing.selector, isKnown && _rolesOf[id] & roles == 0, 0);
    }

    /// @dev What is broken when a call goes through from a wrong state: N2 for a final one, N5 for a bound span.
    function _addState(Grounds memory grounds, NoteState state, bool isWrong) internal pure {
        uint8 number = 3;
        if (state == NoteState.Settled || state == NoteState.Cancelled) number = 2;
        else if (state == NoteState.Locked || state == NoteState.Pledged) number = 5;
        _add(grounds, NoteStates.NoteTransitionForbidden.selector, isWrong, number);
    }

    function _addPurpose(Grounds memory grounds, Pick memory pick, bool isWrong) internal pure {
        uint8 number = pick.unit.purpose == NotePurpose.Dilution ? 11 : 3;
        _add(grounds, IReceivables.NotePurposeMismatch.selector, isWrong, number);
    }

    function _addFrozen(Grounds memory grounds, Pick memory pick) internal pure {
        _add(grounds, IReceivables.NoteFreezePending.selector, pick.unit.frozenUntil != 0, 5);
    }

    function _addAmount(Grounds memory grounds, Pick memory pick, uint64 amount) internal pure {
        bool isWrong = amount == 0 || amount > pick.end - pick.start;
        _add(grounds, IReceivables.NoteAmountInvalid.selector, isWrong, 1);
    }

    /// @dev The deadline of whatever has to be accepted before maturity.
    function _addDeadline(Grounds memory grounds, Pick memory pick, uint40 deadline) internal view {
        bool isMatured = clock >= pick.maturity;
        bool isWrong = deadline < clock + MIN_WINDOW || deadline >= pick.maturity;
        _add(grounds, IReceivables.NoteMatured.selector, isMatured, 9);
        _add(grounds, IReceivables.NoteDeadlineInvalid.selector, !isMatured && isWrong, 9);
    }

    function _addLate(Grounds memory grounds, Pick memory pick) internal view {
        uint8 number = clock >= pick.maturity ? 9 : 3;
        _add(grounds, IReceivables.NoteDeadlinePassed.selector, clock > pick.unit.deadline, number);
    }

    function _addImmature(Grounds memory grounds, Pick memory pick) internal view {
        _add(grounds, IReceivables.NoteNotMatured.selector, clock < pick.maturity, 9);
    }

    /// @dev The part of the span that a call is about: often the whole, now and then nothing or one too many.
    function _drawAmount(uint256 seed, Pick memory pick) internal pure returns (uint64 amount) {
        uint64 span = pick.end - pick.start;
        uint256 draw = (seed >> 96) % 16;
        if (draw == 0) return 0;
        if (draw == 1) return span + 1;
        return span == 0 || draw < 6 ? span : uint64(1 + ((seed >> 104) % span));
    }

    function _drawDeadline(uint256 seed, Pick memory pick) internal view returns (uint40) {
        uint40 earliest = clock + MIN_WINDOW;
        uint256 draw = (seed >> 136) % 24;
        if (draw == 0) return earliest - 1;
        if (draw == 1) return pick.maturity;
        if (draw == 2 || pick.maturity <= earliest) return earliest;
        if (draw == 3) return pick.maturity - 1;
        return earliest + uint40((seed >> 144) % (pick.maturity - earliest));
    }

    /// @dev The fuzzer loves small and repeated numbers; every draw here is a range of bits of its own.
    function _mixed(uint256 seed) internal returns (uint256) {
        touched = 0;
        return uint256(keccak256(abi.encode(seed, ++_callCount)));
    }

    /// @dev The entitled participant seven times out of eight, else anybody, neutral ones above all.
    function _caller(uint256 seed, uint32 entitled) internal pure returns (address) {
        uint256 draw = seed >> 224;
        if (entitled != 0 && draw % 8 != 0) return _accountOf(entitled);
        draw >>= 3;
        if (draw % 2 == 0) return [REGISTRAR, RELAYER, OUTSIDER, _accountOf(REGULATOR)][(draw >> 1) % 4];
        return _accountOf(uint32(1 + ((draw >> 1) % PARTICIPANTS)));
    }

    function _idOf(address account) internal pure returns (uint32) {
        uint160 number = uint160(account);
        return number > 0xA000 && number <= 0xA000 + PARTICIPANTS ? uint32(number - 0xA000) : 0;
    }

    function _isNeutral(address account) internal pure returns (bool) {
        uint32 id = _idOf(account);
        return id == 0 || id == REGULATOR || id == SECOND_REGULATOR || id == CLEARING;
    }
}
