// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {SM2} from "../../../contracts/guomi/SM2.sol";
import {SM3} from "../../../contracts/guomi/SM3.sol";

/// @notice Gas of one call of a library, without the transaction and the call around it; reverts where the answer is no.
contract GuomiBench {
    error Refused();

    function sm3(bytes calldata message) external view returns (uint256 used) {
        bytes memory copied = message;
        used = gasleft();
        SM3.hash(copied);
        used -= gasleft();
    }

    function sm2(bytes32 e, uint256 r, uint256 s, uint256 x, uint256 y) external view returns (uint256 used) {
        used = gasleft();
        bool isSigned = SM2.verify(e, r, s, x, y);
        used -= gasleft();
        if (!isSigned) revert Refused();
    }

    function sm2Prepared(bytes32 e, uint256 r, uint256 s, uint256 x, uint256 y) external view returns (uint256 used) {
        bytes memory table = SM2.tableOf(x, y);
        used = gasleft();
        bool isSigned = SM2.verifyWith(table, e, r, s, x, y);
        used -= gasleft();
        if (!isSigned) revert Refused();
    }

    function p256(bytes32 h, bytes32 r, bytes32 s, bytes32 x, bytes32 y) external view returns (uint256 used) {
        used = gasleft();
        bool isSigned = P256.verifySolidity(h, r, s, x, y);
        used -= gasleft();
        if (!isSigned) revert Refused();
    }
}
