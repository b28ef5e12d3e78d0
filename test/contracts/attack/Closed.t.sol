// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccountFactory} from "../../../contracts/accounts/AccountFactory.sol";
import {ParticipantAccount} from "../../../contracts/accounts/ParticipantAccount.sol";
import {EvidenceLog} from "../../../contracts/EvidenceLog.sol";
import {IEvidenceLog} from "../../../contracts/interfaces/IEvidenceLog.sol";
import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IParticipantAccount} from "../../../contracts/interfaces/IParticipantAccount.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NotePurpose, NoteWord, NoteWords} from "../../../contracts/libraries/NoteWords.sol";
import {NoteState, NoteStates} from "../../../contracts/libraries/NoteStates.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";
import {Deploy} from "../handlers/Deploy.sol";
import {AttackWorld, vm} from "./AttackWorld.sol";

/// @notice Attacks that once succeeded, each in the world that it needed.
contract ClosedAttackTest is AttackWorld {
    /// @dev Its number sets the bits where a note has its tier.
    uint16 private constant OMR = 512;

    function test_AHolderWhoseNoteEndsAtItsNumberCannotTakeTheReceivablesWord() external {
        uint256 root = _root(AMOUNT, OMR, "a");
        _finance(root, SUPPLIER, AMOUNT - SUPPLIER, NotePurpose.Assignment);
        _requireNoNote(_keyOf(root), root);
        vm.warp(MATURITY);
        _requireNoNote(_keyOf(root), root);
    }

    function test_ThePartiesOfADisputedReceivableCannotTakeItsWord() external {
        // The amount reads as the holder and the end, the dispute as a purpose, an odd maturity as a deadline.
        uint64 amount = (uint64(SECOND_SUPPLIER) << 32) | SUPPLIER;
        IReceivables.Terms memory terms = _terms(amount, OMR);
        terms.maturity = MATURITY | 1;
        _as(DEBTOR);
        uint192 receivableId = registry.issue(terms, _one(_print("a")));
        _as(DEBTOR);
        registry.dispute(receivableId, 0);
        uint256 root = Spans.noteIdOf(receivableId, 0);
        _requireNoNote(_keyOf(root), root);
        require(_isPartitioned(root, amount), "N1");
    }

    function test_AClearingAgentCannotSettleTheReceivablesWordWithAnyAmount(uint64 amount) external {
        uint256 root = _root(AMOUNT, CNY, "a");
        uint256 sold = _finance(root, SUPPLIER, 500, NotePurpose.Assignment);
        vm.warp(MATURITY);
        uint256 key = _keyOf(root);
        bytes32 before = vm.load(address(registry), bytes32(key));
        bytes memory refusal = _refused(CLEARING, abi.encodeCall(registry.settle, (key, amount, 0)));
        _requireForbidden(refusal, key, NoteState.None, NoteState.Settled);
        require(vm.load(address(registry), bytes32(key)) == before, "the word changed");
        // A cut below zero would have landed here.
        require(vm.load(address(registry), bytes32(type(uint256).max - 1)) == 0, "a slot of nobody was written");
        require(registry.noteOf(sold).holder == FACTOR, "N8: the factor's note has another holder");
    }

    function test_TheWordOfASettledReceivableIsNoNote() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        vm.warp(MATURITY);
        _as(CLEARING);
        registry.settleReceivable(Spans.receivableIdOf(root), 0);
        require(_hashOfNote(_keyOf(root)) == keccak256(new bytes(10 * 32)), "a note");
        require(registry.payeeOf(_keyOf(root)) == 0, "a payee");
    }

    /// @dev The order is a word of the regulator's choice: here a note that the second supplier may accept.
    function test_AnOrderIsNoNoteInWhicheverOfItsSlots() external {
        NoteWord forged = NoteWords
            .first(1_000_000_000, FACTOR)
            .boundTo(SECOND_SUPPLIER, type(uint40).max, NotePurpose.Transfer)
            .withState(NoteState.Offered);
        uint256 found;
        for (uint64 amount = AMOUNT; found < 2; ++amount) {
            uint256 root = _root(amount, CNY, string(abi.encodePacked(amount)));
            uint256 slot = uint256(keccak256(abi.encode(root, uint256(0))));
            // Half of all slots could be no note for their id alone.
            if (!Spans.isNote(slot)) continue;
            ++found;
            bytes32 order = bytes32(NoteWord.unwrap(forged));
            if (found == 2) order = bytes32((NoteWord.unwrap(forged) >> 128) | (NoteWord.unwrap(forged) << 128));
            _as(REGULATOR);
            registry.freeze(root, amount, MATURITY, FACTOR, order);
            require(registry.freezeOf(root).order == order, "another order");
            for (uint256 i; i < 2; ++i) {
                require(vm.load(address(registry), bytes32(slot + i)) != 0, "the freeze is kept elsewhere");
                _requireNoNote(slot + i, root);
            }
        }
    }

    function test_AFreezeThatCutsATradeOfferLeavesItsClaimToTheRestAlone() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        bytes32 invoice = _print("invoice");
        _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, AMOUNT, invoice);
        _as(REGULATOR);
        uint256 piece = registry.freeze(root, 300, START + 1 hours, FACTOR, 0);
        vm.warp(START + 1 hours);
        bytes memory refusal = _refused(SECOND_SUPPLIER, abi.encodeCall(registry.accept, (piece)));
        _requireForbidden(refusal, piece, NoteState.Live, NoteState.Offered);
        refusal = _refused(SUPPLIER, abi.encodeCall(registry.recall, (root, 0)));
        _requireSame(refusal, abi.encodeWithSelector(IReceivables.NoteTradeMismatch.selector, root, bytes32(0)));
        _as(SECOND_SUPPLIER);
        registry.accept(root);
        _offerTrade(root, SECOND_SUPPLIER, SUPPLIER, 700, _print("junk"));
        _requireClaimKept(SUPPLIER, abi.encodeCall(registry.refuse, (root, invoice, bytes32(0))), invoice, root);
        _offerTrade(piece, SUPPLIER, SECOND_SUPPLIER, 300, _print("other"));
        _requireClaimKept(SUPPLIER, abi.encodeCall(registry.recall, (piece, invoice)), invoice, root);
    }

    function test_TheRestOfACutTradeOfferFreesItsClaimOnce() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        bytes32 invoice = _print("invoice");
        _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, AMOUNT, invoice);
        _as(REGULATOR);
        uint256 piece = registry.freeze(root, 300, START + 1 hours, FACTOR, 0);
        bytes memory refusal = _refused(SUPPLIER, abi.encodeCall(registry.recall, (piece, invoice)));
        _requireForbidden(refusal, piece, NoteState.Live, NoteState.Offered);
        _as(SUPPLIER);
        registry.recall(root, invoice);
        require(fingerprints.claimOf(invoice).claimant == 0, "claimed for ever");
        _offerTrade(root, SUPPLIER, SECOND_SUPPLIER, 700, invoice);
        require(fingerprints.claimOf(invoice).subject == Spans.claimSubjectOf(root, 0), "claimed anew");
    }

    function test_ASettledRootNamesItsPayee() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        vm.warp(MATURITY);
        _as(CLEARING);
        registry.settle(root, AMOUNT, 0);
        IReceivables.Note memory note = registry.noteOf(root);
        require(note.state == NoteState.Settled && note.counterparty == SUPPLIER, "another payee");
    }

    /// @dev What was asked about a supplier as an assignee says nothing about it as a factor.
    function test_ABatchAsksAnewForAnotherRole() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        bytes[] memory calls = new bytes[](2);
        calls[0] = _transferOne(root, SECOND_SUPPLIER);
        calls[1] = abi.encodeCall(registry.lock, (root, SECOND_SUPPLIER, 1, DEADLINE, NotePurpose.Pledge, 0));
        bytes memory refusal = _refused(SUPPLIER, abi.encodeCall(registry.multicall, (calls)));
        _requireSame(
            refusal,
            abi.encodeWithSignature(
                "ParticipantRoleMissing(uint32,uint16,uint16)",
                SECOND_SUPPLIER,
                Roles.SUPPLIER,
                Roles.FACTOR
            )
        );
        calls[1] = _transferOne(root, CLEARING);
        _refused(SUPPLIER, abi.encodeCall(registry.multicall, (calls)));
    }

    /// @dev All of this is one transaction, so an answer that a batch left behind would still be there.
    function test_ABatchLeavesNoAnswerBehind() external {
        uint256 root = _root(AMOUNT, CNY, "a");
        bytes[] memory calls = new bytes[](2);
        (calls[0], calls[1]) = (_transferOne(root, SECOND_SUPPLIER), _transferOne(root, SECOND_SUPPLIER));
        _as(SUPPLIER);
        registry.multicall(calls);
        require(registry.noteOf(root).end == AMOUNT - 2, "not both");
        participants.setRoles(SECOND_SUPPLIER, Roles.CLEARING);
        _refused(SUPPLIER, _transferOne(root, SECOND_SUPPLIER));
        _refused(SUPPLIER, abi.encodeCall(registry.multicall, (calls)));
        participants.setRoles(SECOND_SUPPLIER, Roles.SUPPLIER);
        participants.setRoles(SUPPLIER, Roles.CLEARING);
        _refused(SUPPLIER, _transferOne(root, SECOND_SUPPLIER));
        _refused(SUPPLIER, abi.encodeCall(registry.multicall, (calls)));
    }

    function test_NoHeadEndsTheLog() external {
        EvidenceLog log = Deploy.evidenceLog(participants);
        participants.admit(address(this), Roles.EVIDENCE, 0, 0);
        log.append(1, bytes32(uint256(1)));
        uint64 most = 2 ** 53 - 1;
        uint64[2] memory wrong = [most + 1, type(uint64).max];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.HeadTooLarge.selector, wrong[i], most));
            log.append(wrong[i], bytes32(uint256(2)));
        }
        log.append(2, bytes32(uint256(3)));
        require(log.size() == 2, "the log ended");
    }

    function _transferOne(uint256 noteId, uint32 to) private view returns (bytes memory) {
        return abi.encodeCall(registry.transfer, (noteId, to, 1, DEADLINE, NotePurpose.Transfer, bytes32(0)));
    }

    /// @dev Whoever calls whatever on `id` is told that there is no such note, and nothing is written.
    function _requireNoNote(uint256 id, uint256 neighbour) private {
        bytes32 before = vm.load(address(registry), bytes32(id));
        bytes32 neighbourBefore = _hashOfNote(neighbour);
        require(before != 0, "nothing is there to be taken for a note");
        for (uint32 caller = 1; caller <= 8; ++caller) {
            _requireForbidden(_refused(caller, _transferOne(id, SECOND_SUPPLIER)), id, NoteState.None, NoteState.Live);
            _attemptAll(caller, id);
            _refused(caller, abi.encodeCall(registry.merge, (neighbour, id)));
            bytes memory refusal = _refused(caller, abi.encodeCall(registry.unfreeze, (id, 0)));
            _requireSame(refusal, abi.encodeWithSelector(IReceivables.NoteFreezeMissing.selector, id));
        }
        require(vm.load(address(registry), bytes32(id)) == before, "the word changed");
        require(_hashOfNote(neighbour) == neighbourBefore, "the neighbour changed");
        require(_hashOfNote(id) == keccak256(new bytes(10 * 32)), "a note");
        require(registry.payeeOf(id) == 0, "a payee");
    }

    function _attemptAll(uint32 caller, uint256 id) private {
        bytes[14] memory calls = [
            abi.encodeCall(registry.lock, (id, FACTOR, 1, DEADLINE, NotePurpose.Pledge, bytes32(0))),
            abi.encodeCall(registry.offerDilution, (id, 1, DEADLINE, bytes32(0))),
            abi.encodeCall(registry.returnNote, (id, MATURITY + 1 days, bytes32(0))),
            abi.encodeCall(registry.merge, (id, id)),
            abi.encodeCall(registry.accept, (id)),
            abi.encodeCall(registry.refuse, (id, bytes32(0), bytes32(0))),
            abi.encodeCall(registry.recall, (id, bytes32(0))),
            abi.encodeCall(registry.acceptDilution, (id)),
            abi.encodeCall(registry.acceptReturn, (id)),
            abi.encodeCall(registry.unlock, (id)),
            abi.encodeCall(registry.finance, (id, bytes32(0))),
            abi.encodeCall(registry.release, (id, bytes32(0))),
            abi.encodeCall(registry.settle, (id, 1, bytes32(0))),
            abi.encodeCall(registry.freeze, (id, 1, MATURITY, FACTOR, bytes32(0)))
        ];
        for (uint256 i; i < calls.length; ++i) {
            NoteState required = NoteState.Settled;
            if (i < 4) required = NoteState.Live;
            else if (i < 9) required = NoteState.Offered;
            else if (i < 11) required = NoteState.Locked;
            else if (i == 11) required = NoteState.Pledged;
            _requireForbidden(_refused(caller, calls[i]), id, NoteState.None, required);
        }
        bytes memory refusal = _refused(caller, abi.encodeCall(registry.foreclose, (id)));
        _requireForbidden(refusal, id, NoteState.None, NoteState.Pledged);
    }

    function _requireForbidden(
        bytes memory refusal,
        uint256 noteId,
        NoteState presented,
        NoteState required
    ) private pure {
        bytes4 selector = NoteStates.NoteTransitionForbidden.selector;
        _requireSame(refusal, abi.encodeWithSelector(selector, noteId, presented, required));
    }

    /// @dev The claim was made for the offer of the root at tier 0, and nothing else frees it.
    function _requireClaimKept(uint32 caller, bytes memory data, bytes32 document, uint256 root) private {
        uint192 subject = Spans.claimSubjectOf(root, 0);
        bytes4 selector = IFingerprints.FingerprintClaimMismatch.selector;
        bytes memory expected = abi.encodeWithSelector(selector, document, SUPPLIER, uint8(1), subject);
        _requireSame(_refused(caller, data), expected);
        require(fingerprints.claimOf(document).subject == subject, "N4: the document can back a second debt");
    }

    function _requireSame(bytes memory refusal, bytes memory expected) private pure {
        require(keccak256(refusal) == keccak256(expected), "another refusal");
    }

    function _hashOfNote(uint256 noteId) private view returns (bytes32) {
        return keccak256(abi.encode(registry.noteOf(noteId)));
    }
}

