// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {Receivables} from "../../../contracts/Receivables.sol";
import {ClaimReason} from "../../../contracts/libraries/ClaimWords.sol";
import {ReceivableState, ReceivableStates} from "../../../contracts/libraries/ReceivableStates.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";
import {Judge} from "./Judge.sol";

/// @notice The part of the handler that registers, confirms, ends and disputes receivables, in both registry versions.
abstract contract RegistrationHandler is Judge {
    uint256 private constant _MOST_RECEIVABLES = 7;
    bytes4 private constant _TERMS_MISMATCH = IReceivables.TermsPartyMismatch.selector;
    bytes4 private constant _FORBIDDEN = ReceivableStates.ReceivableTransitionForbidden.selector;

    function register(uint256 seed) external {
        _create(_mixed(seed), true);
    }

    function issue(uint256 seed) external {
        _create(_mixed(seed), false);
    }

    function confirm(uint256 seed) external {
        seed = _mixed(seed);
        (Pick memory pick, Claimed memory claimed) = _pickReceivable(seed, ReceivableState.Registered);
        address caller = _caller(seed, claimed.terms.debtor);
        Grounds memory grounds;
        _addCaller(grounds, caller, Roles.DEBTOR, claimed.terms.debtor, _TERMS_MISMATCH);
        _add(grounds, IReceivables.TermsMaturityInvalid.selector, clock >= claimed.terms.maturity, 9);
        _misstate(seed, claimed, grounds, 12);
        bytes memory data = abi.encodeCall(IReceivables.confirm, (claimed.terms, claimed.fingerprints));
        (bool isDone, bytes memory answer) = _attempt("confirm", pick, caller, data, grounds);
        if (!isDone) return;
        if (abi.decode(answer, (uint192)) != claimed.id) _breach(12, "other terms were confirmed");
        _claimed[pick.index].state = ReceivableState.Confirmed;
        _openUnits(pick.index);
    }

    function reject(uint256 seed) external {
        seed = _mixed(seed);
        // Half are left to be confirmed.
        if (seed % 2 == 0) _endUnconfirmed(seed, ReceivableState.Rejected);
    }

    function withdraw(uint256 seed) external {
        seed = _mixed(seed);
        if (seed % 2 == 0) _endUnconfirmed(seed, ReceivableState.Withdrawn);
    }

    function dispute(uint256 seed) external {
        seed = _mixed(seed);
        (Pick memory pick, Claimed memory claimed) = _pickReceivable(seed, ReceivableState.Confirmed);
        address caller = _caller(seed, claimed.terms.debtor);
        Grounds memory grounds;
        bytes4 mismatch = IReceivables.ReceivablePartyMismatch.selector;
        _addCaller(grounds, caller, Roles.DEBTOR, claimed.terms.debtor, mismatch);
        _addReceivableState(grounds, claimed.state, ReceivableState.Confirmed, 2);
        _add(grounds, IReceivables.ReceivableDisputePending.selector, claimed.isDisputed, 0);
        bytes memory data = abi.encodeCall(IReceivables.dispute, (pick.receivableId, bytes32(seed)));
        (bool isDone, ) = _attempt("dispute", pick, caller, data, grounds);
        if (isDone) _claimed[pick.index].isDisputed = true;
    }

    function liftDispute(uint256 seed) external {
        seed = _mixed(seed);
        (Pick memory pick, Claimed memory claimed) = _pickReceivable(seed, ReceivableState.Confirmed);
        address caller = _caller(seed, seed % 2 == 0 ? claimed.terms.debtor : REGULATOR);
        Grounds memory grounds;
        bool isDebtor = _idOf(caller) == claimed.terms.debtor;
        _addRole(grounds, caller, isDebtor ? Roles.DEBTOR | Roles.REGULATOR : Roles.REGULATOR);
        _addReceivableState(grounds, claimed.state, ReceivableState.Confirmed, 2);
        _add(grounds, IReceivables.ReceivableDisputeMissing.selector, !claimed.isDisputed, 0);
        bytes memory data = abi.encodeCall(IReceivables.liftDispute, (pick.receivableId, bytes32(seed)));
        (bool isDone, ) = _attempt("liftDispute", pick, caller, data, grounds);
        if (isDone) _claimed[pick.index].isDisputed = false;
    }

    function _addReceivableState(
        Grounds memory grounds,
        ReceivableState from,
        ReceivableState required,
        uint8 number
    ) internal pure {
        _add(grounds, _FORBIDDEN, from != required, number);
    }

    /// @dev Three times out of four a receivable in the wanted state if there is one; now and then one of nobody.
    function _pickReceivable(
        uint256 seed,
        ReceivableState wanted
    ) internal view returns (Pick memory pick, Claimed memory claimed) {
        uint256 count = _claimed.length;
        if ((seed >> 16) % 24 == 0) {
            pick.registry = registry;
            pick.receivableId = 0xDEAD;
            claimed.terms.contentCommitment = bytes32(seed);
            return (pick, claimed);
        }
        uint256 index = (seed >> 24) % count;
        for (uint256 i; i < count && (seed >> 32) % 4 != 0; ++i) {
            if (_claimed[index].state == wanted) break;
            index = (index + 1) % count;
        }
        claimed = _claimed[index];
        pick.index = index;
        pick.registry = claimed.registry;
        pick.receivableId = claimed.id;
    }

    /// @dev A receivable of legal terms that its debtor issues, so that every run has notes from its start.
    function _issueFirst(Receivables version, uint256 seed) internal {
        IReceivables.Terms memory terms = IReceivables.Terms(clock + 150, SUPPLIER, DEBTOR, UNITS, 156, bytes32(seed));
        bytes32[] memory claims = new bytes32[](1);
        claims[0] = fingerprintAt(seed);
        Grounds memory grounds;
        _createWith(version, terms, claims, _accountOf(DEBTOR), false, grounds);
    }

    function _create(uint256 seed, bool byCreditor) private {
        (IReceivables.Terms memory terms, bytes32[] memory claims) = _drawTerms(seed);
        address caller = _caller(seed, byCreditor ? terms.creditor : terms.debtor);
        Receivables version = (seed >> 210) % 3 == 0 ? secondRegistry : registry;
        Grounds memory grounds = _groundsOfTerms(terms, claims);
        uint16 role = byCreditor ? Roles.SUPPLIER : Roles.DEBTOR;
        _addCaller(grounds, caller, role, byCreditor ? terms.creditor : terms.debtor, _TERMS_MISMATCH);
        _addOther(grounds, byCreditor ? terms.debtor : terms.creditor, byCreditor ? Roles.DEBTOR : Roles.SUPPLIER);
        bool wasKnown = _isKnown(version, uint192(uint256(keccak256(abi.encode(terms, claims)))));
        _add(grounds, _FORBIDDEN, wasKnown, 2);
        _createWith(version, terms, claims, caller, byCreditor, grounds);
    }

    function _createWith(
        Receivables version,
        IReceivables.Terms memory terms,
        bytes32[] memory claims,
        address caller,
        bool byCreditor,
        Grounds memory grounds
    ) private {
        Pick memory pick;
        pick.index = _claimed.length;
        pick.registry = version;
        bytes memory data =
            byCreditor
                ? abi.encodeCall(IReceivables.register, (terms, claims))
                : abi.encodeCall(IReceivables.issue, (terms, claims));
        (bool isDone, bytes memory answer) = _attempt(byCreditor ? "register" : "issue", pick, caller, data, grounds);
        if (!isDone) return;
        uint192 id = uint192(uint256(keccak256(abi.encode(terms, claims))));
        if (abi.decode(answer, (uint192)) != id) _breach(12, "the id does not commit to the terms");
        for (uint256 i; i < claims.length; ++i) {
            _claims[claims[i]] = Claim(id, _idOf(caller), _numberOf(version), ClaimReason.Receivable);
        }
        ReceivableState state = byCreditor ? ReceivableState.Registered : ReceivableState.Confirmed;
        _claimed.push(Claimed(id, version, state, false, terms, claims));
        if (!byCreditor) _openUnits(pick.index);
    }

    /// @dev Legal terms with one twist in one case out of three; once the ledger is full known terms come again.
    function _drawTerms(uint256 seed) private view returns (IReceivables.Terms memory terms, bytes32[] memory claims) {
        uint256 twist = (seed >> 16) % 36;
        if (twist == 0 || (twist > 12 && _claimed.length >= _MOST_RECEIVABLES)) {
            Claimed memory known = _claimed[(seed >> 32) % _claimed.length];
            return (known.terms, known.fingerprints);
        }
        terms.creditor = uint32(SUPPLIER + ((seed >> 32) % 3));
        terms.debtor = (seed >> 40) % 2 == 0 || terms.creditor == TRADER ? DEBTOR : TRADER;
        terms.amount = uint64(1 + ((seed >> 48) % UNITS));
        terms.currency = 156;
        terms.maturity = clock + 40 + uint40((seed >> 56) % 160);
        terms.contentCommitment = bytes32(seed);
        uint256 count = 1 + ((seed >> 64) % 2);
        if (twist == 1) terms.amount = 0;
        else if (twist == 2) terms.amount = Spans.AMOUNT_MAX + 1;
        else if (twist == 3) terms.creditor = terms.debtor = TRADER;
        else if (twist == 4) terms.currency = 0;
        else if (twist == 5) terms.currency = 1000;
        else if (twist == 6) terms.maturity = clock;
        else if (twist == 7) terms.maturity = clock + MAX_TENOR + 1;
        else if (twist == 8) terms.debtor = PARTICIPANTS + 1;
        else if (twist == 9) terms.debtor = FACTOR;
        else if (twist == 10) count = 0;
        else if (twist == 11) count = 5;
        claims = new bytes32[](count);
        for (uint256 i; i < count; ++i) claims[i] = fingerprintAt((seed >> 72) + i);
        if (twist == 12) claims[0] = bytes32(uint256(claims[0]) & (type(uint256).max >> 16));
        if (twist == 13 && count == 2) claims[1] = claims[0];
    }

    function _groundsOfTerms(
        IReceivables.Terms memory terms,
        bytes32[] memory claims
    ) private view returns (Grounds memory grounds) {
        bool isTaken;
        bool isEpochMissing;
        for (uint256 i; i < claims.length; ++i) {
            if (_claims[claims[i]].claimant != 0) isTaken = true;
            if (i > 0 && claims[i] == claims[i - 1]) isTaken = true;
            if (uint256(claims[i]) >> 240 == 0) isEpochMissing = true;
        }
        bool isAmountWrong = terms.amount == 0 || terms.amount > Spans.AMOUNT_MAX;
        bool isCurrencyWrong = terms.currency == 0 || terms.currency > 999;
        bool isMaturityWrong = terms.maturity <= clock || terms.maturity > clock + MAX_TENOR;
        bool isCountWrong = claims.length == 0 || claims.length > 4;
        _add(grounds, IReceivables.TermsAmountInvalid.selector, isAmountWrong, 1);
        _add(grounds, IReceivables.TermsPartiesEqual.selector, terms.creditor == terms.debtor, 12);
        _add(grounds, IReceivables.TermsCurrencyInvalid.selector, isCurrencyWrong, 12);
        _add(grounds, IReceivables.TermsMaturityInvalid.selector, isMaturityWrong, 9);
        _add(grounds, IReceivables.TermsFingerprintsInvalid.selector, isCountWrong, 4);
        _add(grounds, IFingerprints.FingerprintEpochInvalid.selector, isEpochMissing, 4);
        _add(grounds, IFingerprints.FingerprintAlreadyClaimed.selector, isTaken, 4);
    }

    /// @dev Whether this version ever had that receivable, whatever became of it.
    function _isKnown(Receivables version, uint192 id) private view returns (bool) {
        for (uint256 i; i < _claimed.length; ++i) {
            if (_claimed[i].id == id && address(_claimed[i].registry) == address(version)) return true;
        }
        return false;
    }

    function _endUnconfirmed(uint256 seed, ReceivableState to) private {
        (Pick memory pick, Claimed memory claimed) = _pickReceivable(seed, ReceivableState.Registered);
        bool isRejection = to == ReceivableState.Rejected;
        uint32 entitled = isRejection ? claimed.terms.debtor : claimed.terms.creditor;
        address caller = _caller(seed, entitled);
        Grounds memory grounds;
        _addCaller(grounds, caller, isRejection ? Roles.DEBTOR : Roles.SUPPLIER, entitled, _TERMS_MISMATCH);
        bytes32[] memory claims = claimed.fingerprints;
        _misstate(seed, claimed, grounds, 4);
        (bool isDone, ) = _attempt(
            isRejection ? "reject" : "withdraw",
            pick,
            caller,
            isRejection
                ? abi.encodeCall(IReceivables.reject, (claimed.terms, claimed.fingerprints, bytes32("reason")))
                : abi.encodeCall(IReceivables.withdraw, (claimed.terms, claimed.fingerprints)),
            grounds
        );
        if (!isDone) return;
        _claimed[pick.index].state = to;
        for (uint256 i; i < claims.length; ++i) delete _claims[claims[i]];
    }

    /// @dev Restates the terms, one time out of eight with one changed, so that nobody registered them.
    function _misstate(uint256 seed, Claimed memory claimed, Grounds memory grounds, uint8 number) private pure {
        bool isMisstated = (seed >> 200) % 8 == 0;
        uint256 draw = (seed >> 204) % 5;
        if (isMisstated && draw == 0) claimed.terms.contentCommitment = ~claimed.terms.contentCommitment;
        else if (isMisstated && draw == 1) claimed.fingerprints = new bytes32[](0);
        else if (isMisstated && draw == 2) claimed.terms.amount += 1;
        else if (isMisstated && draw == 3) claimed.terms.maturity += 1;
        else if (isMisstated) claimed.terms.currency += 1;
        _add(grounds, _FORBIDDEN, isMisstated || claimed.state != ReceivableState.Registered, isMisstated ? number : 2);
    }
}
