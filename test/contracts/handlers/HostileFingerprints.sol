// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {ClaimReason} from "../../../contracts/libraries/ClaimWords.sol";

/// @notice Keeps claims as {Fingerprints} does, but calls back into the registry first, once for each arming.
contract HostileFingerprints is IFingerprints {
    mapping(bytes32 fingerprint => Claim) private _claims;
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

    function claimFor(
        bytes32 fingerprint,
        uint192 subject,
        uint32 claimant,
        uint8 number,
        ClaimReason reason
    ) external {
        _callBack();
        Claim memory held = _claims[fingerprint];
        if (held.claimant != 0) {
            revert FingerprintAlreadyClaimed(fingerprint, held.claimant, held.registry, held.subject);
        }
        _claims[fingerprint] = Claim(subject, claimant, number, reason);
        ++claimCount;
    }

    function releaseFor(bytes32 fingerprint, uint192 subject, uint8 number) external {
        _callBack();
        Claim memory held = _claims[fingerprint];
        if (held.registry != number || held.subject != subject) {
            revert FingerprintClaimMismatch(fingerprint, held.claimant, held.registry, held.subject);
        }
        delete _claims[fingerprint];
        ++releaseCount;
    }

    function isClaimedFor(bytes32 fingerprint, uint192 subject, uint8 number) external view returns (bool) {
        return _claims[fingerprint].subject == subject && _claims[fingerprint].registry == number;
    }

    function claimOf(bytes32 fingerprint) external view returns (Claim memory) {
        return _claims[fingerprint];
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
