// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {ClaimReason, ClaimWords} from "../../../contracts/libraries/ClaimWords.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {ReceivableState} from "../../../contracts/libraries/ReceivableStates.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";
import {AttackWorld, vm} from "./AttackWorld.sol";

/// @notice Attacks on "one document, one debt": every way to free a claim that still backs something, or to be confirmed
/// for something else than what was registered.
contract ClaimsAttackTest is AttackWorld {
    bytes32 private immutable _invoice = _print("invoice");

    function _isClaimed(bytes32 fingerprint) private view returns (bool) {
        return fingerprints.claimOf(fingerprint).claimant != 0;
    }

    function test_OneFingerprintTwiceInOneReceivableIsRefused() external {
        bytes32[] memory claims = new bytes32[](2);
        (claims[0], claims[1]) = (_invoice, _invoice);
        bytes memory refusal = _refused(SUPPLIER, abi.encodeCall(registry.register, (_terms(AMOUNT, CNY), claims)));
        require(bytes4(refusal) == IFingerprints.FingerprintAlreadyClaimed.selector, "refusal");
        require(!_isClaimed(_invoice), "left behind");
    }

    function test_ARefusalOfALaterOfferCannotFreeTheClaimOfAnAcceptedOne() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 piece = _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, 400, _invoice);
        _as(SECOND_SUPPLIER);
        registry.accept(piece);
        // Back to the first holder, and offered again: the same note, the same two parties, another tier.
        _offerTrade(piece, SECOND_SUPPLIER, SUPPLIER, 400, _print("second"));
        bytes memory refusal = _refused(SUPPLIER, abi.encodeCall(registry.refuse, (piece, _invoice, bytes32(0))));
        require(bytes4(refusal) == IFingerprints.FingerprintClaimMismatch.selector, "refusal");
        _as(SUPPLIER);
        registry.accept(piece);
        _offerTrade(piece, SUPPLIER, SECOND_SUPPLIER, 400, _print("third"));
        _refused(SUPPLIER, abi.encodeCall(registry.recall, (piece, _invoice)));
        require(_isClaimed(_invoice), "freed");
    }

    function test_TheClaimOfAnAcceptedOfferOutlivesMergeAndNewCut() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 high = _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, 300, _invoice);
        uint256 low = _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, 300, _print("low"));
        _as(SECOND_SUPPLIER);
        registry.accept(high);
        _as(SECOND_SUPPLIER);
        registry.accept(low);
        _as(SECOND_SUPPLIER);
        registry.merge(low, high);
        uint256 again = _offerTrade(low, SECOND_SUPPLIER, SUPPLIER, 300, _print("again"));
        require(again == high, "the id is open again");
        _refused(SECOND_SUPPLIER, abi.encodeCall(registry.recall, (again, _invoice)));
        _refused(SUPPLIER, abi.encodeCall(registry.refuse, (again, _invoice, bytes32(0))));
        require(_isClaimed(_invoice), "freed");
    }

    function test_AnOfferCannotFreeTheFingerprintOfItsOwnReceivable() external {
        uint256 root = _root(AMOUNT, CNY, "invoice");
        uint256 piece = _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, 400, _print("b"));
        _refused(SUPPLIER, abi.encodeCall(registry.recall, (piece, _invoice)));
        _refused(SECOND_SUPPLIER, abi.encodeCall(registry.refuse, (piece, _invoice, bytes32(0))));
        require(_isClaimed(_invoice), "freed");
    }

    function test_APlainOfferFreesNothing() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, 100, _invoice);
        _offer(root, SUPPLIER, SECOND_SUPPLIER, 900);
        bytes memory refusal = _refused(SUPPLIER, abi.encodeCall(registry.recall, (root, _invoice)));
        require(bytes4(refusal) == IReceivables.NoteTradeMismatch.selector, "refusal");
    }

    function test_ATradeOfferCannotBeTakenBackWithoutItsFingerprint() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, AMOUNT, _invoice);
        bytes memory refusal = _refused(SUPPLIER, abi.encodeCall(registry.recall, (root, 0)));
        require(bytes4(refusal) == IReceivables.NoteTradeMismatch.selector, "refusal");
    }

    function test_AFactorCannotReleaseWhatARegistryClaimedForIt() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 bought = _finance(root, SUPPLIER, AMOUNT, NotePurpose.Assignment);
        // As the holder of a note it claims through the registry: the claimant is its own number.
        _offerTrade(bought, FACTOR, SECOND_FACTOR, AMOUNT, _invoice);
        require(fingerprints.claimOf(_invoice).claimant == FACTOR, "claimant");
        _as(FACTOR);
        (bool isDone, ) = address(fingerprints).call(
            abi.encodeCall(fingerprints.release, (_invoice, IFingerprints.ReleaseReason.ClaimedInError))
        );
        require(!isDone, "released");
    }

    function test_AFactorsOwnClaimIsNoRegistration() external {
        IReceivables.Terms memory terms = _terms(AMOUNT, CNY);
        uint192 receivableId = registry.receivableIdOf(terms, _one(_invoice));
        _as(FACTOR);
        fingerprints.claim(_invoice, receivableId, ClaimReason.AssignedElsewhere);
        require(registry.stateOf(terms, _one(_invoice)) == ReceivableState.None, "registered");
        _refused(DEBTOR, abi.encodeCall(registry.confirm, (terms, _one(_invoice))));
    }

    function test_NobodyClaimsInTheNameOfARegistry() external {
        for (uint256 number; number < 256; ++number) {
            bytes memory data = abi.encodeCall(
                fingerprints.claimFor,
                (_invoice, ClaimWords.pack(1, FACTOR, number, ClaimReason.Receivable))
            );
            _as(FACTOR);
            (bool isDone, ) = address(fingerprints).call(data);
            require(!isDone, "claimed");
        }
    }

    function test_AReceivableOfNoFingerprintsCannotBeConfirmed() external {
        _as(SUPPLIER);
        registry.register(_terms(AMOUNT, CNY), _one(_invoice));
        bytes memory data = abi.encodeCall(registry.confirm, (_terms(AMOUNT, CNY), new bytes32[](0)));
        _refused(DEBTOR, data);
        // What follows an empty array in the calldata is where its first item would be.
        _refused(DEBTOR, abi.encodePacked(data, _invoice));
    }

    function test_AConfirmationOfOtherTermsIsRefused(uint256 field, uint256 bit) external {
        field %= 6;
        bit %= 256;
        _as(SUPPLIER);
        registry.register(_terms(AMOUNT, CNY), _one(_invoice));
        bytes memory data = abi.encodeCall(registry.confirm, (_terms(AMOUNT, CNY), _one(_invoice)));
        // One bit of one field, within its type or beyond it.
        assembly ("memory-safe") {
            let word := add(add(data, 0x24), shl(5, field))
            mstore(word, xor(mload(word), shl(bit, 1)))
        }
        _refused(DEBTOR, data);
        require(registry.stateOf(_terms(AMOUNT, CNY), _one(_invoice)) == ReceivableState.Registered, "confirmed");
    }

    function test_ATermBeyondItsTypeCannotBeRegisteredOrIssued(uint256 field, uint256 bit) external {
        field %= 5;
        uint8[5] memory bits = [40, 32, 32, 64, 16];
        bit = bits[field] + (bit % (256 - bits[field]));
        bytes memory terms = abi.encode(_terms(AMOUNT, CNY));
        assembly ("memory-safe") {
            let word := add(add(terms, 0x20), shl(5, field))
            mstore(word, or(mload(word), shl(bit, 1)))
        }
        bytes memory rest = abi.encodePacked(uint256(0xe0), uint256(1), _invoice);
        _refused(SUPPLIER, abi.encodePacked(registry.register.selector, terms, rest));
        _refused(DEBTOR, abi.encodePacked(registry.issue.selector, terms, rest));
        require(!_isClaimed(_invoice), "claimed");
        // The same without that bit is a registration.
        _as(SUPPLIER);
        (bool isDone, ) = address(registry).call(
            abi.encodePacked(registry.register.selector, abi.encode(_terms(AMOUNT, CNY)), rest)
        );
        require(isDone && _isClaimed(_invoice), "a valid encoding");
    }

    function test_AnotherEncodingOfTheSameTermsIsTheSameReceivable() external {
        // The array 64 bytes further on than the ABI would put it.
        bytes memory tail = abi.encodePacked(uint256(0x120), uint256(7), uint256(7), uint256(1), _invoice);
        bytes memory terms = abi.encode(_terms(AMOUNT, CNY));
        _as(SUPPLIER);
        (bool isDone, ) = address(registry).call(abi.encodePacked(registry.register.selector, terms, tail));
        require(isDone, "a valid encoding");
        require(registry.stateOf(_terms(AMOUNT, CNY), _one(_invoice)) == ReceivableState.Registered, "another id");
        _as(DEBTOR);
        registry.confirm(_terms(AMOUNT, CNY), _one(_invoice));
    }

    function test_ARejectedReceivableCannotComeBack() external {
        _as(SUPPLIER);
        registry.register(_terms(AMOUNT, CNY), _one(_invoice));
        _as(DEBTOR);
        uint192 receivableId = registry.reject(_terms(AMOUNT, CNY), _one(_invoice), 0);
        bytes memory terms = abi.encode(_terms(AMOUNT, CNY), _one(_invoice));
        _refused(SUPPLIER, abi.encodePacked(registry.register.selector, terms));
        _refused(DEBTOR, abi.encodePacked(registry.issue.selector, terms));
        _refused(DEBTOR, abi.encodePacked(registry.confirm.selector, terms));
        require(registry.noteOf(Spans.noteIdOf(receivableId, 0)).state == NoteState.None, "a note");
    }

    function test_ARegistrationEndsAtItsMaturity() external {
        _as(SUPPLIER);
        registry.register(_terms(AMOUNT, CNY), _one(_invoice));
        vm.warp(MATURITY);
        _refused(DEBTOR, abi.encodeCall(registry.confirm, (_terms(AMOUNT, CNY), _one(_invoice))));
        vm.warp(MATURITY - 1);
        _as(DEBTOR);
        registry.confirm(_terms(AMOUNT, CNY), _one(_invoice));
    }
}
