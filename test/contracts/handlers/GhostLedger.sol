// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {Receivables} from "../../../contracts/Receivables.sol";
import {ClaimReason} from "../../../contracts/libraries/ClaimWords.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {ReceivableState} from "../../../contracts/libraries/ReceivableStates.sol";
import {TestWorld} from "./TestWorld.sol";

/// @notice An independent second account of who holds what: one row for each minor unit, no span arithmetic, no words.
abstract contract GhostLedger is TestWorld {
    /// @param start First unit of the note this unit belongs to.
    /// @param trade Which fingerprint the offer of this unit claimed, counted from 1; zero for none.
    struct Unit {
        uint64 start;
        uint32 holder;
        uint32 counterparty;
        uint32 assignor;
        uint40 deadline;
        uint40 frozenUntil;
        uint8 tier;
        NoteState state;
        NotePurpose purpose;
        bool hasRecourse;
        uint32 escrow;
        uint32 authority;
        uint8 trade;
    }

    struct Claimed {
        uint192 id;
        Receivables registry;
        ReceivableState state;
        bool isDisputed;
        IReceivables.Terms terms;
        bytes32[] fingerprints;
    }

    struct Claim {
        uint192 subject;
        uint32 claimant;
        uint8 registry;
        ClaimReason reason;
    }

    /// @notice A note that a call is about, as the model knows it. `isKnown` is false for an id never opened.
    struct Pick {
        uint256 index;
        Receivables registry;
        uint192 receivableId;
        uint256 noteId;
        uint64 start;
        uint64 end;
        bool isKnown;
        bool isDisputed;
        Unit unit;
        uint40 maturity;
        uint32 debtor;
        uint32 creditor;
    }

    uint64 internal constant UNITS = 12;
    uint8 public constant FINGERPRINTS = 12;

    Claimed[] internal _claimed;
    mapping(uint256 index => Unit[UNITS]) internal _units;
    mapping(bytes32 fingerprint => Claim) internal _claims;
    mapping(uint32 id => uint16 roles) internal _rolesOf;
    mapping(uint32 id => bool isSuspended) internal _isSuspended;
    mapping(uint256 index => mapping(uint64 start => bytes32)) internal _finalHashes;
    mapping(uint256 index => mapping(uint64 unit => uint32)) internal _holdersAtMaturity;
    mapping(uint256 index => bool) private _isMaturityNoted;
    uint40 public clock;

    function claimedCount() external view returns (uint256) {
        return _claimed.length;
    }

    function claimedAt(uint256 index) external view returns (Claimed memory) {
        return _claimed[index];
    }

    /// @notice The rows of a receivable, with freezes as of now.
    function unitsOf(uint256 index) external view returns (Unit[] memory rows) {
        rows = new Unit[](_claimed[index].terms.amount);
        if (!_isOpened(index)) return new Unit[](0);
        for (uint64 unit; unit < rows.length; ++unit) rows[unit] = _unitAt(index, unit);
    }

    /// @notice What the note that starts there was when it became final.
    function finalHashOf(uint256 index, uint64 start) external view returns (bytes32) {
        return _finalHashes[index][start];
    }

    /// @notice Who held that unit at maturity, or took it since by foreclosure or return.
    function holderAtMaturity(uint256 index, uint64 unit) external view returns (uint32) {
        return _holdersAtMaturity[index][unit];
    }

    function claimOf(bytes32 fingerprint) external view returns (Claim memory) {
        return _claims[fingerprint];
    }

    /// @notice One of the fingerprints of epoch 1: few, so that claims collide.
    function fingerprintAt(uint256 seed) public pure returns (bytes32) {
        return bytes32((uint256(1) << 240) | (1 + (seed % FINGERPRINTS)));
    }

    /// @notice A note as it stays for ever, whatever time it is: an order's end passes even for a settled note.
    function hashOf(IReceivables.Note memory note) public pure returns (bytes32) {
        note.frozenUntil = 0;
        return keccak256(abi.encode(note));
    }

    function _unitAt(uint256 index, uint64 unit) internal view returns (Unit memory row) {
        row = _units[index][unit];
        if (row.frozenUntil <= clock) row.frozenUntil = 0;
    }

    function _isOpened(uint256 index) internal view returns (bool) {
        ReceivableState state = _claimed[index].state;
        return state == ReceivableState.Confirmed || state == ReceivableState.Settled;
    }

    function _isOpen(NoteState state) internal pure returns (bool) {
        return state != NoteState.None && state != NoteState.Settled && state != NoteState.Cancelled;
    }

    /// @dev Whom the debtor pays: escrow, lender or holder.
    function _payeeOf(Unit memory row) internal pure returns (uint32) {
        if (row.frozenUntil != 0) return row.escrow;
        return row.state == NoteState.Pledged ? row.counterparty : row.holder;
    }

    function _numberOf(Receivables version) internal view returns (uint8) {
        return address(version) == address(registry) ? 1 : 2;
    }

    /// @dev Three times out of four a note in the wanted state and purpose if there is one, else any note, final ones too;
    /// now and then an id that no note has.
    function _pick(uint256 seed, NoteState state, NotePurpose purpose) internal view returns (Pick memory pick) {
        if ((seed >> 8) % 64 == 0) {
            pick.registry = registry;
            pick.receivableId = 0xDEAD;
            pick.noteId = uint256(0xDEAD) << 64;
            return pick;
        }
        uint256 count = _claimed.length;
        bool isAny = seed % 4 == 0;
        for (uint256 i; i < count; ++i) {
            uint256 index = ((seed >> 16) + i) % count;
            uint64 amount = _claimed[index].terms.amount;
            if (!isAny && !_isOpened(index)) continue;
            for (uint64 k; k < amount; ++k) {
                uint64 unit = uint64(((seed >> 32) + k) % amount);
                Unit storage row = _units[index][unit];
                bool isWanted = row.state == state && (purpose == NotePurpose.None || row.purpose == purpose);
                if (isAny || isWanted) return _pickAt(index, (seed >> 64) % 16 == 0 ? unit : row.start);
            }
        }
        return _pickAt((seed >> 16) % count, 0);
    }

    /// @dev Three times out of four a note with a unit that is wanted if there is one; else as {_pick}.
    function _pickWhere(
        uint256 seed,
        function(uint256, uint64) view returns (bool) isWanted,
        NoteState otherwise
    ) internal view returns (Pick memory) {
        uint256 count = _claimed.length;
        for (uint256 i; i < count && seed % 4 != 0; ++i) {
            uint256 index = ((seed >> 16) + i) % count;
            uint64 amount = _claimed[index].terms.amount;
            if (!_isOpened(index)) continue;
            for (uint64 k; k < amount; ++k) {
                uint64 unit = uint64(((seed >> 32) + k) % amount);
                if (isWanted(index, unit)) return _pickAt(index, _units[index][unit].start);
            }
        }
        return _pick(seed, otherwise, NotePurpose.None);
    }

    function _isMatured(uint256 index) internal view returns (bool) {
        return clock >= _claimed[index].terms.maturity;
    }

    function _pickAt(uint256 index, uint64 start) internal view returns (Pick memory pick) {
        Claimed storage claimed = _claimed[index];
        pick.index = index;
        pick.registry = claimed.registry;
        pick.receivableId = claimed.id;
        pick.isDisputed = claimed.isDisputed;
        pick.start = start;
        pick.end = start;
        pick.noteId = (uint256(claimed.id) << 64) | start;
        if (!_isOpened(index) || start >= claimed.terms.amount) return pick;
        pick.maturity = claimed.terms.maturity;
        pick.debtor = claimed.terms.debtor;
        pick.creditor = claimed.terms.creditor;
        if (_units[index][start].start != start) return pick;
        pick.isKnown = true;
        pick.unit = _unitAt(index, start);
        while (pick.end < claimed.terms.amount && _units[index][pick.end].start == start) pick.end++;
    }

    /// @dev The last `amount` units of the note are a note of their own from now on.
    function _cutOff(Pick memory pick, uint64 amount) internal pure {
        pick.start = pick.end - amount;
        pick.noteId = (uint256(pick.receivableId) << 64) | pick.start;
        pick.unit.start = pick.start;
    }

    /// @dev The picked units get the picked row. A final one is remembered as the registry shows it.
    function _store(Pick memory pick) internal {
        for (uint64 unit = pick.start; unit < pick.end; ++unit) _units[pick.index][unit] = pick.unit;
        if (_isOpen(pick.unit.state)) return;
        _finalHashes[pick.index][pick.start] = hashOf(pick.registry.noteOf(pick.noteId));
    }

    /// @dev Waits for nobody any more.
    function _unbind(Pick memory pick, NoteState to) internal {
        pick.unit.counterparty = 0;
        pick.unit.deadline = 0;
        pick.unit.purpose = NotePurpose.None;
        pick.unit.trade = 0;
        pick.unit.state = to;
        _store(pick);
    }

    /// @dev Notes who holds what matured since the last time.
    function _noteMaturities() internal {
        for (uint256 index; index < _claimed.length; ++index) {
            IReceivables.Terms storage terms = _claimed[index].terms;
            if (clock < terms.maturity || _isMaturityNoted[index]) continue;
            _isMaturityNoted[index] = true;
            for (uint64 unit; unit < terms.amount; ++unit) {
                _holdersAtMaturity[index][unit] = _units[index][unit].holder;
            }
        }
    }

    function _openUnits(uint256 index) internal {
        Unit memory row;
        row.holder = _claimed[index].terms.creditor;
        row.state = NoteState.Live;
        for (uint64 unit; unit < _claimed[index].terms.amount; ++unit) _units[index][unit] = row;
    }
}
