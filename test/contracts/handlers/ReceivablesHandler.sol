// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IParticipants} from "../../../contracts/interfaces/IParticipants.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {Receivables} from "../../../contracts/Receivables.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {ReceivableState, ReceivableStates} from "../../../contracts/libraries/ReceivableStates.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";
import {NoteHandler} from "./NoteHandler.sol";
import {vm} from "./Vm.sol";

/// @notice Attempts legal and illegal calls alike and never skips one. Each call that goes through must have had nothing
/// against it in the model, each refusal must name a ground that the model confirms.
contract ReceivablesHandler is NoteHandler {
    uint256 private constant _MOST_RECEIVABLES = 4;

    constructor() {
        _deployWorld();
        clock = START;
        for (uint32 id = 1; id <= PARTICIPANTS; ++id) _rolesOf[id] = _rolesAtAdmission(id);
    }

    function register(uint256 seed) external {
        seed = _mixed(seed);
        _create(seed, true);
    }

    function issue(uint256 seed) external {
        seed = _mixed(seed);
        _create(seed, false);
    }

    function confirm(uint256 seed) external {
        seed = _mixed(seed);
        (uint256 index, uint192 id, Claimed memory claimed) = _pickReceivable(seed);
        address caller = _caller(seed, claimed.terms.debtor);
        Grounds memory grounds;
        _addReceivableState(grounds, claimed.state, ReceivableState.Confirmed);
        _addCaller(grounds, caller, Roles.DEBTOR, claimed.terms.debtor, IReceivables.ReceivablePartyMismatch.selector);
        _add(grounds, IReceivables.TermsMaturityInvalid.selector, clock >= claimed.terms.maturity, 0);
        (bool isDone, bytes memory answer) = _call(caller, abi.encodeCall(IReceivables.confirm, (id)));
        _judge("confirm", isDone, answer, grounds);
        if (isDone) {
            _claimed[index].state = ReceivableState.Confirmed;
            _openUnits(index);
        }
    }

    function reject(uint256 seed) external {
        seed = _mixed(seed);
        _endUnconfirmed(seed, ReceivableState.Rejected);
    }

    function withdraw(uint256 seed) external {
        seed = _mixed(seed);
        _endUnconfirmed(seed, ReceivableState.Withdrawn);
    }

    /// @notice Time passes; now and then so far that everything matures.
    function pass(uint256 seed) external {
        seed = _mixed(seed);
        clock += uint40(seed % 8 == 0 ? seed % 200 : seed % 20);
        vm.warp(clock);
    }

    /// @notice The registrar suspends, admits again and changes roles. None of it may move a note (N8).
    function administer(uint256 seed) external {
        seed = _mixed(seed);
        uint32 id = uint32(1 + ((seed >> 8) % PARTICIPANTS));
        if (seed % 4 < 2) {
            // Comes back four times out of five, so that the others still meet active participants.
            bool isSuspended = !_isSuspended[id] && (seed >> 16) % 5 == 0;
            IParticipants.Status status = isSuspended ? IParticipants.Status.Suspended : IParticipants.Status.Active;
            vm.prank(REGISTRAR);
            participants.setStatus(id, status);
            _isSuspended[id] = isSuspended;
        } else {
            uint16 roles = (seed >> 16) % 5 == 0 ? uint16(1 + ((seed >> 24) % Roles.ALL)) : _rolesAtAdmission(id);
            vm.prank(REGISTRAR);
            participants.setRoles(id, roles);
            _rolesOf[id] = roles;
        }
        done["administer"]++;
    }

    /// @notice Claims and releases straight at {Fingerprints}, past every registry (N4).
    function meddleWithClaims(uint256 seed) external {
        seed = _mixed(seed);
        address caller = _caller(seed, 0);
        bytes32 fingerprint = fingerprintAt(seed >> 8);
        bytes memory data =
            seed % 2 == 0
                ? abi.encodeCall(IFingerprints.claim, (fingerprint, uint192(seed)))
                : abi.encodeCall(IFingerprints.release, (fingerprint, _subject[fingerprint]));
        Grounds memory grounds;
        _add(grounds, IFingerprints.RegistryUnauthorised.selector, true, 4);
        vm.prank(caller);
        (bool isDone, bytes memory answer) = address(fingerprints).call(data);
        _judge("meddle", isDone, answer, grounds);
    }

    function _create(uint256 seed, bool byCreditor) private {
        (IReceivables.Terms memory terms, bytes32[] memory claims) = _drawTerms(seed);
        Receivables target = byCreditor && (seed >> 240) % 8 == 0 ? secondRegistry : registry;
        address caller = _caller(seed, byCreditor ? terms.creditor : terms.debtor);
        Grounds memory grounds = _groundsOfTerms(terms, claims, target);
        bytes4 mismatch = IReceivables.TermsPartyMismatch.selector;
        if (byCreditor) {
            _addCaller(grounds, caller, Roles.SUPPLIER, terms.creditor, mismatch);
            _addOther(grounds, terms.debtor, Roles.DEBTOR);
        } else {
            _addCaller(grounds, caller, Roles.DEBTOR, terms.debtor, mismatch);
            _addOther(grounds, terms.creditor, Roles.SUPPLIER);
        }
        vm.prank(caller);
        (bool isDone, bytes memory answer) = address(target).call(
            byCreditor
                ? abi.encodeCall(IReceivables.register, (terms, claims))
                : abi.encodeCall(IReceivables.issue, (terms, claims))
        );
        _judge(byCreditor ? "register" : "issue", isDone, answer, grounds);
        if (!isDone) return;
        uint192 id = uint192(uint256(keccak256(abi.encode(terms, claims))));
        if (abi.decode(answer, (uint192)) != id) _breach(0, "the id does not commit to the terms");
        for (uint256 i; i < claims.length; ++i) {
            _claimant[claims[i]] = address(target);
            _subject[claims[i]] = id;
        }
        if (address(target) != address(registry)) return;
        uint256 index = _claimed.length;
        _claimed.push(Claimed(id, byCreditor ? ReceivableState.Registered : ReceivableState.Confirmed, terms, claims));
        if (!byCreditor) _openUnits(index);
    }

    /// @dev Legal terms with one twist in most cases out of ten; once the ledger is full only known terms come again.
    function _drawTerms(uint256 seed) private view returns (IReceivables.Terms memory terms, bytes32[] memory claims) {
        uint256 twist = (seed >> 16) % 26;
        if (_claimed.length > 0 && (twist == 0 || _claimed.length >= _MOST_RECEIVABLES)) {
            Claimed memory known = _claimed[(seed >> 32) % _claimed.length];
            return (known.terms, known.fingerprints);
        }
        terms.creditor = uint32(SUPPLIER + ((seed >> 32) % 3));
        terms.debtor = (seed >> 40) % 2 == 0 || terms.creditor == TRADER ? DEBTOR : TRADER;
        terms.amount = uint64(1 + ((seed >> 48) % UNITS));
        terms.currency = 156;
        terms.maturity = clock + 60 + uint40((seed >> 56) % 200);
        terms.contentCommitment = bytes32(seed);
        uint256 count = 1 + ((seed >> 64) % 2);
        if (twist == 1) terms.amount = 0;
        else if (twist == 2) terms.amount = Spans.AMOUNT_MAX + 1;
        else if (twist == 3) terms.creditor = terms.debtor;
        else if (twist == 4) terms.currency = 0;
        else if (twist == 5) terms.maturity = clock;
        else if (twist == 6) terms.maturity = clock + MAX_TENOR + 1;
        else if (twist == 7) terms.debtor = PARTICIPANTS + 1;
        else if (twist == 8) terms.debtor = FACTOR;
        else if (twist == 9) count = 0;
        else if (twist == 10) count = 5;
        claims = new bytes32[](count);
        for (uint256 i; i < count; ++i) claims[i] = fingerprintAt((seed >> 72) + i);
        if (twist == 11) claims[0] = bytes32(uint256(claims[0]) & (type(uint256).max >> 16));
        if (twist == 12 && count == 2) claims[1] = claims[0];
    }

    function _groundsOfTerms(
        IReceivables.Terms memory terms,
        bytes32[] memory claims,
        Receivables target
    ) private view returns (Grounds memory grounds) {
        bool isTaken;
        bool isEpochMissing;
        for (uint256 i; i < claims.length; ++i) {
            if (_claimant[claims[i]] != address(0)) isTaken = true;
            if (i > 0 && claims[i] == claims[i - 1]) isTaken = true;
            if (uint256(claims[i]) >> 240 == 0) isEpochMissing = true;
        }
        bool isAmountWrong = terms.amount == 0 || terms.amount > Spans.AMOUNT_MAX;
        bool isMaturityWrong = terms.maturity <= clock || terms.maturity > clock + MAX_TENOR;
        bool isCountWrong = claims.length == 0 || claims.length > 4;
        _add(grounds, IReceivables.TermsAmountInvalid.selector, isAmountWrong, 1);
        _add(grounds, IReceivables.TermsPartiesEqual.selector, terms.creditor == terms.debtor, 0);
        _add(grounds, IReceivables.TermsCurrencyMissing.selector, terms.currency == 0, 0);
        _add(grounds, IReceivables.TermsMaturityInvalid.selector, isMaturityWrong, 0);
        _add(grounds, IReceivables.TermsFingerprintsInvalid.selector, isCountWrong, 4);
        _add(grounds, IFingerprints.FingerprintEpochInvalid.selector, isEpochMissing, 4);
        _add(grounds, IFingerprints.FingerprintAlreadyClaimed.selector, isTaken, 4);
        uint192 id = uint192(uint256(keccak256(abi.encode(terms, claims))));
        _add(grounds, ReceivableStates.ReceivableTransitionForbidden.selector, _isRegistered(target, id, claims), 2);
    }

    function _isRegistered(Receivables target, uint192 id, bytes32[] memory claims) private view returns (bool) {
        if (address(target) != address(registry)) {
            // What the second registry holds is known by its claims alone.
            return claims.length > 0 && _claimant[claims[0]] == address(target) && _subject[claims[0]] == id;
        }
        for (uint256 i; i < _claimed.length; ++i) if (_claimed[i].id == id) return true;
        return false;
    }
    function _endUnconfirmed(uint256 seed, ReceivableState to) private {
        (uint256 index, uint192 id, Claimed memory claimed) = _pickReceivable(seed);
        bool isRejection = to == ReceivableState.Rejected;
        uint32 entitled = isRejection ? claimed.terms.debtor : claimed.terms.creditor;
        address caller = _caller(seed, entitled);
        bytes32 commitment = claimed.terms.contentCommitment;
        bytes32[] memory claims = claimed.fingerprints;
        bool isMisstated = claims.length > 0 && (seed >> 200) % 6 == 0;
        if (isMisstated && seed % 2 == 0) commitment = ~commitment;
        else if (isMisstated) claims = new bytes32[](0);
        Grounds memory grounds;
        _addReceivableState(grounds, claimed.state, to);
        uint16 role = isRejection ? Roles.DEBTOR : Roles.SUPPLIER;
        _addCaller(grounds, caller, role, entitled, IReceivables.ReceivablePartyMismatch.selector);
        _add(grounds, IReceivables.ReceivableTermsMismatch.selector, isMisstated, 4);
        (bool isDone, bytes memory answer) = _call(
            caller,
            isRejection
                ? abi.encodeCall(IReceivables.reject, (id, commitment, claims, bytes32("reason")))
                : abi.encodeCall(IReceivables.withdraw, (id, commitment, claims))
        );
        _judge(isRejection ? "reject" : "withdraw", isDone, answer, grounds);
        if (!isDone) return;
        _claimed[index].state = to;
        for (uint256 i; i < claimed.fingerprints.length; ++i) {
            delete _claimant[claimed.fingerprints[i]];
            delete _subject[claimed.fingerprints[i]];
        }
    }

    function _addReceivableState(Grounds memory grounds, ReceivableState from, ReceivableState to) private pure {
        bool isWrong = from != ReceivableState.Registered;
        bool isFinal = from != ReceivableState.None && from != ReceivableState.Confirmed;
        uint8 number =
            isFinal
                ? 2
                : to == ReceivableState.Confirmed
                    ? 1
                    : 4;
        _add(grounds, ReceivableStates.ReceivableTransitionForbidden.selector, isWrong, number);
    }

    function _pickReceivable(uint256 seed) private view returns (uint256 index, uint192 id, Claimed memory claimed) {
        if (_claimed.length == 0 || (seed >> 16) % 12 == 0) return (0, uint192(0xDEAD), claimed);
        index = (seed >> 24) % _claimed.length;
        claimed = _claimed[index];
        id = claimed.id;
    }

    function _openUnits(uint256 index) private {
        Unit memory row;
        row.holder = _claimed[index].terms.creditor;
        row.state = NoteState.Live;
        _assign(index, 0, _claimed[index].terms.amount, row);
    }
}
