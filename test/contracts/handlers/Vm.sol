// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The few cheat codes of Hardhat's Solidity tests that are used here.
interface Vm {
    /// @notice An event as it was emitted; the first topic is its signature.
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    /// @notice The next call comes from `sender`.
    function prank(address sender) external;

    /// @notice Sets the block time, unix seconds.
    function warp(uint256 timestamp) external;

    /// @notice The next call must revert with exactly this data.
    function expectRevert(bytes calldata data) external;

    /// @notice Rejects the fuzzed input unless `condition` holds.
    function assume(bool condition) external pure;

    /// @notice Keeps events from now on, for {getRecordedLogs}.
    function recordLogs() external;

    /// @notice The events since {recordLogs} or the last answer.
    function getRecordedLogs() external returns (Log[] memory);

    /// @notice Signs `digest` with a secp256k1 key.
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    /// @notice The address of a secp256k1 key.
    function addr(uint256 key) external pure returns (address);

    /// @notice The creation code of the artifact `file:contract`, as it was compiled by itself.
    function getCode(string calldata artifact) external view returns (bytes memory);
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
