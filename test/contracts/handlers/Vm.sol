// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The few cheat codes of Hardhat's Solidity tests that are used here.
interface Vm {
    /// @notice The next call comes from `sender`.
    function prank(address sender) external;

    /// @notice Sets the block time, unix seconds.
    function warp(uint256 timestamp) external;

    /// @notice The next call must revert with exactly this data.
    function expectRevert(bytes calldata data) external;

    /// @notice Rejects the fuzzed input unless `condition` holds.
    function assume(bool condition) external pure;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
