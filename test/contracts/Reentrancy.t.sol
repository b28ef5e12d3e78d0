// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {AccountFactory} from "../../contracts/accounts/AccountFactory.sol";
import {ParticipantAccount} from "../../contracts/accounts/ParticipantAccount.sol";
import {IFingerprints} from "../../contracts/interfaces/IFingerprints.sol";
import {IParticipantAccount} from "../../contracts/interfaces/IParticipantAccount.sol";
import {IParticipants} from "../../contracts/interfaces/IParticipants.sol";
import {IReceivables} from "../../contracts/interfaces/IReceivables.sol";
import {Receivables} from "../../contracts/Receivables.sol";
import {NoteState, NoteStates} from "../../contracts/libraries/NoteStates.sol";
import {NotePurpose} from "../../contracts/libraries/NoteWords.sol";
import {ReceivableState, ReceivableStates} from "../../contracts/libraries/ReceivableStates.sol";
import {HostileFingerprints} from "./handlers/HostileFingerprints.sol";
import {HostileParticipants} from "./handlers/HostileParticipants.sol";
import {Reenterer} from "./handlers/Reenterer.sol";
import {TestWorld} from "./handlers/TestWorld.sol";
import {Deploy} from "./handlers/Deploy.sol";
import {vm} from "./handlers/Vm.sol";

