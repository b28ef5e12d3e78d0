// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

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
}
