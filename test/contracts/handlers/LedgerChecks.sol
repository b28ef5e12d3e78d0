// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {ReceivableState} from "../../../contracts/libraries/ReceivableStates.sol";
import {GhostLedger} from "./GhostLedger.sol";
import {ReceivablesHandler} from "./ReceivablesHandler.sol";
import {vm} from "./Vm.sol";

/// @notice What each of N1 to N12 says, held between what the registries show and the handler's ledger of single units.
abstract contract LedgerChecks {
    ReceivablesHandler internal _handler;

    uint8 private constant _MAX_TIER = 2;

    /// @notice A receivable as the registry shows it, beside the model's.
    struct View {
        GhostLedger.Claimed claimed;
        GhostLedger.Unit[] units;
        IReceivables.Receivable receivable;
        uint64[] starts;
        IReceivables.Note[] notes;
    }

    function _requireAll() internal {
        vm.warp(_handler.clock());
        for (uint8 number; number <= 12; ++number) _requireNoBreach(number);
        for (uint256 index; index < _handler.claimedCount(); ++index) {
            View memory shown = _show(index);
            _partition(index, shown);
            _finality(index, shown);
            _authority(index, shown);
            _uniqueness(index, shown);
            _exclusivity(index, shown);
            _depth(index, shown);
            _balance(index, shown);
            _maturity(index, shown);
            _payee(index, shown);
            _consent(index, shown);
            _promise(index, shown);
        }
    }

    function _check(uint8 number, function(uint256, View memory) view invariant_) internal {
        _requireNoBreach(number);
        uint256 touched = _handler.touched();
        if (touched == 0) return;
        vm.warp(_handler.clock());
        invariant_(touched - 1, _show(touched - 1));
    }

    function _partition(uint256, View memory shown) internal view {
        if (!_isOpened(shown.claimed.state)) {
            require(shown.starts.length == 0, "N1: a note before confirmation");
            require(_noteAt(shown, 0).state == NoteState.None, "N1: a root before confirmation");
            return;
        }
        uint64 expected;
        for (uint256 i; i < shown.starts.length; ++i) {
            require(shown.starts[i] == expected, "N1: gap");
            IReceivables.Note memory note = shown.notes[i];
            require(note.state != NoteState.None, "N1: no such note");
            require(note.end > expected && note.end <= shown.units.length, "N1: note leaves the span");
            for (uint64 unit = expected; unit < note.end; ++unit) {
                require(shown.units[unit].start == expected, "N1: unit in another note");
                if (unit > expected) require(_noteAt(shown, unit).state == NoteState.None, "N1: overlap");
            }
            expected = note.end;
        }
        require(expected == shown.claimed.terms.amount, "N1: the notes end before the amount");
    }

    function _finality(uint256 index, View memory shown) internal view {
        GhostLedger.Claimed memory claimed = shown.claimed;
        ReceivableState state = claimed.registry.stateOf(claimed.terms, claimed.fingerprints);
        require(state == claimed.state, "N2: receivable in another state");
        bool isStored = state != ReceivableState.Registered;
        require(shown.receivable.state == (isStored ? state : ReceivableState.None), "N2: another state is stored");
        require(shown.receivable.isDisputed == claimed.isDisputed, "N2: another dispute");
        for (uint256 i; i < shown.starts.length; ++i) {
            bytes32 hash = _handler.finalHashOf(index, shown.starts[i]);
            if (hash == 0) continue;
            require(_handler.hashOf(shown.notes[i]) == hash, "N2: a final note changed");
        }
    }

    function _authority(uint256, View memory shown) internal pure {
        for (uint256 i; i < shown.starts.length; ++i) {
            GhostLedger.Unit memory row = shown.units[shown.starts[i]];
            IReceivables.Note memory note = shown.notes[i];
            require(note.holder == row.holder, "N3: another holder");
            require(note.assignor == row.assignor, "N3: another assignor");
            require(note.counterparty == row.counterparty, "N3: another counterparty");
            require(note.hasRecourse == row.hasRecourse, "N3: another recourse");
            require(note.holder != shown.claimed.terms.debtor, "N3: the debtor holds its own debt");
        }
    }

    function _uniqueness(uint256, View memory) internal view {
        uint256 count = _handler.claimedCount();
        GhostLedger.Claimed[] memory all = new GhostLedger.Claimed[](count);
        for (uint256 i; i < count; ++i) all[i] = _handler.claimedAt(i);
        uint256 fingerprints = _handler.FINGERPRINTS();
        for (uint256 i; i < fingerprints; ++i) {
            bytes32 fingerprint = _handler.fingerprintAt(i);
            GhostLedger.Claim memory expected = _handler.claimOf(fingerprint);
            IFingerprints.Claim memory claim = _handler.fingerprints().claimOf(fingerprint);
            require(claim.subject == expected.subject, "N4: claimed for another subject");
            require(claim.claimant == expected.claimant, "N4: claimed for another claimant");
            require(claim.registry == expected.registry, "N4: claimed by another registry");
            require(claim.reason == expected.reason, "N4: claimed for another reason");
            uint256 live;
            for (uint256 k; k < count; ++k) {
                ReceivableState state = all[k].state;
                if (state == ReceivableState.Rejected || state == ReceivableState.Withdrawn) continue;
                for (uint256 n; n < all[k].fingerprints.length; ++n) {
                    if (all[k].fingerprints[n] != fingerprint) continue;
                    ++live;
                    require(claim.subject == all[k].id, "N4: a live receivable lost its claim");
                }
            }
            require(live <= 1, "N4: two live claims");
        }
    }

    function _exclusivity(uint256, View memory shown) internal pure {
        for (uint256 i; i < shown.starts.length; ++i) {
            GhostLedger.Unit memory row = shown.units[shown.starts[i]];
            IReceivables.Note memory note = shown.notes[i];
            require(note.state == row.state, "N5: another state");
            require(note.purpose == row.purpose, "N5: another purpose");
            require(note.deadline == row.deadline, "N5: another deadline");
            require(note.frozenUntil == row.frozenUntil, "N5: a freeze came or went");
        }
    }

    function _depth(uint256, View memory shown) internal pure {
        for (uint256 i; i < shown.starts.length; ++i) {
            uint8 tier = shown.notes[i].tier;
            require(tier == shown.units[shown.starts[i]].tier, "N6: tier does not count the transfers");
            require(tier <= _MAX_TIER, "N6: too deep");
        }
    }

    function _balance(uint256, View memory shown) internal pure {
        uint64 settled;
        uint64 cancelled;
        uint64 open;
        for (uint256 i; i < shown.starts.length; ++i) {
            uint64 span = shown.notes[i].end - shown.starts[i];
            if (shown.notes[i].state == NoteState.Settled) settled += span;
            else if (shown.notes[i].state == NoteState.Cancelled) cancelled += span;
            else open += span;
        }
        for (uint256 unit; unit < shown.units.length; ++unit) {
            if (shown.units[unit].state == NoteState.Settled) --settled;
            else if (shown.units[unit].state == NoteState.Cancelled) --cancelled;
            else --open;
        }
        require(settled == 0 && cancelled == 0 && open == 0, "N7: settled + open + cancelled is not the amount");
        if (shown.claimed.state != ReceivableState.Settled) return;
        for (uint256 i; i < shown.notes.length; ++i) {
            NoteState state = shown.notes[i].state;
            require(state == NoteState.Settled || state == NoteState.Cancelled, "N7: closed with an open note");
        }
    }

    function _maturity(uint256 index, View memory shown) internal view {
        if (_handler.clock() < shown.claimed.terms.maturity) return;
        for (uint256 i; i < shown.starts.length; ++i) {
            IReceivables.Note memory note = shown.notes[i];
            require(note.holder == _handler.holderAtMaturity(index, shown.starts[i]), "N9: a holder changed");
        }
    }

    function _payee(uint256, View memory shown) internal view {
        for (uint256 i; i < shown.starts.length; ++i) {
            GhostLedger.Unit memory row = shown.units[shown.starts[i]];
            IReceivables.Note memory note = shown.notes[i];
            bool isFinal = note.state == NoteState.Settled || note.state == NoteState.Cancelled;
            uint32 expected;
            if (!isFinal && row.frozenUntil != 0) expected = row.escrow;
            else if (!isFinal) expected = row.state == NoteState.Pledged ? row.counterparty : row.holder;
            uint256 noteId = (uint256(shown.claimed.id) << 64) | shown.starts[i];
            require(shown.claimed.registry.payeeOf(noteId) == expected, "N10: another payee");
            if (isFinal) require(note.counterparty == row.counterparty, "N10: another one was paid");
        }
    }

    function _consent(uint256, View memory shown) internal pure {
        for (uint256 i; i < shown.starts.length; ++i) {
            IReceivables.Note memory note = shown.notes[i];
            bool isCancelled = note.state == NoteState.Cancelled;
            bool isExpected = shown.units[shown.starts[i]].state == NoteState.Cancelled;
            require(isCancelled == isExpected, "N11: cancelled without consent");
            if (!isCancelled) continue;
            bool isOwn = note.holder == shown.claimed.terms.creditor && note.assignor == 0 && note.tier == 0;
            require(isOwn, "N11: cancelled what was not the creditor's");
        }
    }

    function _promise(uint256, View memory shown) internal pure {
        IReceivables.Terms memory terms = shown.claimed.terms;
        IReceivables.Receivable memory stored = shown.receivable;
        if (shown.claimed.state == ReceivableState.Registered) {
            require(keccak256(abi.encode(stored)) == keccak256(new bytes(7 * 32)), "N12: stored before confirmation");
            return;
        }
        require(stored.amount == terms.amount, "N12: another amount");
        require(stored.creditor == terms.creditor && stored.debtor == terms.debtor, "N12: other parties");
        require(stored.currency == terms.currency, "N12: another currency");
        require(stored.maturity == terms.maturity, "N12: another maturity");
    }

    function _show(uint256 index) private view returns (View memory shown) {
        shown.claimed = _handler.claimedAt(index);
        shown.units = _handler.unitsOf(index);
        shown.receivable = shown.claimed.registry.receivableOf(shown.claimed.id);
        (uint256[] memory ids, uint64 next) = shown.claimed.registry.notesOf(shown.claimed.id, 0, 13);
        require(ids.length == 0 || next == shown.claimed.terms.amount, "N1: the notes don't reach the amount");
        shown.starts = new uint64[](ids.length);
        shown.notes = new IReceivables.Note[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            shown.starts[i] = uint64(ids[i]);
            shown.notes[i] = shown.claimed.registry.noteOf(ids[i]);
            require(shown.starts[i] < shown.units.length, "N1: a note that the model does not have");
        }
    }

    function _noteAt(View memory shown, uint64 start) private view returns (IReceivables.Note memory) {
        return shown.claimed.registry.noteOf((uint256(shown.claimed.id) << 64) | start);
    }

    function _requireNoBreach(uint8 number) internal view {
        string memory breach = _handler.breach(number);
        require(bytes(breach).length == 0, breach);
    }

    function _isOpened(ReceivableState state) private pure returns (bool) {
        return state == ReceivableState.Confirmed || state == ReceivableState.Settled;
    }
}
