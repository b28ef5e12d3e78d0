// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";

/// @notice A directory that takes everybody for one participant and calls back whenever it is asked.
/// @dev Has the functions that {Receivables} asks, the two that matter not as views: so the compiler lets them call.
contract HostileParticipants {
    uint32 private _id;
    address private _target;
    bytes private _data;

    error CallBackWentThrough();

    function arm(IReceivables target, bytes calldata data) external {
        _target = address(target);
        _data = data;
    }

    function setId(uint32 id) external {
        _id = id;
    }

    /// @dev What a registry asks at its creation, to see that there is code.
    function participantCount() external pure returns (uint32) {
        return 0;
    }

    function requireAccountRole(address, uint16) external returns (uint32) {
        return _answer();
    }

    function requireParties(address, uint16, uint32, uint16) external returns (uint32) {
        return _answer();
    }

    function _answer() private returns (uint32) {
        // A fixed stipend, since a write in a static call burns what it is given; and the call back asks here again.
        (bool isDone, ) = _target.call{gas: 1_000_000}(_data);
        if (isDone) revert CallBackWentThrough();
        return _id;
    }
}
