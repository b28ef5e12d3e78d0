// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {ClaimReason, ClaimWord} from "../../../contracts/libraries/ClaimWords.sol";

/// @notice Keeps claims as {Fingerprints} does, but calls back into the registry first, once for each arming.
contract HostileFingerprints is IFingerprints {
    mapping(bytes32 fingerprint => ClaimWord) private _claims;
    address private _target;
    bytes private _data;

    uint256 public claimCount;
    uint256 public releaseCount;
    bool public wasCalledBack;
    bytes public answer;

    error NotForThisTest();

    /// @notice What the next claim or release calls back with.
    function arm(IReceivables target, bytes calldata data) external {
        _target = address(target);
        _data = data;
        wasCalledBack = false;
    }

    /// @notice Acts as the participant that this contract is.
    function act(IReceivables target, bytes calldata data) external returns (bool isDone, bytes memory) {
        return address(target).call(data);
    }

    function claimFor(bytes32 fingerprint, ClaimWord claimed) external {
        _callBack();
        ClaimWord held = _claims[fingerprint];
        if (!held.isFree()) {
            revert FingerprintAlreadyClaimed(fingerprint, held.claimant(), held.registry(), held.subject());
        }
        _claims[fingerprint] = claimed;
        ++claimCount;
    }

    function releaseFor(bytes32 fingerprint, uint192 subject, uint8 number) external {
        _callBack();
        ClaimWord held = _claims[fingerprint];
        if (!held.isFor(subject, number)) {
            revert FingerprintClaimMismatch(fingerprint, held.claimant(), held.registry(), held.subject());
        }
        _claims[fingerprint] = ClaimWord.wrap(0);
        ++releaseCount;
    }

    function claimWordOf(bytes32 fingerprint) external view returns (ClaimWord) {
        return _claims[fingerprint];
    }

    function claimOf(bytes32) external pure returns (Claim memory) {
        revert NotForThisTest();
    }

    function registryCount() external pure returns (uint8) {
        return 0;
    }

    function registryOf(uint8) external pure returns (address) {
        revert NotForThisTest();
    }

    function create(bytes calldata) external pure returns (uint8, address) {
        revert NotForThisTest();
    }

    function claim(bytes32, uint192, ClaimReason) external pure {
        revert NotForThisTest();
    }

    function release(bytes32, ReleaseReason) external pure {
        revert NotForThisTest();
    }

    function _callBack() private {
        if (_data.length == 0) return;
        bytes memory data = _data;
        delete _data;
        (, answer) = _target.call(data);
        wasCalledBack = true;
    }
}
