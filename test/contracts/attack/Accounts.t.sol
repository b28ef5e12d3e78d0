// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccountFactory} from "../../../contracts/accounts/AccountFactory.sol";
import {ParticipantAccount} from "../../../contracts/accounts/ParticipantAccount.sol";
import {IAccountFactory} from "../../../contracts/interfaces/IAccountFactory.sol";
import {IParticipantAccount} from "../../../contracts/interfaces/IParticipantAccount.sol";
import {Deploy} from "../handlers/Deploy.sol";
import {vm} from "./AttackWorld.sol";

/// @notice Counts the calls of each sender, and calls back once with whatever it was given.
contract Target {
    mapping(address sender => uint256) public calls;
    bytes private _answer;

    function arm(bytes memory answer) external {
        _answer = answer;
    }

    function poke() external {
        ++calls[msg.sender];
        bytes memory answer = _answer;
        delete _answer;
        if (answer.length == 0) return;
        (bool isDone, ) = msg.sender.call(answer);
        require(!isDone, "called back");
    }
}

/// @notice Attacks on an account of two makers and two checkers that wants one of each: with fewer keys, with old ones, with
/// another account's signatures.
contract AccountsAttackTest {
    uint256 private constant MAKER = 0xA1;
    uint256 private constant SECOND_MAKER = 0xA2;
    uint256 private constant CHECKER = 0xB1;
    uint256 private constant SECOND_CHECKER = 0xB2;
    uint256 private constant NEW_MAKER = 0xC1;
    uint48 private constant DEADLINE = 2_000_000_000;
    uint40 private constant START = 1_800_000_000;

    AccountFactory private _factory;
    ParticipantAccount private _account;
    Target private _target;

    function setUp() external {
        vm.warp(START);
        _factory = Deploy.accountFactory(Deploy.accessManager(address(this)), 1 days);
        _account = ParticipantAccount(_factory.create(_signers(), IParticipantAccount.Quorum(1, 1), 0));
        _target = new Target();
    }

    function _signers() private pure returns (IParticipantAccount.Signer[] memory signers) {
        signers = new IParticipantAccount.Signer[](4);
        signers[0] = _signer(MAKER, IParticipantAccount.Duty.Maker);
        signers[1] = _signer(SECOND_MAKER, IParticipantAccount.Duty.Maker);
        signers[2] = _signer(CHECKER, IParticipantAccount.Duty.Checker);
        signers[3] = _signer(SECOND_CHECKER, IParticipantAccount.Duty.Checker);
    }

    function _signer(
        uint256 key,
        IParticipantAccount.Duty duty
    ) private pure returns (IParticipantAccount.Signer memory) {
        return IParticipantAccount.Signer(abi.encodePacked(vm.addr(key)), duty);
    }

    function _poke() private view returns (IParticipantAccount.Call[] memory calls) {
        calls = new IParticipantAccount.Call[](1);
        calls[0] = IParticipantAccount.Call(address(_target), abi.encodeCall(Target.poke, ()));
    }

    function _self(bytes memory data) private view returns (IParticipantAccount.Call[] memory calls) {
        calls = new IParticipantAccount.Call[](1);
        calls[0] = IParticipantAccount.Call(address(_account), data);
    }

    function _keys(uint256 first, uint256 second) private pure returns (uint256[] memory keys) {
        keys = new uint256[](2);
        (keys[0], keys[1]) = (first, second);
    }

    /// @dev As an account wants them: by the hashes of the signers.
    function _signed(bytes32 digest, uint256[] memory keys) private pure returns (bytes memory) {
        uint256[] memory sorted = new uint256[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            uint256 place = i;
            for (; place > 0 && _hashOf(sorted[place - 1]) > _hashOf(keys[i]); --place)
                sorted[place] = sorted[place - 1];
            sorted[place] = keys[i];
        }
        return _signedAsGiven(digest, sorted);
    }

    function _hashOf(uint256 key) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(vm.addr(key)));
    }

    function _signedAsGiven(bytes32 digest, uint256[] memory keys) private pure returns (bytes memory) {
        bytes[] memory signers = new bytes[](keys.length);
        bytes[] memory signatures = new bytes[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[i], digest);
            signers[i] = abi.encodePacked(vm.addr(keys[i]));
            signatures[i] = abi.encodePacked(r, s, v);
        }
        return abi.encode(signers, signatures);
    }

    function _tryExecute(
        IParticipantAccount.Call[] memory calls,
        uint256 nonce,
        uint256[] memory keys
    ) private returns (bool isDone) {
        return _try(calls, nonce, _signed(_account.digestOf(calls, nonce, DEADLINE), keys));
    }

    function _try(
        IParticipantAccount.Call[] memory calls,
        uint256 nonce,
        bytes memory signature
    ) private returns (bool isDone) {
        (isDone, ) = address(_account).call(abi.encodeCall(_account.execute, (calls, nonce, DEADLINE, signature)));
    }

    function test_AMakerAndACheckerCanActInOneOrderAndOnlyOnce() external {
        bytes32 digest = _account.digestOf(_poke(), 1 << 64, DEADLINE);
        bool isMakerFirst = _hashOf(MAKER) < _hashOf(CHECKER);
        uint256[] memory wrong = isMakerFirst ? _keys(CHECKER, MAKER) : _keys(MAKER, CHECKER);
        require(!_try(_poke(), 1 << 64, _signedAsGiven(digest, wrong)), "the wrong order");
        require(_tryExecute(_poke(), 1 << 64, wrong), "one order");
        require(_tryExecute(_poke(), 2 << 64, _keys(CHECKER, MAKER)), "another nonce");
        require(!_tryExecute(_poke(), 2 << 64, _keys(CHECKER, MAKER)), "replayed");
        require(!_tryExecute(_poke(), 2 << 64, _keys(SECOND_MAKER, SECOND_CHECKER)), "the same nonce");
        require(!_tryExecute(_poke(), (3 << 64) | 1, _keys(MAKER, CHECKER)), "a sequence ahead");
    }

    function test_NoOtherSetOfKeysIsTheQuorum() external {
        require(!_tryExecute(_poke(), 0, new uint256[](0)), "nobody");
        require(!_tryExecute(_poke(), 0, _keys(MAKER, SECOND_MAKER)), "two makers");
        require(!_tryExecute(_poke(), 0, _keys(CHECKER, SECOND_CHECKER)), "two checkers");
        require(!_tryExecute(_poke(), 0, _keys(MAKER, MAKER)), "a maker twice");
        require(!_tryExecute(_poke(), 0, _keys(MAKER, NEW_MAKER)), "a stranger");
        uint256[] memory keys = new uint256[](3);
        (keys[0], keys[1], keys[2]) = (MAKER, CHECKER, NEW_MAKER);
        require(!_tryExecute(_poke(), 0, keys), "a stranger beside the quorum");
        keys[2] = MAKER;
        require(!_tryExecute(_poke(), 0, keys), "a maker twice beside a checker");
        require(_target.calls(address(_account)) == 0, "called");
    }

    /// @dev Every order of three signers in which one appears twice, for a quorum that needs two makers.
    function test_ASignerTwiceIsRefusedInEveryOrder() external {
        IParticipantAccount.Signer[] memory none = new IParticipantAccount.Signer[](0);
        IParticipantAccount.Quorum memory quorum = IParticipantAccount.Quorum(2, 1);
        bytes memory change = abi.encodeCall(_account.changeSigners, (none, new bytes[](0), quorum));
        require(_tryExecute(_self(change), 0, _keys(MAKER, CHECKER)), "change");
        for (uint256 place; place < 3; ++place) {
            for (uint256 key; key < 2; ++key) {
                uint256[] memory keys = new uint256[](3);
                for (uint256 i; i < 3; ++i) keys[i] = i == place ? CHECKER : (key == 0 ? MAKER : SECOND_MAKER);
                bytes32 digest = _account.digestOf(_poke(), 1, DEADLINE);
                require(!_try(_poke(), 1, _signedAsGiven(digest, keys)), "a maker twice");
            }
        }
        uint256[] memory all = new uint256[](3);
        (all[0], all[1], all[2]) = (MAKER, SECOND_MAKER, CHECKER);
        require(_tryExecute(_poke(), 1, all), "the quorum");
    }

    function test_ASignatureForOneAccountIsNothingForItsTwin() external {
        address twin = _factory.create(_signers(), IParticipantAccount.Quorum(1, 1), bytes32(uint256(1)));
        bytes memory signature = _signed(_account.digestOf(_poke(), 0, DEADLINE), _keys(MAKER, CHECKER));
        bytes memory data = abi.encodeCall(_account.execute, (_poke(), 0, DEADLINE, signature));
        (bool isDone, ) = twin.call(data);
        require(!isDone && _target.calls(twin) == 0, "replayed");
        (isDone, ) = address(_account).call(data);
        require(isDone && _target.calls(address(_account)) == 1, "its own");
    }

    function test_AnIntentsSignatureIsNoAnswerToAnotherContract() external view {
        bytes32 digest = _account.digestOf(_poke(), 0, DEADLINE);
        bytes memory signature = _signed(digest, _keys(MAKER, CHECKER));
        require(_account.isValidSignature(digest, signature) != 0x1626ba7e, "ERC-1271 without nesting");
    }

    function test_ATargetThatCallsBackFindsTheIntentUsed() external {
        bytes memory signature = _signed(_account.digestOf(_poke(), 0, DEADLINE), _keys(MAKER, CHECKER));
        bytes memory data = abi.encodeCall(_account.execute, (_poke(), 0, DEADLINE, signature));
        _target.arm(data);
        (bool isDone, ) = address(_account).call(data);
        require(isDone && _target.calls(address(_account)) == 1, "once");
    }

    function test_ARemovedSignersIntentsEndWithIt() external {
        bytes memory old = _signed(_account.digestOf(_poke(), 7 << 64, DEADLINE), _keys(MAKER, CHECKER));
        bytes[] memory removed = new bytes[](1);
        removed[0] = abi.encodePacked(vm.addr(MAKER));
        IParticipantAccount.Signer[] memory added = new IParticipantAccount.Signer[](1);
        added[0] = _signer(NEW_MAKER, IParticipantAccount.Duty.Maker);
        bytes memory change = abi.encodeCall(
            _account.changeSigners,
            (added, removed, IParticipantAccount.Quorum(1, 1))
        );
        require(_tryExecute(_self(change), 0, _keys(MAKER, CHECKER)), "change");
        (bool isDone, ) = address(_account).call(abi.encodeCall(_account.execute, (_poke(), 7 << 64, DEADLINE, old)));
        require(!isDone, "removed");
        require(_tryExecute(_poke(), 7 << 64, _keys(NEW_MAKER, CHECKER)), "added");
    }

    function test_NoChangeLeavesAnAccountThatNobodyOrOneDutyAloneCanUse() external {
        IParticipantAccount.Signer[] memory none = new IParticipantAccount.Signer[](0);
        IParticipantAccount.Signer[] memory known = new IParticipantAccount.Signer[](1);
        known[0] = _signer(MAKER, IParticipantAccount.Duty.Checker);
        bytes4 selector = _account.changeSigners.selector;
        uint8[2][4] memory wrong = [[0, 0], [0, 1], [3, 1], [1, 3]];
        for (uint256 i; i < wrong.length; ++i) {
            IParticipantAccount.Quorum memory quorum = IParticipantAccount.Quorum(wrong[i][0], wrong[i][1]);
            bytes memory change = abi.encodePacked(selector, abi.encode(none, new bytes[](0), quorum));
            require(!_tryExecute(_self(change), 0, _keys(MAKER, CHECKER)), "an unreachable quorum");
        }
        bytes memory both = abi.encodePacked(
            selector,
            abi.encode(known, new bytes[](0), IParticipantAccount.Quorum(1, 1))
        );
        require(!_tryExecute(_self(both), 0, _keys(MAKER, CHECKER)), "a maker that is a checker too");
        (bool isDone, ) = address(_account).call(both);
        require(!isDone, "a stranger");
    }

    function test_TwoHundredAndFiftySixSignersDoNotWrapTheQuorum() external {
        IParticipantAccount.Signer[] memory many = new IParticipantAccount.Signer[](256);
        for (uint256 i; i < 256; ++i) {
            many[i] = IParticipantAccount.Signer(
                abi.encodePacked(address(uint160(i + 1000))),
                IParticipantAccount.Duty.Maker
            );
        }
        try _factory.create(many, IParticipantAccount.Quorum(1, 0), 0) {
            revert("created");
        } catch {}
    }

    function test_TheRegistrarHasNoOtherWayIntoAnAccountThanTheDelayedOne() external {
        IParticipantAccount.Signer[] memory signers = new IParticipantAccount.Signer[](2);
        signers[0] = _signer(NEW_MAKER, IParticipantAccount.Duty.Maker);
        // One that is there already, in another duty.
        signers[1] = _signer(MAKER, IParticipantAccount.Duty.Checker);
        IParticipantAccount.Quorum memory quorum = IParticipantAccount.Quorum(1, 1);
        try _account.startRecovery(signers, quorum) {
            revert("started without the factory");
        } catch {}
        _factory.startRecovery(_account, signers, quorum);
        vm.warp(START + 1 days - 1);
        bytes memory finish = abi.encodeCall(_account.finishRecovery, (signers, quorum));
        (bool isDone, ) = address(_account).call(finish);
        require(!isDone, "a second early");
        // A new proposal waits anew, and the old one is gone with it.
        _factory.startRecovery(_account, _signers(), quorum);
        vm.warp(START + 1 days);
        (isDone, ) = address(_account).call(finish);
        require(!isDone, "replaced");
        require(_tryExecute(_self(abi.encodeCall(_account.endRecovery, ())), 0, _keys(MAKER, CHECKER)), "veto");
        vm.warp(START + 4 days);
        (isDone, ) = address(_account).call(abi.encodeCall(_account.finishRecovery, (_signers(), quorum)));
        require(!isDone, "vetoed");
        _factory.startRecovery(_account, signers, quorum);
        vm.warp(START + 5 days);
        (isDone, ) = address(_account).call(finish);
        require(isDone, "recovered");
        (isDone, ) = address(_account).call(finish);
        require(!isDone, "twice");
        require(!_tryExecute(_poke(), 9 << 64, _keys(SECOND_MAKER, CHECKER)), "the old signers");
        require(_tryExecute(_poke(), 9 << 64, _keys(NEW_MAKER, MAKER)), "the new ones");
    }

    function test_WhoCreatesAnAccountFirstCanOnlyCreateTheSame() external {
        IParticipantAccount.Quorum memory quorum = IParticipantAccount.Quorum(1, 1);
        try _factory.create(_signers(), quorum, 0) {
            revert("twice");
        } catch (bytes memory refusal) {
            require(bytes4(refusal) == IAccountFactory.AccountExists.selector, "refusal");
        }
        IParticipantAccount.Signer[] memory other = _signers();
        other[0] = _signer(NEW_MAKER, IParticipantAccount.Duty.Maker);
        require(_factory.addressOf(other, quorum, 0) != address(_account), "other signers");
        quorum.checkers = 2;
        require(_factory.addressOf(_signers(), quorum, 0) != address(_account), "another quorum");
    }
}
