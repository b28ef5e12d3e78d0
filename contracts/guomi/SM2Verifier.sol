// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {ISM2Verifier} from "../interfaces/ISM2Verifier.sol";
import {SM2} from "./SM2.sol";
import {SM3} from "./SM3.sol";

/// @title SM2Verifier
/// @notice See {ISM2Verifier}.
/// @dev What is kept of a key is code, not storage: 544 bytes cost 2,600 gas to read, in slots they would cost 36,000. It is
/// written once, by {prepare}, from the key alone, so it is as trustworthy as making it anew. Why a table and not hints
/// with each signature: docs/adr/0011.
contract SM2Verifier is ISM2Verifier {
    bytes4 private constant _INVALID = 0xffffffff;
    /// @dev SM3's state after the first 128 bytes of what Z is made of, the same for every key: the id's length in bits (0x0080),
    /// the id `1234567812345678`, a, b, G.x and 14 bytes of G.y. Then the bytes of G.y that are left.
    uint256 private constant _Z_STATE = 0xadadedb50446043f08a87acee86d22438e232383bfc81fe2cf9117c84707011d;
    bytes18 private constant _Z_REST = 0x2153d0a9877cc62a474002df32e52139f0a0;
    /// @dev Of a table: code that only stops, should anyone call it; Z; the points.
    uint256 private constant _TABLE_CODE_SIZE = 33 + SM2.TABLE_SIZE;

    mapping(bytes32 keyHash => address table) private _tables;

    /// @inheritdoc ISM2Verifier
    function prepare(bytes calldata key) external returns (address table) {
        bytes32 keyHash = keccak256(key);
        table = _tables[keyHash];
        if (table != address(0)) return table;
        if (!isKey(key)) revert KeyInvalid(key);
        (uint256 x, uint256 y) = _pointOf(key);
        bytes32 z = _zOf(x, y);
        // Creation code: return everything behind these 11 bytes.
        bytes memory code = abi.encodePacked(hex"600b5981380380925939f3", hex"00", z, SM2.tableOf(x, y));
        assembly ("memory-safe") {
            table := create(0, add(code, 32), mload(code))
        }
        if (table.code.length != _TABLE_CODE_SIZE) revert TableNotCreated(key);
        _tables[keyHash] = table;
        emit KeyPrepared(keyHash, key, z, table);
    }

    /// @inheritdoc IERC7913SignatureVerifier
    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (key.length != 64 || signature.length != 64) return _INVALID;
        (uint256 x, uint256 y) = _pointOf(key);
        (uint256 r, uint256 s) = _pointOf(signature);
        if (!SM2.areInRange(r, s)) return _INVALID;
        address kept = _tables[keccak256(key)];
        bool isSigned;
        if (kept != address(0)) {
            (bytes32 z, bytes memory table) = _read(kept);
            isSigned = SM2.verifyWith(table, SM3.hash(abi.encodePacked(z, hash)), r, s, x, y);
        } else if (SM2.isKey(x, y)) {
            bytes32 e = SM3.hash(abi.encodePacked(_zOf(x, y), hash));
            isSigned = SM2.verifyWith(SM2.tableOf(x, y), e, r, s, x, y);
        }
        return isSigned ? IERC7913SignatureVerifier.verify.selector : _INVALID;
    }

    /// @inheritdoc ISM2Verifier
    function tableOf(bytes calldata key) external view returns (address table) {
        return _tables[keccak256(key)];
    }

    /// @inheritdoc ISM2Verifier
    function zOf(bytes calldata key) external pure returns (bytes32) {
        if (!isKey(key)) revert KeyInvalid(key);
        (uint256 x, uint256 y) = _pointOf(key);
        return _zOf(x, y);
    }

    /// @inheritdoc ISM2Verifier
    function isKey(bytes calldata key) public pure returns (bool) {
        if (key.length != 64) return false;
        (uint256 x, uint256 y) = _pointOf(key);
        return SM2.isKey(x, y);
    }

    function _zOf(uint256 x, uint256 y) private pure returns (bytes32) {
        return SM3.hashFrom(_Z_STATE, 128, abi.encodePacked(_Z_REST, x, y));
    }

    /// @dev The two halves of 64 bytes.
    function _pointOf(bytes calldata pair) private pure returns (uint256 first, uint256 second) {
        return (uint256(bytes32(pair[:32])), uint256(bytes32(pair[32:64])));
    }

    function _read(address kept) private view returns (bytes32 z, bytes memory table) {
        table = new bytes(SM2.TABLE_SIZE);
        assembly ("memory-safe") {
            extcodecopy(kept, 0x00, 1, 32)
            z := mload(0x00)
            extcodecopy(kept, add(table, 32), 33, mload(table))
        }
    }
}
