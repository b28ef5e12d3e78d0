// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {TestWorld} from "./TestWorld.sol";
import {vm} from "./Vm.sol";

/// @notice One receivable of any amount in the first registry, and its parties' acts in one line each.
abstract contract NoteStory is TestWorld {
    uint40 internal constant MATURITY = START + 90 days;
    uint40 internal constant DEADLINE = MATURITY - 1;

    function _confirmed(uint64 amount) internal returns (uint256 noteId) {
        vm.prank(_accountOf(DEBTOR));
        return uint256(registry.issue(_terms(amount), _claims())) << 64;
    }

    function _terms(uint64 amount) internal pure returns (IReceivables.Terms memory) {
        return IReceivables.Terms(MATURITY, SUPPLIER, DEBTOR, amount, 156, bytes32("content"));
    }

    function _claims() internal pure returns (bytes32[] memory claims) {
        claims = new bytes32[](1);
        claims[0] = _fingerprint(1);
    }

    function _fingerprint(uint256 number) internal pure returns (bytes32) {
        return bytes32((uint256(1) << 240) | number);
    }

    function _amountFrom(uint64 seed) internal pure returns (uint64) {
        return 1 + (seed % ((1 << 63) - 1));
    }

    function _transfer(uint32 from, uint256 noteId, uint64 amount, uint32 to) internal returns (uint256) {
        vm.prank(_accountOf(from));
        return registry.transfer(noteId, to, amount, DEADLINE, NotePurpose.Transfer, 0);
    }

    function _tradeTransfer(uint256 noteId, uint64 amount, uint256 document) internal returns (uint256) {
        vm.prank(_accountOf(SUPPLIER));
        return
            registry.transfer(
                noteId,
                SECOND_SUPPLIER,
                amount,
                DEADLINE,
                NotePurpose.TradeTransfer,
                _fingerprint(document)
            );
    }

    function _accept(uint32 by, uint256 noteId) internal {
        vm.prank(_accountOf(by));
        registry.accept(noteId);
    }

    function _recall(uint256 noteId, bytes32 fingerprint) internal {
        vm.prank(_accountOf(SUPPLIER));
        registry.recall(noteId, fingerprint);
    }

    function _merge(uint256 noteId, uint256 nextId) internal {
        vm.prank(_accountOf(SUPPLIER));
        registry.merge(noteId, nextId);
    }

    function _lock(uint256 noteId, uint64 amount, NotePurpose purpose) internal returns (uint256) {
        vm.prank(_accountOf(SUPPLIER));
        return registry.lock(noteId, FACTOR, amount, DEADLINE, purpose, 0);
    }

    function _finance(uint256 noteId) internal {
        vm.prank(_accountOf(FACTOR));
        registry.finance(noteId, 0);
    }

    function _offerDilution(uint256 noteId, uint64 amount) internal returns (uint256) {
        vm.prank(_accountOf(SUPPLIER));
        return registry.offerDilution(noteId, amount, DEADLINE, 0);
    }

    function _freeze(uint256 noteId, uint64 amount, uint40 until) internal returns (uint256) {
        vm.prank(_accountOf(REGULATOR));
        return registry.freeze(noteId, amount, until, CLEARING, bytes32("order"));
    }

    function _settle(uint256 noteId, uint64 amount) internal returns (uint256) {
        vm.prank(_accountOf(CLEARING));
        return registry.settle(noteId, amount, 0);
    }

    /// @dev Cuts off the end by one of five acts.
    function _cutBy(uint256 act, uint256 noteId, uint64 amount) internal returns (uint256) {
        if (act % 5 == 0) return _transfer(SUPPLIER, noteId, amount, SECOND_SUPPLIER);
        if (act % 5 == 1) return _lock(noteId, amount, NotePurpose.Pledge);
        if (act % 5 == 2) return _offerDilution(noteId, amount);
        if (act % 5 == 3) return _freeze(noteId, amount, MATURITY);
        vm.warp(MATURITY);
        return _settle(noteId, amount);
    }
}