/// @notice Peers that call back: {HostileFingerprints} is a participant itself, so each call back comes from a party that may
/// act, at the moment when the claim is not written yet.
contract ReentrancyTest is TestWorld {
    uint40 private constant _MATURITY = START + 90 days;
    uint64 private constant _AMOUNT = 12;
    uint256 private constant _KEY = 0xA11CE;

    HostileFingerprints private _hostile;
    Receivables private _victim;
    uint32 private _hostileId;

    function setUp() public {
        _deployWorld();
        _hostile = new HostileFingerprints();
        _victim = Deploy.receivables(
            participants,
            _hostile,
            IReceivables.Policy(MAX_TENOR, MIN_WINDOW, MAX_TIER, false)
        );
        vm.prank(REGISTRAR);
        // Debtor, supplier and factor at once: whichever party the call back needs.
        _hostileId = participants.admit(address(_hostile), HOLDERS, bytes32("hostile"), 0);
    }

    function test_a_registration_called_back_claims_once() external {
        IReceivables.Terms memory terms = _terms(_hostileId, DEBTOR);
        bytes memory call_ = abi.encodeCall(IReceivables.register, (terms, _claims()));
        _hostile.arm(_victim, call_);
        // The second registration takes the claim, so the first one is refused and takes both back.
        (bool isDone, bytes memory answer) = _hostile.act(_victim, call_);
        require(!isDone && bytes4(answer) == IFingerprints.FingerprintAlreadyClaimed.selector, "claimed twice");
        require(_victim.stateOf(terms, _claims()) == ReceivableState.None, "registered all the same");
    }

    function test_an_issue_called_back_claims_once() external {
        IReceivables.Terms memory terms = _terms(SUPPLIER, _hostileId);
        bytes memory call_ = abi.encodeCall(IReceivables.issue, (terms, _claims()));
        _hostile.arm(_victim, call_);
        (bool isDone, ) = _hostile.act(_victim, call_);
        require(isDone, "not issued");
        _requireRefused(ReceivableStates.ReceivableTransitionForbidden.selector);
        require(_hostile.claimCount() == 1, "claimed twice");
        _requirePartition(_victim.receivableIdOf(terms, _claims()));
    }

    function test_a_withdrawal_called_back_frees_once_and_confirms_nothing() external {
        IReceivables.Terms memory terms = _terms(_hostileId, DEBTOR);
        (bool isDone, ) = _hostile.act(_victim, abi.encodeCall(IReceivables.register, (terms, _claims())));
        require(isDone, "not registered");
        bytes memory call_ = abi.encodeCall(IReceivables.withdraw, (terms, _claims()));
        _hostile.arm(_victim, call_);
        (isDone, ) = _hostile.act(_victim, call_);
        require(isDone, "not withdrawn");
        _requireRefused(ReceivableStates.ReceivableTransitionForbidden.selector);
        require(_hostile.releaseCount() == 1, "freed twice");
        require(_victim.stateOf(terms, _claims()) == ReceivableState.Withdrawn, "not final");
    }

    function testFuzz_a_transfer_called_back_moves_each_unit_once(uint64 amount, uint64 again, uint8 which) external {
        uint256 noteId = _rootOfHostile();
        amount = 1 + (amount % _AMOUNT);
        uint256 pieceId = noteId + _AMOUNT - amount;
        _hostile.arm(_victim, _anyCall(noteId, pieceId, again, which));
        (bool isDone, bytes memory answer) = _hostile.act(_victim, _tradeTransfer(noteId, amount, 2));
        require(isDone && abi.decode(answer, (uint256)) == pieceId, "not offered");
        require(_hostile.wasCalledBack(), "nothing called back");
        // What was offered stays offered, whatever was called back meanwhile with the rest.
        IReceivables.Note memory piece = _victim.noteOf(pieceId);
        require(piece.end == _AMOUNT && piece.state == NoteState.Offered, "the piece is not what was offered");
        _requirePartition(uint192(noteId >> 64));
    }

    function test_a_transfer_called_back_with_itself_is_refused() external {
        uint256 noteId = _rootOfHostile();
        _hostile.arm(_victim, _tradeTransfer(noteId, _AMOUNT, 2));
        (bool isDone, ) = _hostile.act(_victim, _tradeTransfer(noteId, _AMOUNT, 2));
        require(isDone, "not offered");
        _requireRefused(NoteStates.NoteTransitionForbidden.selector);
        require(_hostile.claimCount() == 2, "the root's and the trade document's are two claims");
    }

    function test_a_recall_called_back_frees_once() external {
        uint256 noteId = _rootOfHostile();
        (bool isDone, ) = _hostile.act(_victim, _tradeTransfer(noteId, _AMOUNT, 2));
        require(isDone, "not offered");
        bytes memory call_ = abi.encodeCall(IReceivables.recall, (noteId, _fingerprint(2)));
        _hostile.arm(_victim, call_);
        (isDone, ) = _hostile.act(_victim, call_);
        require(isDone, "not recalled");
        _requireRefused(NoteStates.NoteTransitionForbidden.selector);
        require(_hostile.releaseCount() == 1, "freed twice");
        _requirePartition(uint192(noteId >> 64));
    }

    /// @dev The directory is only ever asked by static calls: a call back that writes fails whatever it is.
    function test_a_directory_cannot_call_back() external {
        HostileParticipants directory = new HostileParticipants();
        IReceivables.Policy memory policy = IReceivables.Policy(MAX_TENOR, MIN_WINDOW, MAX_TIER, false);
        Receivables victim = Deploy.receivables(IParticipants(address(directory)), _hostile, policy);
        directory.arm(victim, abi.encodeCall(IReceivables.issue, (_terms(SUPPLIER, DEBTOR), _claimsOf(3))));
        directory.setId(DEBTOR);
        uint192 id = victim.issue(_terms(SUPPLIER, DEBTOR), _claims());
        require(_hostile.claimCount() == 1, "called back");
        directory.setId(SUPPLIER);
        uint256 noteId = uint256(id) << 64;
        directory.arm(
            victim,
            abi.encodeCall(IReceivables.lock, (noteId, FACTOR, 6, _MATURITY - 1, NotePurpose.Pledge, 0))
        );
        victim.lock(noteId, FACTOR, 4, _MATURITY - 1, NotePurpose.Pledge, 0);
        require(victim.noteOf(noteId).end == 8, "called back");
        require(victim.noteOf(noteId + 8).state == NoteState.Locked, "not locked");
        require(victim.noteOf(noteId + 2).state == NoteState.None, "locked by the call back");
    }

    function test_a_batch_whose_target_executes_it_again_runs_once() external {
        AccountFactory factory = Deploy.accountFactory(Deploy.accessManager(REGISTRAR), 1 days);
        IParticipantAccount.Signer[] memory signers = new IParticipantAccount.Signer[](1);
        signers[0] = IParticipantAccount.Signer(abi.encodePacked(vm.addr(_KEY)), IParticipantAccount.Duty.Maker);
        ParticipantAccount account = ParticipantAccount(
            factory.create(signers, IParticipantAccount.Quorum(1, 0), bytes32(0))
        );
        Reenterer target = new Reenterer();
        IParticipantAccount.Call[] memory calls = new IParticipantAccount.Call[](1);
        calls[0] = IParticipantAccount.Call(address(target), abi.encodeCall(Reenterer.poke, ()));
        uint256 nonce = uint256(7) << 64;
        uint48 deadline = START + 1 days;
        bytes memory signature = _sign(account.digestOf(calls, nonce, deadline));
        target.arm(address(account), abi.encodeCall(IParticipantAccount.execute, (calls, nonce, deadline, signature)));
        account.execute(calls, nonce, deadline, signature);
        require(target.pokes() == 1, "ran twice");
        bytes32 expected = keccak256(
            abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, address(account), nonce + 1)
        );
        require(keccak256(target.answer()) == expected, "not refused for its nonce");
    }

    function _anyCall(uint256 noteId, uint256 pieceId, uint64 again, uint8 which) private pure returns (bytes memory) {
        uint64 amount = again % (_AMOUNT + 2);
        uint40 deadline = _MATURITY - 1;
        if (which % 7 == 0) return _tradeTransfer(noteId, amount, 4);
        if (which % 7 == 1) return _tradeTransfer(pieceId, amount, 4);
        if (which % 7 == 2) {
            return abi.encodeCall(IReceivables.lock, (noteId, FACTOR, amount, deadline, NotePurpose.Pledge, 0));
        }
        if (which % 7 == 3) {
            return abi.encodeCall(IReceivables.lock, (pieceId, FACTOR, amount, deadline, NotePurpose.Pledge, 0));
        }
        if (which % 7 == 4) return abi.encodeCall(IReceivables.offerDilution, (noteId, amount, deadline, 0));
        if (which % 7 == 5) return abi.encodeCall(IReceivables.merge, (noteId, pieceId));
        return abi.encodeCall(IReceivables.recall, (pieceId, _fingerprint(2)));
    }

    function _tradeTransfer(uint256 noteId, uint64 amount, uint256 document) private pure returns (bytes memory) {
        return
            abi.encodeCall(
                IReceivables.transfer,
                (noteId, SUPPLIER, amount, _MATURITY - 1, NotePurpose.TradeTransfer, _fingerprint(document))
            );
    }

    function _rootOfHostile() private returns (uint256 noteId) {
        vm.prank(_accountOf(DEBTOR));
        return uint256(_victim.issue(_terms(_hostileId, DEBTOR), _claims())) << 64;
    }

    function _requireRefused(bytes4 selector) private view {
        require(_hostile.wasCalledBack(), "nothing called back");
        require(bytes4(_hostile.answer()) == selector, "the call back was not refused");
    }

    function _requirePartition(uint192 id) private view {
        (uint256[] memory ids, uint64 next) = _victim.notesOf(id, 0, _AMOUNT + 1);
        require(next == _AMOUNT, "the notes do not reach the amount");
        for (uint256 i; i < ids.length; ++i) {
            for (uint64 unit = uint64(ids[i]) + 1; unit < _victim.noteOf(ids[i]).end; ++unit) {
                require(_victim.noteOf((uint256(id) << 64) | unit).state == NoteState.None, "overlap");
            }
        }
    }

    function _sign(bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_KEY, digest);
        bytes[] memory signers = new bytes[](1);
        bytes[] memory signatures = new bytes[](1);
        signers[0] = abi.encodePacked(vm.addr(_KEY));
        signatures[0] = abi.encodePacked(r, s, v);
        return abi.encode(signers, signatures);
    }

    function _terms(uint32 creditor, uint32 debtor) private pure returns (IReceivables.Terms memory) {
        return IReceivables.Terms(_MATURITY, creditor, debtor, _AMOUNT, 156, bytes32("content"));
    }

    function _claims() private pure returns (bytes32[] memory) {
        return _claimsOf(1);
    }

    function _claimsOf(uint256 number) private pure returns (bytes32[] memory claims) {
        claims = new bytes32[](1);
        claims[0] = _fingerprint(number);
    }

    function _fingerprint(uint256 number) private pure returns (bytes32) {
        return bytes32((uint256(1) << 240) | number);
    }
}
