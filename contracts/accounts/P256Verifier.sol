// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

/// @title P256Verifier
/// @notice ERC-7913 verifier of P-256 (secp256r1) keys: by the precompile of EIP-7951 where the chain has it (7.6k gas),
/// else in Solidity (240k gas).
/// @dev OpenZeppelin's, but it takes exactly `r ‖ s`: there is one encoding of a signature, and `s` is in the lower half.
contract P256Verifier is ERC7913P256Verifier {
    /// @inheritdoc ERC7913P256Verifier
    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) public view override returns (bytes4) {
        return signature.length == 64 ? super.verify(key, hash, signature) : bytes4(0xffffffff);
    }
}
