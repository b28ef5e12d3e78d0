// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IFingerprints} from "../../contracts/interfaces/IFingerprints.sol";
import {IReceivables} from "../../contracts/interfaces/IReceivables.sol";
import {IParticipants} from "../../contracts/interfaces/IParticipants.sol";
import {NoteStates} from "../../contracts/libraries/NoteStates.sol";
import {ReceivableStates} from "../../contracts/libraries/ReceivableStates.sol";
import {Deploy} from "./handlers/Deploy.sol";
import {LedgerChecks} from "./handlers/LedgerChecks.sol";
import {ReceivablesHandler} from "./handlers/ReceivablesHandler.sol";

/// @notice The invariants N1 to N12 of {Receivables}, each held against the handler's own ledger of single units.
/// @dev After each call the receivable that it changed is checked; a refused call changed none, which the chain itself sees
/// to. At the end of a run all are.
contract ReceivablesInvariantTest is LedgerChecks {
    function setUp() public {
        _handler = ReceivablesHandler(Deploy.create("ReceivablesHandler", ""));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_N1_partition() external {
        _check(1, _partition);
    }

    function invariant_N2_finality() external {
        _check(2, _finality);
    }

    function invariant_N3_authority() external {
        _check(3, _authority);
    }

    function invariant_N4_uniqueness() external {
        _check(4, _uniqueness);
    }

    function invariant_N5_exclusivity() external {
        _check(5, _exclusivity);
    }

    function invariant_N6_depth() external {
        _check(6, _depth);
    }

    function invariant_N7_balance() external {
        _check(7, _balance);
    }

    /// @dev The handler holds every unit's holder before and after each act of a neutral party; here after each change of
    /// the directory.
    function invariant_N8_neutrality() external {
        _check(8, _authority);
    }

    function invariant_N9_maturity() external {
        _check(9, _maturity);
    }

    function invariant_N10_payee() external {
        _check(10, _payee);
    }

    function invariant_N11_consent() external {
        _check(11, _consent);
    }

    function invariant_N12_promise() external {
        _check(12, _promise);
    }

    /// @notice Whatever went through or was refused had its ground in the model, by selector.
    function invariant_refusals_are_justified() external view {
        _requireNoBreach(0);
    }

    /// @notice At the end of a run: every receivable by every invariant, whichever one the run was for.
    function afterInvariant() external {
        _requireAll();
    }

    /// @dev A handler that never gets anywhere would keep every invariant: a fixed walk must pass every edge and meet
    /// every refusal.
    function test_the_handler_reaches_every_edge_and_refusal() external {
        string[34] memory calls = _calls();
        bytes4[40] memory refusals = _refusals();
        // Each in a call of its own, whose memory is free again afterwards.
        for (uint256 run; run < _WALKS; ++run) this.walk(run);
        string memory missing;
        for (uint256 k; k < calls.length; ++k) {
            if (_done[calls[k]] == 0) missing = string.concat(missing, " ", calls[k]);
        }
        for (uint256 k; k < refusals.length; ++k) {
            if (_refused[refusals[k]] == 0) missing = string.concat(missing, " ", _hexOf(refusals[k]));
        }
        require(bytes(missing).length == 0, string.concat("never reached:", missing));
    }

    /// @notice A run of the handler from its start, kept in mind by what it reached.
    function walk(uint256 run) external {
        setUp();
        for (uint256 i; i < _STEPS; ++i) _step(uint256(keccak256(abi.encode(run, i))));
        string[34] memory calls = _calls();
        bytes4[40] memory refusals = _refusals();
        for (uint256 k; k < calls.length; ++k) _done[calls[k]] += _handler.done(calls[k]);
        for (uint256 k; k < refusals.length; ++k) _refused[refusals[k]] += _handler.refused(refusals[k]);
        _requireAll();
    }

    uint256 private constant _WALKS = 20;
    uint256 private constant _STEPS = 300;

    mapping(string call => uint256) private _done;
    mapping(bytes4 refusal => uint256) private _refused;

    function _calls() private pure returns (string[34] memory) {
        // prettier-ignore
        return [
            "register", "issue", "confirm", "reject", "withdraw", "dispute", "liftDispute", "transfer", "tradeTransfer",
            "accept", "refuse", "recall", "cut", "merge", "offerDilution", "acceptDilution", "lock", "unlock", "finance",
            "financeWithRecourse", "financeByPledge", "release", "foreclose", "returnNote", "acceptReturn", "settle",
            "settlePart", "settleReceivable", "close", "freeze", "freezeCutsTrade", "unfreeze", "claim", "releaseClaim"
        ];
    }

    function _refusals() private pure returns (bytes4[40] memory) {
        return
            [
                IParticipants.ParticipantUnknown.selector,
                IParticipants.ParticipantIdUnknown.selector,
                IParticipants.ParticipantNotActive.selector,
                IParticipants.ParticipantRoleMissing.selector,
                IFingerprints.RegistryUnauthorised.selector,
                IFingerprints.FingerprintEpochInvalid.selector,
                IFingerprints.FingerprintAlreadyClaimed.selector,
                IFingerprints.FingerprintClaimMismatch.selector,
                IFingerprints.ClaimReasonInvalid.selector,
                IFingerprints.ReleaseReasonInvalid.selector,
                IReceivables.ReceivablePartyMismatch.selector,
                IReceivables.ReceivableDisputePending.selector,
                IReceivables.ReceivableDisputeMissing.selector,
                IReceivables.ReceivableNotMatured.selector,
                IReceivables.ReceivableNoteOpen.selector,
                IReceivables.TermsAmountInvalid.selector,
                IReceivables.TermsMaturityInvalid.selector,
                IReceivables.TermsPartiesEqual.selector,
                IReceivables.TermsPartyMismatch.selector,
                IReceivables.TermsCurrencyInvalid.selector,
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
                IReceivables.NotePurposeMismatch.selector,
                IReceivables.NoteTradeMismatch.selector,
                IReceivables.NoteRecourseMissing.selector,
                IReceivables.NotesUnlike.selector,
                IReceivables.NoteSold.selector,
                IReceivables.NoteFreezePending.selector,
                IReceivables.NoteFreezeMissing.selector,
                IReceivables.NoteFreezeInvalid.selector,
                NoteStates.NoteTransitionForbidden.selector,
                ReceivableStates.ReceivableTransitionForbidden.selector
            ];
    }

    function _hexOf(bytes4 selector) private pure returns (string memory) {
        return Strings.toHexString(uint32(selector), 4);
    }

    /// @dev One call of the handler, as the fuzzer makes them; what has to follow others comes more often.
    function _step(uint256 seed) private {
        string[62] memory names = _functions();
        string memory signature = string.concat(names[(seed >> 180) % names.length], "(uint256)");
        (bool isDone, ) = address(_handler).call(abi.encodeWithSignature(signature, seed));
        require(isDone, signature);
    }

    function _functions() private pure returns (string[62] memory) {
        // prettier-ignore
        return [
            "register", "register", "issue", "issue", "confirm", "confirm", "reject", "withdraw", "dispute",
            "liftDispute", "liftDispute", "transfer", "transfer", "transfer", "transfer", "transfer", "accept",
            "accept", "accept", "accept", "accept", "refuse", "recall", "recall", "merge", "merge", "offerDilution",
            "acceptDilution", "lock", "lock", "lock", "lock", "unlock", "finance", "finance", "finance", "finance",
            "finance", "release", "foreclose", "foreclose", "foreclose", "returnNote", "returnNote", "returnNote",
            "acceptReturn", "acceptReturn", "acceptReturn", "settle", "settle", "settleEach", "settleReceivable",
            "close", "freeze", "freeze", "unfreeze", "pass", "mature", "administer", "claimElsewhere",
            "releaseElsewhere", "forgeRegistry"
        ];
    }
}
