// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../contracts/interfaces/IReceivables.sol";
import {NoteState} from "../../contracts/libraries/NoteStates.sol";
import {ReceivableState} from "../../contracts/libraries/ReceivableStates.sol";
import {Spans} from "../../contracts/libraries/Spans.sol";
import {TestWorld} from "./handlers/TestWorld.sol";
import {vm} from "./handlers/Vm.sol";

/// @notice Amounts, cuts and times over their whole range, where the handler of the invariants takes small ones.
contract ReceivablesFuzzTest is TestWorld {
    uint40 private constant _MATURITY = START + 90 days;

    function setUp() public {
        _deployWorld();
    }

    function testFuzz_ids_of_notes_are_read_back(uint192 receivableId, uint64 start) external pure {
        uint256 noteId = Spans.noteIdOf(receivableId, start);
        require(Spans.receivableIdOf(noteId) == receivableId, "receivable lost");
        require(Spans.startOf(noteId) == start, "start lost");
    }

    function testFuzz_the_id_commits_to_terms_and_fingerprints(
        IReceivables.Terms memory terms,
        bytes32[] memory claims
    ) external view {
        uint192 expected = uint192(uint256(keccak256(abi.encode(terms, claims))));
        require(registry.receivableIdOf(terms, claims) == expected, "another id");
    }

    function testFuzz_amounts_beyond_the_bound_are_refused(uint64 amount) external {
        amount = amount | (uint64(1) << 63);
        vm.prank(_accountOf(SUPPLIER));
        vm.expectRevert(abi.encodeWithSelector(IReceivables.TermsAmountInvalid.selector, amount, Spans.AMOUNT_MAX));
        registry.register(_terms(amount), _claims());
    }

    function testFuzz_more_than_the_span_is_refused(uint64 amount, uint64 wanted, bool isLock) external {
        amount = _amountFrom(amount);
        vm.assume(wanted == 0 || wanted > amount);
        uint256 noteId = _confirmed(amount);
        vm.prank(_accountOf(SUPPLIER));
        vm.expectRevert(abi.encodeWithSelector(IReceivables.NoteAmountInvalid.selector, noteId, wanted, amount));
        if (isLock) registry.lock(noteId, wanted, FACTOR, _MATURITY, 0);
        else registry.transfer(noteId, wanted, SECOND_SUPPLIER, _MATURITY, 0);
    }

    function testFuzz_a_cut_takes_exactly_the_amount_off_the_end(uint64 amount, uint64 wanted, bool isLock) external {
        amount = _amountFrom(amount);
        wanted = uint64(1 + (wanted % amount));
        uint256 noteId = _confirmed(amount);
        vm.prank(_accountOf(SUPPLIER));
        uint256 pieceId =
            isLock
                ? registry.lock(noteId, wanted, FACTOR, _MATURITY, 0)
                : registry.transfer(noteId, wanted, SECOND_SUPPLIER, _MATURITY, 0);
        require(pieceId == noteId + (amount - wanted), "the piece starts elsewhere");
        IReceivables.Note memory piece = registry.noteOf(pieceId);
        require(piece.end == amount, "the piece ends elsewhere");
        require(piece.state == (isLock ? NoteState.Locked : NoteState.Offered), "the piece is not bound");
        if (wanted == amount) return;
        IReceivables.Note memory rest = registry.noteOf(noteId);
        require(rest.end == amount - wanted && rest.state == NoteState.Live, "the rest is not what is left");
        require(rest.counterparty == 0 && rest.deadline == 0, "the rest is bound");
    }

    function testFuzz_pieces_settle_to_the_unit_in_any_order(
        uint64 amount,
        uint64[6] memory cuts,
        uint256 order
    ) external {
        amount = _amountFrom(amount);
        uint256 noteId = _confirmed(amount);
        uint256[] memory notes = new uint256[](7);
        uint256 count = 1;
        notes[0] = noteId;
        for (uint256 i; i < cuts.length; ++i) {
            uint64 span = registry.noteOf(noteId).end;
            if (span == 1) break;
            vm.prank(_accountOf(SUPPLIER));
            notes[count++] = registry.lock(noteId, uint64(1 + (cuts[i] % (span - 1))), FACTOR, _MATURITY, 0);
        }
        vm.warp(_MATURITY);
        uint192 receivableId = Spans.receivableIdOf(noteId);
        uint64 settled;
        while (count > 0) {
            require(registry.receivableOf(receivableId).state == ReceivableState.Confirmed, "closed too early");
            uint256 next = order % count;
            order = uint256(keccak256(abi.encode(order)));
            settled += registry.noteOf(notes[next]).end - Spans.startOf(notes[next]);
            vm.prank(_accountOf(CLEARING));
            registry.settle(notes[next], 0);
            require(registry.receivableOf(receivableId).settled == settled, "settled miscounted");
            notes[next] = notes[--count];
        }
        require(settled == amount, "a unit was lost");
        require(registry.receivableOf(receivableId).state == ReceivableState.Settled, "not closed");
    }

    function testFuzz_deadlines_are_kept_to_the_second(uint40 deadline, uint40 acceptedAt) external {
        uint40 earliest = START + MIN_WINDOW;
        deadline = uint40(earliest + (deadline % (_MATURITY - earliest + 1)));
        acceptedAt = uint40(START + (acceptedAt % (2 * (_MATURITY - START))));
        uint256 noteId = _confirmed(100);
        vm.prank(_accountOf(SUPPLIER));
        registry.transfer(noteId, 100, SECOND_SUPPLIER, deadline, 0);
        vm.warp(acceptedAt);
        vm.prank(_accountOf(SECOND_SUPPLIER));
        (bool isDone, ) = address(registry).call(abi.encodeCall(IReceivables.accept, (noteId)));
        require(
            isDone == (acceptedAt <= deadline && acceptedAt < _MATURITY),
            "accepted out of time or refused in time"
        );
    }

    function _confirmed(uint64 amount) private returns (uint256 noteId) {
        vm.prank(_accountOf(DEBTOR));
        return Spans.noteIdOf(registry.issue(_terms(amount), _claims()), 0);
    }

    function _terms(uint64 amount) private pure returns (IReceivables.Terms memory) {
        return IReceivables.Terms(SUPPLIER, DEBTOR, amount, 156, _MATURITY, bytes32("content"));
    }

    function _claims() private pure returns (bytes32[] memory claims) {
        claims = new bytes32[](1);
        claims[0] = bytes32((uint256(1) << 240) | 1);
    }

    function _amountFrom(uint64 seed) private pure returns (uint64) {
        return 1 + (seed % Spans.AMOUNT_MAX);
    }
}
