// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MultiSignerERC7913} from "@openzeppelin/contracts/utils/cryptography/signers/MultiSignerERC7913.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";

/// @title ParticipantAccount
/// @notice Acts for one participant: executes a batch of calls that the participant's own keys signed. Anyone may carry
/// the batch; nobody can change it.
/// @dev Signed: EIP-712 `Execute(Call[] calls,uint256 nonce,uint48 deadline)`; chain and account are in the domain. A nonce
/// is OpenZeppelin's keyed nonce `key << 64 | sequence`; Tallystick takes the intent's own id as key and sequence 0, so an
/// intent can run once, in any order, and whether it ran is one look-up ({nonces}).
contract ParticipantAccount is MultiSignerERC7913, EIP712, NoncesKeyed {
    struct Call {
        address target;
        bytes data;
    }

    bytes32 private constant _CALL_TYPEHASH = keccak256("Call(address target,bytes data)");
    bytes32 private constant _EXECUTE_TYPEHASH = keccak256(
        "Execute(Call[] calls,uint256 nonce,uint48 deadline)Call(address target,bytes data)"
    );

    event Executed(uint256 indexed nonce);

    error DeadlinePassed(uint256 presented, uint48 required);
    error SignatureInvalid(bytes32 digest);
    error CallsMissing();
    /// @notice Such a call would succeed, do nothing and use the intent up.
    error CallTargetWithoutCode(address target);

    constructor(
        bytes[] memory signers,
        uint64 threshold
    ) EIP712("Tallystick Account", "1") MultiSignerERC7913(signers, threshold) {}

    /// @notice Executes the signed batch, all or nothing. A refusal of a call comes back unchanged.
    /// @param deadline Unix seconds; the batch may still be executed in that second.
    /// @param signature As MultiSignerERC7913: `abi.encode(bytes[] signers, bytes[] signatures)`, ordered by signer hash.
    function execute(Call[] calldata calls, uint256 nonce, uint48 deadline, bytes calldata signature) external {
        if (calls.length == 0) revert CallsMissing();
        if (block.timestamp > deadline) revert DeadlinePassed(block.timestamp, deadline);
        bytes32 digest = digestOf(calls, nonce, deadline);
        if (!_rawSignatureValidation(digest, signature)) revert SignatureInvalid(digest);
        _useCheckedNonce(address(this), nonce);
        for (uint256 i; i < calls.length; ++i) {
            if (calls[i].target.code.length == 0) revert CallTargetWithoutCode(calls[i].target);
            (bool isDone, bytes memory answer) = calls[i].target.call(calls[i].data);
            if (!isDone) {
                assembly ("memory-safe") {
                    revert(add(answer, 32), mload(answer))
                }
            }
        }
        emit Executed(nonce);
    }

    /// @notice The EIP-712 digest that the signers sign.
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
}