/// @notice Says yes to everything.
contract Yes {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }
}

/// @notice Attacks on accounts that once succeeded.
contract ClosedAccountAttackTest {
    uint256 private constant MAKER = 0xA1;
    uint40 private constant START = 1_800_000_000;

    AccountFactory private _factory;

    function setUp() external {
        vm.warp(START);
        _factory = Deploy.accountFactory(Deploy.accessManager(address(this)), 1 days);
    }

    /// @dev The checker's address gets its code later, and that says yes to the maker alone.
    function test_AContractThatComesLaterSignsNothing() external {
        bytes32 hash = keccak256(type(Yes).creationCode);
        bytes32 place = keccak256(abi.encodePacked(bytes1(0xff), address(this), bytes32(0), hash));
        address later = address(uint160(uint256(place)));
        IParticipantAccount.Signer[] memory signers = new IParticipantAccount.Signer[](2);
        signers[0] = _maker(MAKER);
        signers[1] = IParticipantAccount.Signer(abi.encodePacked(later), IParticipantAccount.Duty.Checker);
        IParticipantAccount.Quorum memory quorum = IParticipantAccount.Quorum(1, 1);
        ParticipantAccount account = ParticipantAccount(_factory.create(signers, quorum, 0));
        require(address(new Yes{salt: 0}()) == later, "elsewhere");
        IParticipantAccount.Call[] memory calls = new IParticipantAccount.Call[](1);
        calls[0] = IParticipantAccount.Call(later, abi.encodeCall(Yes.isValidSignature, (0, "")));
        bytes32 digest = account.digestOf(calls, 0, type(uint48).max);
        bytes memory signature = _inOrder(signers, digest);
        vm.expectRevert(abi.encodeWithSelector(IParticipantAccount.SignatureInvalid.selector, digest));
        account.execute(calls, 0, type(uint48).max, signature);
        vm.expectRevert(abi.encodeWithSelector(IParticipantAccount.SignerInvalid.selector, signers[1].signer));
        _factory.create(signers, quorum, bytes32(uint256(1)));
    }

    function test_ARecoveryExpires() external {
        IParticipantAccount.Signer[] memory signers = new IParticipantAccount.Signer[](1);
        signers[0] = _maker(MAKER);
        IParticipantAccount.Quorum memory quorum = IParticipantAccount.Quorum(1, 0);
        ParticipantAccount account = ParticipantAccount(_factory.create(signers, quorum, 0));
        signers[0] = _maker(0xA2);
        _factory.startRecovery(account, signers, quorum);
        uint40 lastAt = START + 2 days;
        vm.warp(lastAt + 1);
        vm.expectRevert(abi.encodeWithSelector(IParticipantAccount.RecoveryExpired.selector, lastAt + 1, lastAt));
        account.finishRecovery(signers, quorum);
        vm.warp(lastAt);
        account.finishRecovery(signers, quorum);
        require(account.isSigner(signers[0].signer), "the last second");
    }

    function _maker(uint256 key) private pure returns (IParticipantAccount.Signer memory) {
        return IParticipantAccount.Signer(abi.encodePacked(vm.addr(key)), IParticipantAccount.Duty.Maker);
    }

    /// @dev The maker's signature and an empty one of the checker, as an account wants them: by the hashes of the signers.
    function _inOrder(IParticipantAccount.Signer[] memory signers, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(MAKER, digest);
        bytes[] memory keys = new bytes[](2);
        bytes[] memory signatures = new bytes[](2);
        uint256 place = keccak256(signers[0].signer) < keccak256(signers[1].signer) ? 0 : 1;
        (keys[place], keys[1 - place]) = (signers[0].signer, signers[1].signer);
        signatures[place] = abi.encodePacked(r, s, v);
        return abi.encode(keys, signatures);
    }
}
