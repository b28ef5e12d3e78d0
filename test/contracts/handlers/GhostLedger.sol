// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParticipants} from "../../../contracts/interfaces/IParticipants.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NoteState, NoteStates} from "../../../contracts/libraries/NoteStates.sol";
import {ReceivableState} from "../../../contracts/libraries/ReceivableStates.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";
import {TestWorld} from "./TestWorld.sol";

/// @notice An independent second account of who holds what: one row for each minor unit, no span arithmetic.
/// @dev Also keeps which invariant a call broke. Number 0 stands for a rule that is none of N1 to N8.
abstract contract GhostLedger is TestWorld {
    /// @param start First unit of the note this unit belongs to.
    struct Unit {
        uint64 start;
        uint32 holder;
        uint32 counterparty;
        uint32 assignor;
        uint40 deadline;
        uint8 tier;
        NoteState state;
    }

    struct Claimed {
        uint192 id;
        ReceivableState state;
        IReceivables.Terms terms;
        bytes32[] fingerprints;
    }

    /// @notice A note that a call is about, as the model knows it. `isKnown` is false for an id never opened.
    struct Pick {
        uint256 index;
        uint256 noteId;
        uint64 start;
        uint64 end;
        bool isKnown;
        Unit unit;
        uint40 maturity;
        uint32 debtor;
    }

    /// @notice A reason to refuse a call: whether it holds now, and which invariant breaks when it is passed over.
    struct Ground {
        bytes4 refusal;
        bool isGiven;
        uint8 invariant_;
    }

    struct Grounds {
        Ground[24] list;
        uint256 count;
    }

    uint64 internal constant UNITS = 24;

    Claimed[] internal _claimed;
    mapping(uint256 index => Unit[UNITS]) internal _units;
    mapping(bytes32 fingerprint => address registry) internal _claimant;
    mapping(bytes32 fingerprint => uint192 subject) internal _subject;
    mapping(uint32 id => uint16 roles) internal _rolesOf;
    mapping(uint32 id => bool isSuspended) internal _isSuspended;
    mapping(uint256 noteId => bytes32 hash) public settledNoteHash;

    /// @notice The first breach of each invariant, in words; empty while it holds.
    string[9] public breach;
    /// @notice How often a call of this name went through.
    mapping(string call => uint256 times) public done;
    /// @notice How often a refusal was met and found justified.
    mapping(bytes4 refusal => uint256 times) public refused;
    uint40 public clock;

    function claimedCount() external view returns (uint256) {
        return _claimed.length;
    }

    function claimedAt(uint256 index) external view returns (Claimed memory) {
        return _claimed[index];
    }

    function unitAt(uint256 index, uint64 unit) external view returns (Unit memory) {
        return _units[index][unit];
    }

    function claimantOf(bytes32 fingerprint) external view returns (address, uint192) {
        return (_claimant[fingerprint], _subject[fingerprint]);
    }

    function _breach(uint8 number, string memory what) internal {
        if (bytes(breach[number]).length == 0) breach[number] = what;
    }

    function _add(Grounds memory grounds, bytes4 refusal, bool isGiven, uint8 number) internal pure {
        grounds.list[grounds.count++] = Ground(refusal, isGiven, number);
    }

    /// @dev A call may go through only when nothing spoke against it, and be refused only by a ground that is given.
    function _judge(string memory name, bool isDone, bytes memory answer, Grounds memory grounds) internal {
        bytes4 refusal = answer.length < 4 ? bytes4(0) : bytes4(answer);
        bool isJustified;
        for (uint256 i; i < grounds.count; ++i) {
            Ground memory ground = grounds.list[i];
            if (isDone && ground.isGiven)
                _breach(ground.invariant_, string.concat(name, " went through against a rule"));
            if (!isDone && ground.isGiven && ground.refusal == refusal) isJustified = true;
        }
        if (isDone) done[name]++;
        else if (isJustified) refused[refusal]++;
        else _breach(0, string.concat(name, " was refused without a ground"));
    }

    /// @param required The participant that alone may call; 0 when the role is enough.
    function _addCaller(
        Grounds memory grounds,
        address caller,
        uint16 roles,
        uint32 required,
        bytes4 mismatch
    ) internal view {
        uint32 id = _idOf(caller);
        uint8 number = _isNeutral(caller) ? 8 : 3;
        _add(grounds, IParticipants.ParticipantUnknown.selector, id == 0, number);
        _add(grounds, IParticipants.ParticipantNotActive.selector, _isSuspended[id], number);
        _add(grounds, IParticipants.ParticipantRoleMissing.selector, id != 0 && _rolesOf[id] & roles == 0, number);
        if (mismatch != 0) _add(grounds, mismatch, id != required, number);
    }

    function _addOther(Grounds memory grounds, uint32 id, uint16 roles) internal view {
        bool isKnown = id != 0 && id <= PARTICIPANTS;
        _add(grounds, IParticipants.ParticipantIdUnknown.selector, !isKnown, 0);
        _add(grounds, IParticipants.ParticipantNotActive.selector, _isSuspended[id], 0);
        _add(grounds, IParticipants.ParticipantRoleMissing.selector, isKnown && _rolesOf[id] & roles == 0, 0);
    }

    /// @dev What is broken when a call goes through from a wrong state: N2 for a final one, N5 for a locked span.
    function _addState(Grounds memory grounds, NoteState state, bool isWrong) internal pure {
        uint8 number =
            state == NoteState.Settled
                ? 2
                : state == NoteState.Locked
                    ? 5
                    : 3;
        _add(grounds, NoteStates.NoteTransitionForbidden.selector, isWrong, number);
    }

    function _idOf(address account) internal pure returns (uint32) {
        for (uint32 id = 1; id <= PARTICIPANTS; ++id) if (_accountOf(id) == account) return id;
        return 0;
    }

    function _isNeutral(address account) internal pure returns (bool) {
        return account == REGISTRAR || account == RELAYER || account == _accountOf(REGULATOR);
    }

    /// @dev Any note of the model, settled ones too; now and then an id that no note has.
    function _pick(uint256 seed) internal view returns (Pick memory pick) {
        if (_claimed.length == 0) {
            pick.noteId = 0xDEAD << 64;
            return pick;
        }
        pick.index = seed % _claimed.length;
        Claimed storage claimed = _claimed[pick.index];
        pick.maturity = claimed.terms.maturity;
        pick.debtor = claimed.terms.debtor;
        uint64 unit = uint64((seed >> 16) % claimed.terms.amount);
        Unit memory row = _units[pick.index][unit];
        if (row.state == NoteState.None || (seed >> 32) % 8 == 0) {
            // Unless a note happens to start here, this id was never opened.
            pick.start = unit;
        } else {
            pick.start = row.start;
        }
        pick.noteId = Spans.noteIdOf(claimed.id, pick.start);
        row = _units[pick.index][pick.start];
        pick.isKnown = row.state != NoteState.None && row.start == pick.start;
        pick.end = pick.start;
        if (!pick.isKnown) return pick;
        pick.unit = row;
        while (pick.end < claimed.terms.amount && _units[pick.index][pick.end].start == pick.start) pick.end++;
    }

    /// @dev Units `[from, to)` get the same row.
    function _assign(uint256 index, uint64 from, uint64 to, Unit memory row) internal {
        for (uint64 unit = from; unit < to; ++unit) _units[index][unit] = row;
    }
}
