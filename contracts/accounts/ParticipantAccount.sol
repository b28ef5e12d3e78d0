// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {AbstractSigner} from "@openzeppelin/contracts/utils/cryptography/signers/AbstractSigner.sol";
import {ERC7739} from "@openzeppelin/contracts/utils/cryptography/signers/draft-ERC7739.sol";
import {MultiSignerERC7913} from "@openzeppelin/contracts/utils/cryptography/signers/MultiSignerERC7913.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {IAccountFactory} from "../interfaces/IAccountFactory.sol";
import {IParticipantAccount} from "../interfaces/IParticipantAccount.sol";

/// @title ParticipantAccount
/// @notice See {IParticipantAccount}. Also answers ERC-1271, with ERC-7739's nesting, so that a signature for one account
/// says nothing for another that has the same keys.
/// @dev Batches are executed in the manner of ERC-7821, by signature. OpenZeppelin's signer set keeps the list; the duties
/// beside it decide, in one read for each signer.
contract ParticipantAccount is IParticipantAccount, MultiSignerERC7913, ERC7739, NoncesKeyed {
    struct Pending {
        bytes32 proposal;
        uint40 readyAt;
    }

    bytes32 private constant _CALL_TYPEHASH = keccak256("Call(address target,bytes data)");
    bytes32 private constant _EXECUTE_TYPEHASH = keccak256(
        "Execute(Call[] calls,uint256 nonce,uint48 deadline)Call(address target,bytes data)"
    );

    IAccountFactory public immutable factory;
    /// @inheritdoc IParticipantAccount
    Quorum public quorum;
    /// @inheritdoc IParticipantAccount
    Pending public recovery;
    mapping(bytes32 signerHash => Duty) private _duties;

    /// @dev To be created by the {IAccountFactory}, which stays its only helper.
    constructor(
        Signer[] memory signers,
        Quorum memory quorum_
    ) EIP712("Tallystick Account", "1") MultiSignerERC7913(new bytes[](0), 0) {
        factory = IAccountFactory(msg.sender);
        _change(signers, new bytes[](0), quorum_);
    }

    /// @inheritdoc IParticipantAccount
    function execute(Call[] calldata calls, uint256 nonce, uint48 deadline, bytes calldata signature) external {
        if (calls.length == 0) revert CallsMissing();
        if (block.timestamp > deadline) revert DeadlinePassed(block.timestamp, deadline);
        bytes32 digest = digestOf(calls, nonce, deadline);
        if (!_rawSignatureValidation(digest, signature)) revert SignatureInvalid(digest);
        // Used before the calls: a target that calls back finds the intent used up.
        _useCheckedNonce(address(this), nonce);
        for (uint256 i; i < calls.length; ++i) _call(calls[i].target, calls[i].data);
        emit Executed(nonce);
    }

    /// @inheritdoc IParticipantAccount
    function changeSigners(Signer[] calldata added, bytes[] calldata removed, Quorum calldata quorum_) external {
        _requireCaller(address(this));
        _change(added, removed, quorum_);
    }

    /// @inheritdoc IParticipantAccount
    function startRecovery(Signer[] calldata signers, Quorum calldata quorum_) external {
        _requireCaller(address(factory));
        bytes32 proposal = keccak256(abi.encode(signers, quorum_));
        uint40 readyAt = uint40(block.timestamp) + factory.recoveryDelay();
        recovery = Pending(proposal, readyAt);
        emit RecoveryStarted(proposal, readyAt);
    }

    /// @inheritdoc IParticipantAccount
    function endRecovery() external {
        if (msg.sender != address(factory)) _requireCaller(address(this));
        bytes32 proposal = recovery.proposal;
        if (proposal == 0) revert RecoveryMissing(0, 0);
        delete recovery;
        emit RecoveryEnded(proposal, false);
    }

    /// @inheritdoc IParticipantAccount
    function finishRecovery(Signer[] calldata signers, Quorum calldata quorum_) external {
        Pending memory pending = recovery;
        bytes32 proposal = keccak256(abi.encode(signers, quorum_));
        if (proposal != pending.proposal) revert RecoveryMissing(proposal, pending.proposal);
        if (block.timestamp < pending.readyAt) revert RecoveryPending(block.timestamp, pending.readyAt);
        uint40 lastAt = pending.readyAt + factory.recoveryDelay();
        if (block.timestamp > lastAt) revert RecoveryExpired(block.timestamp, lastAt);
        delete recovery;
        _change(signers, getSigners(0, type(uint64).max), quorum_);
        emit RecoveryEnded(proposal, true);
    }

    /// @inheritdoc IParticipantAccount
    function dutyOf(bytes calldata signer) external view returns (Duty) {
        return _duties[keccak256(signer)];
    }

    /// @inheritdoc IParticipantAccount
    function digestOf(Call[] calldata calls, uint256 nonce, uint48 deadline) public view returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            hashes[i] = keccak256(abi.encode(_CALL_TYPEHASH, calls[i].target, keccak256(calls[i].data)));
        }
        return
            _hashTypedDataV4(
                keccak256(abi.encode(_EXECUTE_TYPEHASH, keccak256(abi.encodePacked(hashes)), nonce, deadline))
            );
    }

    /// @notice How many signatures a batch needs in all.
    function threshold() public view override returns (uint64) {
        return uint64(quorum.makers) + quorum.checkers;
    }

    /// @inheritdoc MultiSignerERC7913
    function isSigner(bytes memory signer) public view override returns (bool) {
        return _duties[keccak256(signer)] != Duty.None;
    }

    function _rawSignatureValidation(
        bytes32 hash,
        bytes calldata signature
    ) internal view override(AbstractSigner, MultiSignerERC7913) returns (bool) {
        return super._rawSignatureValidation(hash, signature);
    }

    /// @dev The quorum stands in for OpenZeppelin's threshold.
    function _setThreshold(uint64) internal override {}

    /// @dev {_requireReachable} is stricter.
    function _validateReachableThreshold() internal view override {}

    /// @dev Stricter than OpenZeppelin's: signers come in the order of their hashes, each once; and a key's address is never asked
    /// whether it is a contract by now (ERC-1271), which would let code deployed there later say yes, and cost 2,600 gas.
    function _validateSignatures(
        bytes32 hash,
        bytes[] calldata signers,
        bytes[] calldata signatures
    ) internal view override returns (bool) {
        if (signers.length != signatures.length) return false;
        bytes32 last;
        for (uint256 i; i < signers.length; ++i) {
            bytes32 signerHash = keccak256(signers[i]);
            if (signerHash <= last || _duties[signerHash] == Duty.None) return false;
            if (!_isSignedBy(signers[i], hash, signatures[i])) return false;
            last = signerHash;
        }
        return true;
    }

    function _isSignedBy(bytes calldata signer, bytes32 hash, bytes calldata signature) private view returns (bool) {
        if (signer.length != 20) return SignatureChecker.isValidSignatureNow(signer, hash, signature);
        (address recovered, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(hash, signature);
        return problem == ECDSA.RecoverError.NoError && recovered == address(bytes20(signer));
    }

    /// @dev Makers and checkers are counted apart. The signers are distinct: {_validateSignatures} refuses a signer twice.
    function _validateThreshold(bytes[] calldata signers) internal view override returns (bool) {
        Quorum memory required = quorum;
        uint256 makers;
        uint256 checkers;
        for (uint256 i; i < signers.length; ++i) {
            Duty duty = _duties[keccak256(signers[i])];
            if (duty == Duty.Maker) ++makers;
            else if (duty == Duty.Checker) ++checkers;
        }
        return makers >= required.makers && checkers >= required.checkers;
    }

    function _change(Signer[] memory added, bytes[] memory removed, Quorum memory quorum_) private {
        _remove(removed);
        bytes[] memory keys = new bytes[](added.length);
        for (uint256 i; i < added.length; ++i) {
            keys[i] = added[i].signer;
            _requireWellFormed(added[i]);
            _duties[keccak256(keys[i])] = added[i].duty;
        }
        _addSigners(keys);
        quorum = quorum_;
        _requireReachable(quorum_);
        emit SignersChanged(added, removed, quorum_);
    }

    function _remove(bytes[] memory removed) private {
        for (uint256 i; i < removed.length; ++i) delete _duties[keccak256(removed[i])];
        _removeSigners(removed);
    }

    /// @dev A contract has no key, so as a signer it could never sign.
    function _requireWellFormed(Signer memory signer) private view {
        bytes memory key = signer.signer;
        if (key.length < 20) revert SignerInvalid(key);
        if (signer.duty == Duty.None) revert SignerDutyMissing(key);
        address verifier = address(bytes20(key));
        if (key.length == 20) {
            if (verifier.code.length != 0 || verifier == address(0)) revert SignerInvalid(key);
        } else if (!factory.isVerifier(verifier)) revert VerifierNotAllowed(verifier);
    }

    function _requireReachable(Quorum memory required) private view {
        bytes[] memory signers = getSigners(0, type(uint64).max);
        Quorum memory available;
        for (uint256 i; i < signers.length; ++i) {
            if (_duties[keccak256(signers[i])] == Duty.Maker) ++available.makers;
            else ++available.checkers;
        }
        bool isReachable = required.makers <= available.makers && required.checkers <= available.checkers;
        if (required.makers == 0 || !isReachable) revert QuorumInvalid(required, available);
    }

    function _requireCaller(address required) private view {
        if (msg.sender != required) revert CallerInvalid(msg.sender, required);
    }

    function _call(address target, bytes calldata data) private {
        if (target.code.length == 0) revert CallTargetWithoutCode(target);
        (bool isDone, bytes memory answer) = target.call(data);
        if (isDone) return;
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }
}
