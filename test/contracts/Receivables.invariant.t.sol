// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../contracts/interfaces/IFingerprints.sol";
import {IParticipants} from "../../contracts/interfaces/IParticipants.sol";
import {IReceivables} from "../../contracts/interfaces/IReceivables.sol";
import {Receivables} from "../../contracts/Receivables.sol";
import {NoteState, NoteStates} from "../../contracts/libraries/NoteStates.sol";
import {ReceivableState, ReceivableStates} from "../../contracts/libraries/ReceivableStates.sol";
import {GhostLedger} from "./handlers/GhostLedger.sol";
import {ReceivablesHandler} from "./handlers/ReceivablesHandler.sol";

/// @notice The invariants N1 to N8 of {Receivables}, each held against the handler's own ledger of single units.
contract ReceivablesInvariantTest {
    ReceivablesHandler private _handler;
    Receivables private _registry;

    function setUp() public {
        _handler = new ReceivablesHandler();
        _registry = _handler.registry();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_N1_partition() external view {
        _requireNoBreach(1);
        for (uint256 i; i < _handler.claimedCount(); ++i) {
            GhostLedger.Claimed memory claimed = _handler.claimedAt(i);
            uint64 start;
            if (!_isOpened(claimed.state)) {
                require(_noteAt(claimed.id, 0).state == NoteState.None, "N1: a note before confirmation");
                continue;
            }
            while (start < claimed.terms.amount) {
                IReceivables.Note memory note = _noteAt(claimed.id, start);
                require(note.state != NoteState.None, "N1: gap");
                require(note.end > start && note.end <= claimed.terms.amount, "N1: note leaves the span");
                for (uint64 unit = start; unit < note.end; ++unit) {
                    require(_handler.unitAt(i, unit).start == start, "N1: unit in another note");
                    if (unit > start) require(_noteAt(claimed.id, unit).state == NoteState.None, "N1: overlap");
                }
                start = note.end;
            }
        }
    }

    function invariant_N2_finality() external view {
        _requireNoBreach(2);
        for (uint256 i; i < _handler.claimedCount(); ++i) {
            GhostLedger.Claimed memory claimed = _handler.claimedAt(i);
            require(_registry.receivableOf(claimed.id).state == claimed.state, "N2: receivable in another state");
            for (uint64 unit; unit < claimed.terms.amount; ++unit) {
                GhostLedger.Unit memory row = _handler.unitAt(i, unit);
                if (row.state != NoteState.Settled || row.start != unit) continue;
                uint256 noteId = (uint256(claimed.id) << 64) | unit;
                bytes32 now_ = keccak256(abi.encode(_registry.noteOf(noteId)));
                require(now_ == _handler.settledNoteHash(noteId), "N2: a settled note changed");
            }
        }
    }

    function invariant_N3_authority() external view {
        _requireNoBreach(3);
        for (uint256 i; i < _handler.claimedCount(); ++i) {
            GhostLedger.Claimed memory claimed = _handler.claimedAt(i);
            for (uint64 unit; unit < claimed.terms.amount; ++unit) {
                GhostLedger.Unit memory row = _handler.unitAt(i, unit);
                if (row.state == NoteState.None || row.start != unit) continue;
                IReceivables.Note memory note = _noteAt(claimed.id, unit);
                require(note.holder == row.holder, "N3: another holder");
                require(note.assignor == row.assignor, "N3: another assignor");
                require(note.counterparty == row.counterparty, "N3: another counterparty");
                require(note.holder != claimed.terms.debtor, "N3: the debtor holds its own debt");
            }
        }
    }

    function invariant_N4_uniqueness() external view {
        _requireNoBreach(4);
        for (uint256 i; i < 10; ++i) {
            bytes32 fingerprint = _handler.fingerprintAt(i);
            (address claimant, uint192 subject) = _handler.claimantOf(fingerprint);
            IFingerprints.Claim memory claim = _handler.fingerprints().claimOf(fingerprint);
            require(claim.subject == subject, "N4: claimed for another receivable");
            require(claim.registry == _handler.fingerprints().registryNumberOf(claimant), "N4: another registry");
            uint256 live;
            for (uint256 k; k < _handler.claimedCount(); ++k) {
                GhostLedger.Claimed memory claimed = _handler.claimedAt(k);
                if (!_isLive(_registry.receivableOf(claimed.id).state)) continue;
                for (uint256 n; n < claimed.fingerprints.length; ++n) {
                    if (claimed.fingerprints[n] == fingerprint) ++live;
                }
            }
            require(live <= (claimant == address(_registry) ? 1 : 0), "N4: two live claims");
        }
    }

    function invariant_N5_exclusivity() external view {
        _requireNoBreach(5);
        for (uint256 i; i < _handler.claimedCount(); ++i) {
            GhostLedger.Claimed memory claimed = _handler.claimedAt(i);
            for (uint64 unit; unit < claimed.terms.amount; ++unit) {
                GhostLedger.Unit memory row = _handler.unitAt(i, unit);
                if (row.state == NoteState.None || row.start != unit) continue;
                IReceivables.Note memory note = _noteAt(claimed.id, unit);
                bool isLocked = row.state == NoteState.Locked;
                require((note.state == NoteState.Locked) == isLocked, "N5: a lock came or went");
                if (isLocked) require(note.deadline == row.deadline, "N5: another deadline");
            }
        }
    }

    function invariant_N6_depth() external view {
        _requireNoBreach(6);
        for (uint256 i; i < _handler.claimedCount(); ++i) {
            GhostLedger.Claimed memory claimed = _handler.claimedAt(i);
            for (uint64 unit; unit < claimed.terms.amount; ++unit) {
                GhostLedger.Unit memory row = _handler.unitAt(i, unit);
                if (row.state == NoteState.None || row.start != unit) continue;
                uint8 tier = _noteAt(claimed.id, unit).tier;
                require(tier == row.tier, "N6: tier does not count the transfers");
                require(tier <= _registry.maxTier(), "N6: too deep");
            }
        }
    }

    function invariant_N7_balance() external view {
        _requireNoBreach(7);
        for (uint256 i; i < _handler.claimedCount(); ++i) {
            GhostLedger.Claimed memory claimed = _handler.claimedAt(i);
            IReceivables.Receivable memory receivable = _registry.receivableOf(claimed.id);
            require(receivable.amount == claimed.terms.amount, "N7: the amount changed");
            uint64 settled;
            uint64 open;
            if (_isOpened(claimed.state)) {
                for (uint64 unit; unit < claimed.terms.amount; ++unit) {
                    if (_handler.unitAt(i, unit).state == NoteState.Settled) ++settled;
                }
                for (uint64 start; start < receivable.amount;) {
                    IReceivables.Note memory note = _noteAt(claimed.id, start);
                    require(note.end > start, "N7: not countable");
                    if (note.state != NoteState.Settled) open += note.end - start;
                    start = note.end;
                }
                require(settled + open == receivable.amount, "N7: settled + open is not the amount");
            }
            require(receivable.settled == settled, "N7: settled miscounted");
            bool isClosed = receivable.state == ReceivableState.Settled;
            require(isClosed == (settled == receivable.amount), "N7: closed too early or not at all");
        }
    }

    function invariant_N8_neutrality() external view {
        _requireNoBreach(8);
    }

    /// @notice Whatever went through or was refused had its ground in the model, by selector.
    function invariant_refusals_are_justified() external view {
        _requireNoBreach(0);
    }

    /// @dev A handler that never gets anywhere would keep every invariant: a fixed walk must pass every edge and meet
    /// every refusal.
    function test_the_handler_reaches_every_edge_and_refusal() external {
        string[15] memory calls = _calls();
        bytes4[26] memory refusals = _refusals();
        for (uint256 i; i < 4000; ++i) {
            _step(uint256(keccak256(abi.encode(i))));
            if (i % 160 != 159) continue;
            for (uint256 k; k < calls.length; ++k) _done[calls[k]] += _handler.done(calls[k]);
            for (uint256 k; k < refusals.length; ++k) _refused[refusals[k]] += _handler.refused(refusals[k]);
            for (uint8 n; n < 9; ++n) _requireNoBreach(n);
            setUp();
        }
        for (uint256 k; k < calls.length; ++k) {
            require(_done[calls[k]] > 0, string.concat("never went through: ", calls[k]));
        }
        for (uint256 k; k < refusals.length; ++k) {
            if (_refused[refusals[k]] == 0) revert NeverRefused(refusals[k]);
        }
    }

    error NeverRefused(bytes4 refusal);

    mapping(string call => uint256) private _done;
    mapping(bytes4 refusal => uint256) private _refused;

    function _calls() private pure returns (string[15] memory) {
        // prettier-ignore
        return [
            "register", "issue", "confirm", "reject", "withdraw", "transfer", "split", "accept", "refuse", "recall",
            "lock", "unlock", "finance", "settle", "settleAll"
        ];
    }

    function _refusals() private pure returns (bytes4[26] memory) {
        return
            [
                IParticipants.ParticipantUnknown.selector,
                IParticipants.ParticipantIdUnknown.selector,
                IParticipants.ParticipantNotActive.selector,
                IParticipants.ParticipantRoleMissing.selector,
                IFingerprints.FingerprintEpochInvalid.selector,
                IFingerprints.FingerprintAlreadyClaimed.selector,
                IFingerprints.RegistryUnauthorised.selector,
                IReceivables.ReceivableTermsMismatch.selector,
                IReceivables.ReceivablePartyMismatch.selector,
                IReceivables.TermsAmountInvalid.selector,
                IReceivables.TermsMaturityInvalid.selector,
                IReceivables.TermsPartiesEqual.selector,
                IReceivables.TermsPartyMismatch.selector,
                IReceivables.TermsCurrencyMissing.selector,
                IReceivables.TermsFingerprintsInvalid.selector,
                IReceivables.NotePartyMismatch.selector,
                IReceivables.NoteAmountInvalid.selector,
                IReceivables.NoteCounterpartyInvalid.selector,
                IReceivables.NoteDeadlineInvalid.selector,
                IReceivables.NoteDeadlinePassed.selector,
                IReceivables.NoteDeadlinePending.selector,
                IReceivables.NoteMatured.selector,
                IReceivables.NoteNotMatured.selector,
                IReceivables.NoteTierExceeded.selector,
                NoteStates.NoteTransitionForbidden.selector,
                ReceivableStates.ReceivableTransitionForbidden.selector
            ];
    }

    function _step(uint256 seed) private {
        uint256 draw = (seed >> 180) % 21;
        if (draw == 0) _handler.issue(seed);
        else if (draw == 1) _handler.reject(seed);
        else if (draw == 2) _handler.withdraw(seed);
        else if (draw == 3) _handler.confirm(seed);
        else if (draw < 7) _handler.transfer(seed);
        else if (draw < 10) _handler.accept(seed);
        else if (draw == 10) _handler.refuse(seed);
        else if (draw == 11) _handler.recall(seed);
        else if (draw == 12) _handler.lock(seed);
        else if (draw == 13) _handler.unlock(seed);
        else if (draw == 14) _handler.finance(seed);
        else if (draw < 17) _handler.settle(seed);
        else if (draw == 17) _handler.register(seed);
        else if (draw == 18) _handler.pass(seed);
        else if (draw == 19) _handler.meddleWithClaims(seed);
        else _handler.administer(seed);
    }

    function _requireNoBreach(uint8 number) private view {
        string memory breach = _handler.breach(number);
        require(bytes(breach).length == 0, breach);
    }

    function _noteAt(uint192 receivableId, uint64 start) private view returns (IReceivables.Note memory) {
        return _registry.noteOf((uint256(receivableId) << 64) | start);
    }

    function _isOpened(ReceivableState state) private pure returns (bool) {
        return state == ReceivableState.Confirmed || state == ReceivableState.Settled;
    }

    function _isLive(ReceivableState state) private pure returns (bool) {
        return state == ReceivableState.Registered || _isOpened(state);
    }
}
