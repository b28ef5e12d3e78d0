// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A target of a batch that has the same batch executed again when it is called.
contract Reenterer {
    address private _account;
    bytes private _data;

    uint256 public pokes;
    bytes public answer;

    function arm(address account, bytes calldata data) external {
        _account = account;
        _data = data;
    }

    function poke() external {
        ++pokes;
        (, answer) = _account.call(_data);
    }
}
