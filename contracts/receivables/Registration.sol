// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../interfaces/IFingerprints.sol";
import {IParticipants} from "../interfaces/IParticipants.sol";
import {IReceivables} from "../interfaces/IReceivables.sol";
import {Calls} from "../libraries/Calls.sol";
import {ClaimReason} from "../libraries/ClaimWords.sol";
import {ReceivableState, ReceivableStates} from "../libraries/ReceivableStates.sol";
import {ReceivableWord} from "../libraries/ReceivableWords.sol";
import {Roles} from "../libraries/Roles.sol";
import {Spans} from "../libraries/Spans.sol";
import {Ledger} from "./Ledger.sol";

/// @title Registration
/// @notice How a receivable comes to be: registered, confirmed, rejected, withdrawn, issued; and disputed.
/// @dev A registered receivable is the claim on its fingerprints and nothing else: the id commits to the terms, and whoever
/// goes on restates them. So registering writes one slot where two would say the same.
abstract contract Registration is Ledger {
    using Calls for IParticipants;
    using Calls for IFingerprints;

    uint256 private constant _MAX_FINGERPRINTS = 4;
    /// @dev ISO 4217 numbers have three digits.
    uint16 private constant _CURRENCY_MAX = 999;

    /// @inheritdoc IReceivables
    function register(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId) {
        uint256 caller = _participants.callerAndParty(Roles.SUPPLIER, terms.debtor, Roles.DEBTOR);
        _requireTermsParty(caller, terms.creditor);
        receivableId = _begin(terms, fingerprints);
        ReceivableStates.requireEdge(receivableId, _receivable(receivableId).state(), ReceivableState.Registered);
        _claimAll(receivableId, caller, fingerprints);
        emit ReceivableRegistered(receivableId, terms, fingerprints);
    }

    /// @inheritdoc IReceivables
    function issue(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId) {
        uint256 caller = _participants.callerAndParty(Roles.DEBTOR, terms.creditor, Roles.SUPPLIER);
        _requireTermsParty(caller, terms.debtor);
        receivableId = _begin(terms, fingerprints);
        _moveReceivable(receivableId, _receivable(receivableId).state(), _confirmed(terms));
        _claimAll(receivableId, caller, fingerprints);
        emit ReceivableIssued(receivableId, terms, fingerprints);
    }

    /// @inheritdoc IReceivables
    function confirm(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId) {
        uint256 caller = _participants.callerWith(Roles.DEBTOR);
        if (caller != terms.debtor) _refuseTermsParty(caller, terms.debtor);
        receivableId = _requireRegistered(terms, fingerprints, ReceivableState.Confirmed);
        if (terms.maturity <= block.timestamp) _refuseMaturity(terms.maturity);
        _moveReceivable(receivableId, ReceivableState.Registered, _confirmed(terms));
        emit ReceivableConfirmed(receivableId);
    }

    /// @inheritdoc IReceivables
    function reject(
        Terms calldata terms,
        bytes32[] calldata fingerprints,
        bytes32 reason
    ) external returns (uint192 receivableId) {
        _requireTermsParty(_participants.callerWith(Roles.DEBTOR), terms.debtor);
        receivableId = _end(terms, fingerprints, ReceivableState.Rejected);
        emit ReceivableRejected(receivableId, reason);
    }

    /// @inheritdoc IReceivables
    function withdraw(Terms calldata terms, bytes32[] calldata fingerprints) external returns (uint192 receivableId) {
        _requireTermsParty(_participants.callerWith(Roles.SUPPLIER), terms.creditor);
        receivableId = _end(terms, fingerprints, ReceivableState.Withdrawn);
        emit ReceivableWithdrawn(receivableId);
    }

    /// @inheritdoc IReceivables
    function dispute(uint192 receivableId, bytes32 reason) external {
        ReceivableWord receivable = _requireConfirmed(receivableId);
        uint256 caller = _participants.callerWith(Roles.DEBTOR);
        if (caller != receivable.debtor()) {
            revert ReceivablePartyMismatch(receivableId, uint32(caller), uint32(receivable.debtor()));
        }
        if (receivable.isDisputed()) revert ReceivableDisputePending(receivableId);
        _keepReceivable(receivableId, receivable.withDisputed(true));
        emit ReceivableDisputed(receivableId, reason);
    }

    /// @inheritdoc IReceivables
    function liftDispute(uint192 receivableId, bytes32 reason) external {
        ReceivableWord receivable = _requireConfirmed(receivableId);
        uint256 caller = _participants.callerWith(Roles.DEBTOR | Roles.REGULATOR);
        if (caller != receivable.debtor()) _participants.callerWith(Roles.REGULATOR);
        if (!receivable.isDisputed()) revert ReceivableDisputeMissing(receivableId);
        _keepReceivable(receivableId, receivable.withDisputed(false));
        emit ReceivableDisputeLifted(receivableId, reason);
    }

    /// @inheritdoc IReceivables
    function stateOf(Terms calldata terms, bytes32[] calldata fingerprints) external view returns (ReceivableState) {
        return _stateOf(receivableIdOf(terms, fingerprints), fingerprints);
    }

    /// @inheritdoc IReceivables
    /// @dev Copies what `abi.encode(terms, fingerprints)` would encode: six words of terms, where the array begins, its length and
    /// its items. Encoding checks and masks every field again, which cost 1,000 gas in each of five functions. Fields that do
    /// not fit their type are refused where they are read.
    function receivableIdOf(
        Terms calldata terms,
        bytes32[] calldata fingerprints
    ) public pure returns (uint192 receivableId) {
        assembly ("memory-safe") {
            let start := mload(0x40)
            let size := shl(5, fingerprints.length)
            calldatacopy(start, terms, 0xc0)
            mstore(add(start, 0xc0), 0xe0)
            mstore(add(start, 0xe0), fingerprints.length)
            calldatacopy(add(start, 0x100), fingerprints.offset, size)
            receivableId := and(keccak256(start, add(0x100, size)), sub(shl(192, 1), 1))
        }
    }

    function _begin(Terms calldata terms, bytes32[] calldata fingerprints) private view returns (uint192) {
        if (terms.amount == 0 || terms.amount > Spans.AMOUNT_MAX) {
            revert TermsAmountInvalid(terms.amount, Spans.AMOUNT_MAX);
        }
        if (terms.creditor == terms.debtor) revert TermsPartiesEqual(terms.debtor);
        if (terms.currency == 0 || terms.currency > _CURRENCY_MAX) {
            revert TermsCurrencyInvalid(terms.currency, _CURRENCY_MAX);
        }
        _requireMaturity(terms.maturity);
        if (fingerprints.length == 0 || fingerprints.length > _MAX_FINGERPRINTS) {
            revert TermsFingerprintsInvalid(fingerprints.length, _MAX_FINGERPRINTS);
        }
        return receivableIdOf(terms, fingerprints);
    }

    function _requireMaturity(uint40 maturity) private view {
        if (maturity <= block.timestamp || maturity > block.timestamp + _maxTenor) _refuseMaturity(maturity);
    }

    function _refuseMaturity(uint40 maturity) private view {
        revert TermsMaturityInvalid(maturity, block.timestamp + 1, block.timestamp + _maxTenor);
    }

    function _claimAll(uint192 receivableId, uint256 claimant, bytes32[] calldata fingerprints) private {
        for (uint256 i; i < fingerprints.length; ++i) {
            _claim(fingerprints[i], receivableId, claimant, ClaimReason.Receivable);
        }
    }

    /// @dev Ends a registration. The id commits to all the fingerprints, so none can be left behind.
    function _end(
        Terms calldata terms,
        bytes32[] calldata fingerprints,
        ReceivableState to
    ) private returns (uint192 receivableId) {
        receivableId = _requireRegistered(terms, fingerprints, to);
        _moveReceivable(receivableId, ReceivableState.Registered, _wordOf(terms, to));
        for (uint256 i; i < fingerprints.length; ++i)
            _fingerprints.releaseFor(fingerprints[i], receivableId, _registryNumber);
    }

    /// @dev Whoever restates other terms or fingerprints than the registered ones arrives at an id that nobody registered.
    function _requireRegistered(
        Terms calldata terms,
        bytes32[] calldata fingerprints,
        ReceivableState to
    ) private view returns (uint192 receivableId) {
        receivableId = receivableIdOf(terms, fingerprints);
        if (_receivable(receivableId).isStored() || !_isClaimed(receivableId, fingerprints)) {
            ReceivableStates.forbid(receivableId, _receivable(receivableId).state(), to);
        }
    }

    /// @dev All fingerprints of a receivable are claimed and freed together, so the first one speaks for all.
    function _stateOf(
        uint192 receivableId,
        bytes32[] calldata fingerprints
    ) private view returns (ReceivableState state) {
        state = _receivable(receivableId).state();
        if (state == ReceivableState.None && _isClaimed(receivableId, fingerprints)) return ReceivableState.Registered;
    }

    /// @dev Without fingerprints this asks for whatever follows in the calldata, and no claim was ever made for an id of none.
    function _isClaimed(uint192 receivableId, bytes32[] calldata fingerprints) private view returns (bool) {
        bytes32 first;
        assembly ("memory-safe") {
            first := calldataload(fingerprints.offset)
        }
        return _fingerprints.claimOn(first).isFor(receivableId, _registryNumber);
    }

    function _requireConfirmed(uint192 receivableId) private view returns (ReceivableWord receivable) {
        receivable = _receivable(receivableId);
        ReceivableState state = receivable.state();
        if (state != ReceivableState.Confirmed) {
            revert ReceivableStates.ReceivableTransitionForbidden(receivableId, state, ReceivableState.Confirmed);
        }
    }

    function _requireTermsParty(uint256 caller, uint32 required) private pure {
        if (caller != required) _refuseTermsParty(caller, required);
    }

    function _refuseTermsParty(uint256 presented, uint32 required) private pure {
        revert TermsPartyMismatch(uint32(presented), required);
    }

    /// @dev Confirmed, with the root note `[0, amount)` in the hands of the creditor.
    function _confirmed(Terms calldata terms) private pure returns (ReceivableWord word) {
        word = _wordOf(terms, ReceivableState.Confirmed);
        assembly ("memory-safe") {
            word := or(word, shl(64, calldataload(add(terms, 0x60))))
        }
    }

    /// @dev Reads the calldata as it is: every caller has read each field, or found the id of the whole registered.
    function _wordOf(Terms calldata terms, ReceivableState state) private pure returns (ReceivableWord word) {
        assembly ("memory-safe") {
            word := or(shl(192, calldataload(terms)), shl(128, calldataload(add(terms, 0x20))))
            word := or(word, or(shl(160, calldataload(add(terms, 0x40))), calldataload(add(terms, 0x60))))
            word := or(word, or(shl(232, calldataload(add(terms, 0x80))), shl(248, state)))
        }
    }
}
