// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../contracts/interfaces/IFingerprints.sol";
import {IReceivables} from "../../contracts/interfaces/IReceivables.sol";
import {NoteState, NoteStates} from "../../contracts/libraries/NoteStates.sol";
import {NotePurpose} from "../../contracts/libraries/NoteWords.sol";
import {ReceivableState} from "../../contracts/libraries/ReceivableStates.sol";
import {Spans} from "../../contracts/libraries/Spans.sol";
import {NoteStory} from "./handlers/NoteStory.sol";
import {vm} from "./handlers/Vm.sol";

/// @notice Amounts, cuts and times over their whole range, where the handler of the invariants takes small ones.
contract ReceivablesFuzzTest is NoteStory {
    function setUp() public {
        _deployWorld();
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

    function testFuzz_more_than_the_span_is_refused(uint64 amount, uint64 wanted, uint8 act) external {
        amount = _amountFrom(amount);
        vm.assume(wanted == 0 || wanted > amount);
        uint256 noteId = _confirmed(amount);
        if (act % 5 == 4) vm.warp(MATURITY);
        vm.prank(
            _accountOf(
                act % 5 == 4
                    ? CLEARING
                    : act % 5 == 3
                        ? REGULATOR
                        : SUPPLIER
            )
        );
        vm.expectRevert(abi.encodeWithSelector(IReceivables.NoteAmountInvalid.selector, noteId, wanted, amount));
        if (act % 5 == 0) registry.transfer(noteId, SECOND_SUPPLIER, wanted, DEADLINE, NotePurpose.Transfer, 0);
        else if (act % 5 == 1) registry.lock(noteId, FACTOR, wanted, DEADLINE, NotePurpose.Pledge, 0);
        else if (act % 5 == 2) registry.offerDilution(noteId, wanted, DEADLINE, 0);
        else if (act % 5 == 3) registry.freeze(noteId, wanted, MATURITY, CLEARING, 0);
        else registry.settle(noteId, wanted, 0);
    }

    function testFuzz_a_cut_takes_exactly_the_amount_off_the_end(uint64 amount, uint64 wanted, uint8 act) external {
        amount = _amountFrom(amount);
        wanted = uint64(1 + (wanted % amount));
        uint256 noteId = _confirmed(amount);
        uint256 pieceId = _cutBy(act, noteId, wanted);
        require(pieceId == noteId + (amount - wanted), "the piece starts elsewhere");
        IReceivables.Note memory piece = registry.noteOf(pieceId);
        NoteState[5] memory states = [
            NoteState.Offered,
            NoteState.Locked,
            NoteState.Offered,
            NoteState.Live,
            NoteState.Settled
        ];
        require(piece.end == amount, "the piece ends elsewhere");
        require(piece.state == states[act % 5], "the piece is in another state");
        require((piece.frozenUntil == MATURITY) == (act % 5 == 3), "the piece is frozen or not");
        if (wanted == amount) return;
        IReceivables.Note memory rest = registry.noteOf(noteId);
        require(rest.end == amount - wanted && rest.state == NoteState.Live, "the rest is not what is left");
        require(rest.counterparty == 0 && rest.deadline == 0 && rest.frozenUntil == 0, "the rest is bound");
    }

    function testFuzz_notes_cover_the_amount_page_by_page(uint64 amount, uint64[8] memory cuts, uint8 limit) external {
        amount = _amountFrom(amount);
        uint256 noteId = _confirmed(amount);
        uint256 expected = 1;
        for (uint256 i; i < cuts.length; ++i) {
            uint64 span = registry.noteOf(noteId).end;
            if (span == 1) break;
            _cutBy(cuts[i] % 4, noteId, uint64(1 + ((cuts[i] >> 2) % (span - 1))));
            ++expected;
        }
        uint192 id = Spans.receivableIdOf(noteId);
        uint256 pageLimit = 1 + (limit % 5);
        uint64 next;
        uint256 found;
        while (next < amount) {
            uint64 start = next;
            uint256[] memory ids;
            (ids, next) = registry.notesOf(id, start, pageLimit);
            require(ids.length > 0 && ids.length <= pageLimit, "a page of another length");
            for (uint256 i; i < ids.length; ++i) {
                require(ids[i] == (uint256(id) << 64) | start, "a note starts elsewhere");
                start = registry.noteOf(ids[i]).end;
            }
            require(start == next, "the page ends elsewhere");
            found += ids.length;
        }
        require(next == amount && found == expected, "notes were lost or made");
        (uint256[] memory none, uint64 end) = registry.notesOf(id, amount, 5);
        require(none.length == 0 && end == amount, "a note after the amount");
    }

    function testFuzz_splits_and_merges_give_the_root_back(uint64 amount, uint64[6] memory cuts, uint8 order) external {
        amount = _amountFrom(amount);
        uint256 noteId = _confirmed(amount);
        bytes32 root = keccak256(abi.encode(registry.noteOf(noteId)));
        uint256[] memory starts = new uint256[](7);
        uint256 count;
        for (uint256 i; i < cuts.length; ++i) {
            uint64 span = registry.noteOf(noteId).end;
            if (span == 1) break;
            uint256 pieceId = _transfer(SUPPLIER, noteId, uint64(1 + (cuts[i] % (span - 1))), SECOND_SUPPLIER);
            _recall(pieceId, 0);
            starts[count++] = pieceId;
        }
        // Either the rest takes the pieces in, or the pieces each other first.
        for (uint256 i; i < count; ++i) {
            if (order % 2 == 0) _merge(noteId, starts[count - 1 - i]);
            else _merge(i + 1 < count ? starts[i + 1] : noteId, starts[i]);
        }
        require(keccak256(abi.encode(registry.noteOf(noteId))) == root, "another root");
        (uint256[] memory ids, ) = registry.notesOf(Spans.receivableIdOf(noteId), 0, 10);
        require(ids.length == 1, "pieces are left");
        for (uint256 i; i < count; ++i) require(registry.noteOf(starts[i]).end == 0, "a merged note is there");
    }

    function testFuzz_parts_settle_to_the_unit_in_any_order(
        uint64 amount,
        uint64[6] memory parts,
        uint256 order
    ) external {
        amount = _amountFrom(amount);
        uint256 noteId = _confirmed(amount);
        uint192 id = Spans.receivableIdOf(noteId);
        // A second note, so that there is an order.
        uint256 otherId = amount == 1 ? noteId : _lock(noteId, 1 + (amount / 3), NotePurpose.Pledge);
        vm.warp(MATURITY);
        uint64 settled;
        for (uint256 i; settled < amount; ++i) {
            uint256 next = (order >> i) % 2 == 0 ? noteId : otherId;
            if (registry.payeeOf(next) == 0) next = next == noteId ? otherId : noteId;
            require(registry.receivableOf(id).state == ReceivableState.Confirmed, "closed by itself");
            uint64 span = registry.noteOf(next).end - uint64(Spans.startOf(next));
            uint64 part = i < parts.length ? uint64(1 + (parts[i] % span)) : span;
            uint256 settledId = _settle(next, part);
            require(registry.noteOf(settledId).state == NoteState.Settled, "not settled");
            settled += part;
            if (settled == amount) break;
            (bool isDone, bytes memory answer) = address(registry).call(abi.encodeCall(IReceivables.close, (id)));
            require(!isDone && bytes4(answer) == IReceivables.ReceivableNoteOpen.selector, "closed too early");
        }
        require(settled == amount, "a unit was lost");
        registry.close(id);
        require(registry.receivableOf(id).state == ReceivableState.Settled, "not closed");
    }

    function testFuzz_an_offer_is_accepted_until_its_last_second(uint40 deadline, uint40 acceptedAt) external {
        uint40 earliest = START + MIN_WINDOW;
        deadline = earliest + (deadline % (MATURITY - earliest));
        acceptedAt = START + (acceptedAt % (2 * (MATURITY - START)));
        uint256 noteId = _confirmed(100);
        vm.prank(_accountOf(SUPPLIER));
        registry.transfer(noteId, SECOND_SUPPLIER, 50, deadline, NotePurpose.Transfer, 0);
        vm.prank(_accountOf(SUPPLIER));
        registry.lock(noteId, FACTOR, 50, deadline, NotePurpose.Assignment, 0);
        vm.warp(acceptedAt);
        vm.prank(_accountOf(SECOND_SUPPLIER));
        (bool isAccepted, ) = address(registry).call(abi.encodeCall(IReceivables.accept, (noteId + 50)));
        vm.prank(_accountOf(FACTOR));
        (bool isFinanced, ) = address(registry).call(abi.encodeCall(IReceivables.finance, (noteId, 0)));
        vm.prank(_accountOf(SUPPLIER));
        (bool isFreed, ) = address(registry).call(abi.encodeCall(IReceivables.unlock, (noteId)));
        require(isAccepted == (acceptedAt <= deadline), "accepted out of time or refused in time");
        require(isFinanced == (acceptedAt <= deadline), "financed out of time or refused in time");
        require(isFreed == (acceptedAt > deadline), "freed before the lock lapsed or not after");
    }

    function testFuzz_deadlines_lie_between_window_and_maturity(uint40 now_, uint40 deadline, bool atEdge) external {
        now_ = START + (now_ % (MATURITY - START - MIN_WINDOW));
        if (atEdge) deadline = (deadline % 2 == 0 ? now_ + MIN_WINDOW : MATURITY) - uint40((deadline >> 1) % 2);
        uint256 noteId = _confirmed(100);
        vm.warp(now_);
        bool isFit = deadline >= now_ + MIN_WINDOW && deadline < MATURITY;
        vm.prank(_accountOf(SUPPLIER));
        if (!isFit) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IReceivables.NoteDeadlineInvalid.selector,
                    noteId,
                    deadline,
                    now_ + MIN_WINDOW,
                    MATURITY - 1
                )
            );
        }
        registry.transfer(noteId, SECOND_SUPPLIER, 50, deadline, NotePurpose.Transfer, 0);
    }

    function testFuzz_a_freeze_ends_in_its_second_and_pays_the_escrow(
        uint40 until,
        uint40 paidAt,
        uint64 part
    ) external {
        until = START + 1 + (until % MAX_FREEZE);
        paidAt = MATURITY + (paidAt % (2 * MAX_FREEZE));
        if (part % 4 == 0 && until > MATURITY) paidAt = until - uint40((part >> 2) % 2);
        uint256 noteId = _confirmed(100);
        part = 1 + (part % 100);
        uint256 frozenId = _freeze(noteId, part, until);
        require(registry.payeeOf(frozenId) == CLEARING, "the escrow is not the payee");
        vm.warp(paidAt);
        require(registry.noteOf(frozenId).frozenUntil == (paidAt < until ? until : 0), "another freeze");
        uint32 payee = paidAt < until ? CLEARING : SUPPLIER;
        require(registry.payeeOf(frozenId) == payee, "another payee");
        _settle(frozenId, part);
        require(registry.noteOf(frozenId).counterparty == payee, "another one was paid");
        if (part < 100) require(registry.payeeOf(noteId) == SUPPLIER, "the rest is frozen");
    }

    function testFuzz_a_freeze_is_bounded(uint40 until) external {
        uint256 noteId = _confirmed(100);
        vm.assume(until <= START || until > START + MAX_FREEZE);
        vm.prank(_accountOf(REGULATOR));
        bytes4 selector = IReceivables.NoteFreezeInvalid.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, noteId, until, START + 1, START + MAX_FREEZE));
        registry.freeze(noteId, 1, until, CLEARING, 0);
    }

    function testFuzz_the_tier_counts_to_its_bound(uint8 detours) external {
        uint256 noteId = _confirmed(100);
        uint32[4] memory chain = [SUPPLIER, SECOND_SUPPLIER, TRADER, SUPPLIER];
        for (uint32 tier; tier < MAX_TIER; ++tier) {
            if ((detours >> tier) % 2 == 0) {
                _transfer(chain[tier], noteId, 100, chain[tier + 1]);
                vm.prank(_accountOf(chain[tier + 1]));
                registry.refuse(noteId, 0, 0);
            }
            require(registry.noteOf(noteId).tier == tier, "an offer counted");
            _transfer(chain[tier], noteId, 100, chain[tier + 1]);
            _accept(chain[tier + 1], noteId);
        }
        vm.prank(_accountOf(chain[MAX_TIER]));
        vm.expectRevert(abi.encodeWithSelector(IReceivables.NoteTierExceeded.selector, noteId, MAX_TIER, MAX_TIER));
        registry.transfer(noteId, SUPPLIER, 1, DEADLINE, NotePurpose.Transfer, 0);
    }

    function testFuzz_one_batch_splits_and_locks_the_piece(uint64 amount, uint64 part, uint64 lent) external {
        amount = _amountFrom(amount);
        part = 1 + (part % amount);
        lent = 1 + (lent % part);
        uint256 noteId = _confirmed(amount);
        // Known before the call: the piece, and the part of it that is locked.
        uint256 pieceId = noteId + (amount - part);
        uint256 lockedId = noteId + (amount - lent);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(IReceivables.offerDilution, (noteId, part, DEADLINE, 0));
        calls[1] = abi.encodeCall(IReceivables.recall, (pieceId, 0));
        calls[2] = abi.encodeCall(IReceivables.lock, (pieceId, FACTOR, lent, DEADLINE, NotePurpose.Assignment, 0));
        vm.prank(_accountOf(SUPPLIER));
        registry.multicall(calls);
        IReceivables.Note memory locked = registry.noteOf(lockedId);
        require(locked.state == NoteState.Locked && locked.end == amount, "not locked");
        if (lent < part) require(registry.noteOf(pieceId).end == amount - lent, "the rest of the piece ends elsewhere");
    }

    function testFuzz_a_version_finds_another_ones_claim(uint256 number, bool isSecondFirst) external {
        bytes32[] memory claims = new bytes32[](1);
        claims[0] = bytes32((uint256(1) << 240) | (number >> 16));
        (uint8 first, uint192 id) = (isSecondFirst ? 2 : 1, registry.receivableIdOf(_terms(5), claims));
        vm.prank(_accountOf(SUPPLIER));
        (isSecondFirst ? secondRegistry : registry).register(_terms(5), claims);
        vm.prank(_accountOf(DEBTOR));
        vm.expectRevert(
            abi.encodeWithSelector(IFingerprints.FingerprintAlreadyClaimed.selector, claims[0], SUPPLIER, first, id)
        );
        (isSecondFirst ? registry : secondRegistry).issue(_terms(6), claims);
    }

    function testFuzz_a_policy_is_bounded(uint40 tenor, uint40 window, uint8 tier) external {
        bool isFit = tenor > 0 && tenor <= 366 days && tier > 0 && window < tenor;
        IReceivables.Policy memory policy = IReceivables.Policy(tenor, window, tier, false);
        try this.createWith(policy) returns (IReceivables.Policy memory kept) {
            require(isFit && keccak256(abi.encode(kept)) == keccak256(abi.encode(policy)), "another policy");
        } catch {
            require(!isFit, "a fit policy was refused");
        }
    }

    /// @notice A freeze that cuts an offer ends it for the piece: the claim goes with the rest, and is freed with it once.
    function testFuzz_a_claim_cut_by_a_freeze_goes_with_the_rest(uint64 amount, uint64 part, bool isTaken) external {
        amount = 1 + _amountFrom(amount) / 2;
        part = uint64(1 + (part % amount));
        uint256 noteId = _confirmed(amount);
        _tradeTransfer(noteId, amount, 2);
        uint256 pieceId = _freeze(noteId, part, START + 1);
        bool isCut = pieceId != noteId;
        IReceivables.Note memory piece = registry.noteOf(pieceId);
        require(piece.frozenUntil == START + 1 && piece.end == amount, "another freeze");
        require(piece.state == (isCut ? NoteState.Live : NoteState.Offered), "the offer of the piece");
        NotePurpose purpose = isCut ? NotePurpose.None : NotePurpose.TradeTransfer;
        require(piece.purpose == purpose && (piece.counterparty == 0) == isCut, "the piece waits for somebody");
        vm.warp(START + 1);
        vm.prank(_accountOf(SECOND_SUPPLIER));
        (bool isAccepted, ) = address(registry).call(abi.encodeCall(IReceivables.accept, (pieceId)));
        require(isAccepted != isCut, "a piece without an offer was accepted");
        if (!isCut) return;
        if (isTaken) _accept(SECOND_SUPPLIER, noteId);
        else _recall(noteId, _fingerprint(2));
        uint32 claimant = fingerprints.claimOf(_fingerprint(2)).claimant;
        require(claimant == (isTaken ? SUPPLIER : 0), "the document is not where the rest is");
        _tradeTransfer(pieceId, part, 3);
        vm.prank(_accountOf(SUPPLIER));
        (bool isFreed, ) = address(registry).call(abi.encodeCall(IReceivables.recall, (pieceId, _fingerprint(2))));
        require(!isFreed, "the offer of the piece freed the document of the rest");
    }

    function test_a_bound_note_is_moved_by_no_other_act() external {
        uint256 noteId = _confirmed(12);
        _lock(noteId, 12, NotePurpose.Pledge);
        vm.prank(_accountOf(SUPPLIER));
        bytes4 selector = NoteStates.NoteTransitionForbidden.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, noteId, NoteState.Locked, NoteState.Live));
        registry.lock(noteId, SECOND_FACTOR, 12, DEADLINE, NotePurpose.Assignment, 0);
    }

    function createWith(IReceivables.Policy calldata policy) external returns (IReceivables.Policy memory) {
        return _createRegistryWith(policy).policy();
    }
}
