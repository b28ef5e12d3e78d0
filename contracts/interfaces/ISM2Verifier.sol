// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";

/// @title ISM2Verifier
/// @notice ERC-7913 verifier of SM2 keys (GB/T 32918.2-2016, GM/T 0009-2012). A key is `x ‖ y`, 64 bytes; a signature `r ‖ s`, 64
/// bytes, no other encoding. What is signed is the 32 bytes of the hash, as a message of the user `1234567812345678`:
/// e = SM3(Z ‖ hash). Z and e are always made here, of the key; no caller can bring its own.
/// @dev Unlike in ECDSA, nobody but the key's owner makes a second signature of a hash out of a first.
///
/// A chain that verifies SM2 itself (a precompile) gets a contract with {IERC7913SignatureVerifier-verify} that asks it with
/// the same Z and hash. The governance allows its address in the account factory beside this one's.
interface ISM2Verifier is IERC7913SignatureVerifier {
    /// @notice A key was prepared; from now on its signatures cost less than half.
    /// @param keyHash keccak256 of the key.
    /// @param key The key, `x ‖ y`.
    /// @param z Its Z (GM/T 0009-2012 §8.1).
    /// @param table Where Z and the key's table lie, as code.
    event KeyPrepared(bytes32 indexed keyHash, bytes key, bytes32 z, address table);

    /// @notice Thrown when the bytes are no SM2 key: not 64 bytes, a coordinate not below p, or no point of the curve.
    error KeyInvalid(bytes key);

    /// @notice Thrown when the chain did not take the code that keeps a key's table: not enough gas.
    error TableNotCreated(bytes key);

    /// @notice Makes and keeps what the verification of this key's signatures needs: Z and a table of the key's multiples.
    /// @dev Requirements:
    /// - `key` must be a key, see {isKey}.
    /// - Anyone may call; nothing comes from the caller but the key. For a prepared key it changes nothing.
    /// - Emits {KeyPrepared} the first time.
    /// @return table Where they are kept.
    function prepare(bytes calldata key) external returns (address table);

    /// @notice Where Z and the table of a prepared key are kept; zero for any other.
    function tableOf(bytes calldata key) external view returns (address table);

    /// @notice Whether the bytes are an SM2 key: a point of the curve, not infinity, of 64 bytes.
    function isKey(bytes calldata key) external pure returns (bool);

    /// @notice The key's Z: SM3 over user id, curve and key (GM/T 0009-2012 §8.1). Reverts with {KeyInvalid}.
    function zOf(bytes calldata key) external pure returns (bytes32);
}
