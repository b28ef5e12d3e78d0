// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SM2} from "../../../contracts/guomi/SM2.sol";
import {SM2Comb} from "../../../contracts/guomi/SM2Comb.sol";
import {SM3} from "../../../contracts/guomi/SM3.sol";

/// @notice Shows the Guomi libraries to the tests.
contract GuomiHarness {
    function sm3(bytes calldata message) external pure returns (bytes32) {
        return SM3.hash(message);
    }

    /// @notice Gas of one hash, without the call around it.
    function sm3Gas(bytes calldata message) external view returns (uint256 used) {
        bytes memory copied = message;
        used = gasleft();
        SM3.hash(copied);
        used -= gasleft();
    }

    function comb() external pure returns (bytes memory) {
        return SM2Comb.POINTS;
    }

    function isKey(uint256 x, uint256 y) external pure returns (bool) {
        return SM2.isKey(x, y);
    }

    function tableOf(uint256 x, uint256 y) external view returns (bytes memory) {
        return SM2.tableOf(x, y);
    }

    /// @notice The answer, and the gas it took without the call around it.
    function verify(
        bytes32 e,
        uint256 r,
        uint256 s,
        uint256 x,
        uint256 y
    ) external view returns (bool isSigned, uint256 used) {
        used = gasleft();
        isSigned = SM2.verify(e, r, s, x, y);
        used -= gasleft();
    }

    /// @notice {verify} with the key's table at hand.
    function verifyPrepared(
        bytes32 e,
        uint256 r,
        uint256 s,
        uint256 x,
        uint256 y
    ) external view returns (bool isSigned, uint256 used) {
        bytes memory table = SM2.tableOf(x, y);
        used = gasleft();
        isSigned = SM2.verifyWith(table, e, r, s, x, y);
        used -= gasleft();
    }
}
