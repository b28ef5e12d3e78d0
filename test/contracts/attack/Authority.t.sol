// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParticipants} from "../../../contracts/interfaces/IParticipants.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";
import {AttackWorld, vm} from "./AttackWorld.sol";

/// @notice Attacks on "only its party moves a note": the wrong door, the wrong second, the wrong neighbour, several at once.
contract AuthorityAttackTest is AttackWorld {
    function test_EveryPurposeHasOneDoor() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 offered = _offer(root, SUPPLIER, SECOND_SUPPLIER, 100);
        _as(SUPPLIER);
        uint256 diluted = registry.offerDilution(root, 100, DEADLINE, 0);
        _as(SUPPLIER);
        uint256 locked = registry.lock(root, FACTOR, 100, DEADLINE, NotePurpose.Assignment, 0);
        _refused(SECOND_SUPPLIER, abi.encodeCall(registry.acceptReturn, (offered)));
        _refused(SECOND_SUPPLIER, abi.encodeCall(registry.acceptDilution, (offered)));
        _refused(DEBTOR, abi.encodeCall(registry.accept, (diluted)));
        _refused(DEBTOR, abi.encodeCall(registry.acceptReturn, (diluted)));
        _refused(FACTOR, abi.encodeCall(registry.accept, (locked)));
        _refused(FACTOR, abi.encodeCall(registry.refuse, (locked, 0, 0)));
        _refused(SUPPLIER, abi.encodeCall(registry.recall, (locked, 0)));
        _refused(FACTOR, abi.encodeCall(registry.release, (locked, 0)));
        vm.warp(MATURITY);
        _refused(FACTOR, abi.encodeCall(registry.foreclose, (locked)));
    }

    function test_APledgedNoteIsNobodysToSellTwice() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 pledged = _finance(root, SUPPLIER, 400, NotePurpose.Pledge);
        bytes memory sale = abi.encodeCall(
            registry.lock,
            (pledged, SECOND_FACTOR, 400, DEADLINE, NotePurpose.Assignment, bytes32(0))
        );
        _refused(SUPPLIER, sale);
        _refused(FACTOR, sale);
        _refused(FACTOR, abi.encodeCall(registry.finance, (pledged, 0)));
        _refused(FACTOR, abi.encodeCall(registry.unlock, (pledged)));
        _refused(SUPPLIER, abi.encodeCall(registry.merge, (root, pledged)));
        _refused(SUPPLIER, abi.encodeCall(registry.offerDilution, (pledged, 400, DEADLINE, 0)));
        _refused(FACTOR, abi.encodeCall(registry.foreclose, (pledged)));
    }

    function test_WhatCameBackByRecourseCannotBeDilutedOrReturnedAgain() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 sold = _finance(root, SUPPLIER, AMOUNT, NotePurpose.RecourseAssignment);
        vm.warp(MATURITY);
        _as(FACTOR);
        registry.returnNote(sold, MATURITY + 1 days, 0);
        _refused(SUPPLIER, abi.encodeCall(registry.accept, (sold)));
        _as(SUPPLIER);
        registry.acceptReturn(sold);
        _refused(SUPPLIER, abi.encodeCall(registry.acceptReturn, (sold)));
        _refused(FACTOR, abi.encodeCall(registry.returnNote, (sold, MATURITY + 1 days, 0)));
        _refused(SUPPLIER, abi.encodeCall(registry.returnNote, (sold, MATURITY + 1 days, 0)));
        _refused(SUPPLIER, abi.encodeCall(registry.offerDilution, (sold, AMOUNT, MATURITY + 1 days, 0)));
        require(registry.payeeOf(sold) == SUPPLIER && registry.noteOf(sold).tier == 0, "the creditor's again");
    }

    function test_NothingOpenSurvivesASettlementAtOnce() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint192 receivableId = Spans.receivableIdOf(root);
        uint256 returned = _finance(root, SUPPLIER, 100, NotePurpose.RecourseAssignment);
        uint256 pledged = _finance(root, SUPPLIER, 100, NotePurpose.Pledge);
        uint256 offered = _offer(root, SUPPLIER, SECOND_SUPPLIER, 100);
        _as(SUPPLIER);
        uint256 locked = registry.lock(root, FACTOR, 100, DEADLINE, NotePurpose.Pledge, 0);
        vm.warp(MATURITY);
        _as(FACTOR);
        registry.returnNote(returned, MATURITY + 1 days, 0);
        _as(CLEARING);
        registry.settleReceivable(receivableId, 0);
        _refused(SUPPLIER, abi.encodeCall(registry.acceptReturn, (returned)));
        _refused(SUPPLIER, abi.encodeCall(registry.refuse, (returned, 0, 0)));
        _refused(FACTOR, abi.encodeCall(registry.foreclose, (pledged)));
        _refused(FACTOR, abi.encodeCall(registry.release, (pledged, 0)));
        _refused(SUPPLIER, abi.encodeCall(registry.recall, (offered, 0)));
        _refused(SECOND_SUPPLIER, abi.encodeCall(registry.accept, (offered)));
        _refused(SUPPLIER, abi.encodeCall(registry.unlock, (locked)));
        _refused(FACTOR, abi.encodeCall(registry.finance, (locked, 0)));
        _refused(REGULATOR, abi.encodeCall(registry.freeze, (root, 1, MATURITY + 1 days, FACTOR, 0)));
        _refused(CLEARING, abi.encodeCall(registry.settle, (root, 1, 0)));
        _refused(CLEARING, abi.encodeCall(registry.settleReceivable, (receivableId, 0)));
        _refused(DEBTOR, abi.encodeCall(registry.dispute, (receivableId, 0)));
        require(_isPartitioned(root, AMOUNT), "N1");
    }

    function test_TheLastSecondBeforeMaturityIsTheLastForATakerAndTheFirstOfMaturityForAPayer() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        _as(SUPPLIER);
        uint256 offered = registry.transfer(root, SECOND_SUPPLIER, 400, MATURITY - 1, NotePurpose.Transfer, 0);
        bytes memory late = abi.encodeCall(
            registry.transfer,
            (root, SECOND_SUPPLIER, 100, MATURITY, NotePurpose.Transfer, bytes32(0))
        );
        _refused(SUPPLIER, late);
        vm.warp(MATURITY - 1);
        _refused(CLEARING, abi.encodeCall(registry.settle, (offered, 400, 0)));
        _refused(CLEARING, abi.encodeCall(registry.settleReceivable, (Spans.receivableIdOf(root), 0)));
        _as(SECOND_SUPPLIER);
        registry.accept(offered);
        vm.warp(MATURITY);
        _refused(SUPPLIER, abi.encodeCall(registry.merge, (root, offered)));
        _as(CLEARING);
        registry.settle(offered, 400, 0);
        require(registry.noteOf(offered).counterparty == SECOND_SUPPLIER, "payee");
    }

    function test_ANoteMergesOnlyWithItsOwnNextSpan() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 other = _root(AMOUNT + 1, CNY, "b");
        _refused(SUPPLIER, abi.encodeCall(registry.merge, (root, root)));
        _refused(SUPPLIER, abi.encodeCall(registry.merge, (root, other)));
        _refused(SUPPLIER, abi.encodeCall(registry.merge, (root, Spans.noteAt(root, AMOUNT))));
        uint256 last = _offer(root, SUPPLIER, SECOND_SUPPLIER, 100);
        uint256 middle = _offer(root, SUPPLIER, SECOND_SUPPLIER, 100);
        _as(SUPPLIER);
        registry.recall(last, 0);
        _refused(SUPPLIER, abi.encodeCall(registry.merge, (root, last)));
        _refused(SUPPLIER, abi.encodeCall(registry.merge, (last, root)));
        _as(SUPPLIER);
        registry.recall(middle, 0);
        _refused(SECOND_SUPPLIER, abi.encodeCall(registry.merge, (root, middle)));
        _as(SUPPLIER);
        registry.merge(root, middle);
        _refused(SUPPLIER, abi.encodeCall(registry.recall, (middle, 0)));
        _as(SUPPLIER);
        registry.merge(root, last);
        require(registry.noteOf(root).end == AMOUNT && registry.noteOf(middle).end == 0, "one root again");
    }

    function test_TheGreatestReceivableIsCutAtItsEdges() external {
        uint64 amount = Spans.AMOUNT_MAX;
        uint256 root = _root(amount, CNY, "a");
        bytes4 selector = registry.transfer.selector;
        uint64[4] memory wrong = [0, amount + 1, type(uint64).max, uint64(1) << 63];
        for (uint256 i; i < wrong.length; ++i) {
            bytes memory arguments = abi.encode(root, SECOND_SUPPLIER, wrong[i], DEADLINE, NotePurpose.Transfer, 0);
            bytes memory refusal = _refused(SUPPLIER, abi.encodePacked(selector, arguments));
            require(bytes4(refusal) == IReceivables.NoteAmountInvalid.selector, "refusal");
        }
        uint256 last = _offer(root, SUPPLIER, SECOND_SUPPLIER, 1);
        uint256 middle = _offer(root, SUPPLIER, SECOND_SUPPLIER, amount - 2);
        require(_offer(root, SUPPLIER, SECOND_SUPPLIER, 1) == root, "the whole rest");
        require(Spans.startOf(middle) == 1 && Spans.startOf(last) == amount - 1, "spans");
        require(_isPartitioned(root, amount), "N1");
    }

    function test_AFreezeIsLiftedByItsOwnRegulatorAndByTime() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 offered = _offer(root, SUPPLIER, SECOND_SUPPLIER, AMOUNT);
        _as(REGULATOR);
        registry.freeze(offered, AMOUNT, START + 60, SECOND_FACTOR, 0);
        bytes memory again = abi.encodeCall(registry.freeze, (offered, 1, START + 999, FACTOR, bytes32(0)));
        _refused(SECOND_REGULATOR, again);
        _refused(SECOND_REGULATOR, abi.encodeCall(registry.unfreeze, (offered, 0)));
        vm.warp(START + 59);
        _refused(SECOND_SUPPLIER, abi.encodeCall(registry.accept, (offered)));
        require(registry.payeeOf(offered) == SECOND_FACTOR, "escrow");
        vm.warp(START + 60);
        _refused(REGULATOR, abi.encodeCall(registry.unfreeze, (offered, 0)));
        require(registry.payeeOf(offered) == SUPPLIER, "holder");
        // A later freeze by another regulator: the first one has nothing to say about it.
        _as(SECOND_REGULATOR);
        registry.freeze(offered, AMOUNT, START + 120, FACTOR, 0);
        _refused(REGULATOR, abi.encodeCall(registry.unfreeze, (offered, 0)));
        require(registry.payeeOf(offered) == FACTOR, "new escrow");
        _as(SECOND_REGULATOR);
        registry.unfreeze(offered, 0);
        _as(SECOND_SUPPLIER);
        registry.accept(offered);
    }

    function test_ASettledPieceOfAFrozenNoteGoesToTheEscrowAndTheRestStaysFrozen() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 pledged = _finance(root, SUPPLIER, AMOUNT, NotePurpose.Pledge);
        _as(REGULATOR);
        registry.freeze(pledged, AMOUNT, MATURITY + 60, SECOND_FACTOR, 0);
        vm.warp(MATURITY);
        _as(CLEARING);
        uint256 paid = registry.settle(pledged, 400, 0);
        require(registry.noteOf(paid).counterparty == SECOND_FACTOR && registry.payeeOf(paid) == 0, "escrow");
        _refused(FACTOR, abi.encodeCall(registry.foreclose, (pledged)));
        require(registry.noteOf(pledged).frozenUntil == MATURITY + 60, "rest");
        vm.warp(MATURITY + 60);
        require(registry.payeeOf(pledged) == FACTOR, "lender");
    }

    function test_SeveralCallsAtOnceKeepTheirCallerAndFallTogether() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        bytes[] memory inner = new bytes[](2);
        inner[0] = abi.encodeCall(registry.transfer, (root, SECOND_SUPPLIER, 1, DEADLINE, NotePurpose.Transfer, 0));
        inner[1] = abi.encodeCall(registry.accept, (Spans.noteAt(root, AMOUNT - 1)));
        bytes[] memory outer = new bytes[](2);
        outer[0] = abi.encodeCall(registry.multicall, (inner));
        outer[1] = inner[0];
        bytes memory refusal = _refused(SUPPLIER, abi.encodeCall(registry.multicall, (outer)));
        require(bytes4(refusal) == IReceivables.NotePartyMismatch.selector, "the refusal comes back unchanged");
        require(registry.noteOf(root).end == AMOUNT, "all or none");
        inner[1] = inner[0];
        outer[0] = abi.encodeCall(registry.multicall, (inner));
        _as(SUPPLIER);
        registry.multicall(outer);
        require(registry.noteOf(root).end == AMOUNT - 3 && _isPartitioned(root, AMOUNT), "three pieces");
    }

    function test_AParticipantIsActiveWithARoleExactlyWhenBothAreTrue(
        uint16 held,
        uint16 asked,
        bool isActive
    ) external {
        held = (held & 63) == 0 ? 1 : held & 63;
        participants.setRoles(SUPPLIER, held);
        if (!isActive) participants.setStatus(SUPPLIER, IParticipants.Status.Suspended);
        bool isExpected = isActive && held & asked != 0;
        address account = _accountOf(SUPPLIER);
        (bool isCaller, ) = address(participants).call(
            abi.encodeCall(participants.requireAccountRole, (account, asked))
        );
        (bool isNamed, ) = address(participants).call(abi.encodeCall(participants.requireRoleOf, (SUPPLIER, asked)));
        require(isCaller == isExpected && isNamed == isExpected, "packed comparison");
    }

    function test_StrangersAndZeroAreNobody(uint16 asked) external {
        (bool isCaller, ) = address(participants).call(
            abi.encodeCall(participants.requireAccountRole, (address(0), asked))
        );
        (bool isNamed, ) = address(participants).call(abi.encodeCall(participants.requireRoleOf, (0, asked)));
        (bool isNext, ) = address(participants).call(abi.encodeCall(participants.requireRoleOf, (9, asked)));
        require(!isCaller && !isNamed && !isNext, "somebody");
    }
}
