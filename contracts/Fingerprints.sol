// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IFingerprints} from "./interfaces/IFingerprints.sol";

/// @title Fingerprints
/// @notice Long-lived and tiny: registry versions come and go, a claim stays (N4).
contract Fingerprints is IFingerprints, AccessManaged {
    mapping(bytes32 fingerprint => Claim) private _claims;
    mapping(address registry => uint16 number) public registryNumberOf;
    uint16 public registryCount;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IFingerprints
    function authorise(address registry) external restricted returns (uint16 number) {
        if (registryNumberOf[registry] != 0) revert RegistryExists(registry, registryNumberOf[registry]);
        number = ++registryCount;
        registryNumberOf[registry] = number;
        emit RegistryAuthorised(number, registry);
    }

    /// @inheritdoc IFingerprints
    function claim(bytes32 fingerprint, uint192 subject) external {
        uint16 registry = _callingRegistry();
        uint16 epoch = uint16(uint256(fingerprint) >> 240);
        if (epoch == 0) revert FingerprintEpochInvalid(fingerprint, epoch, 1);
        Claim storage current = _claims[fingerprint];
        if (current.registry != 0) {
            revert FingerprintAlreadyClaimed(fingerprint, current.registry, current.subject);
        }
        _claims[fingerprint] = Claim({subject: subject, registry: registry, claimedAt: uint40(block.timestamp)});
        emit FingerprintClaimed(fingerprint, registry, subject);
    }

    /// @inheritdoc IFingerprints
    function release(bytes32 fingerprint, uint192 subject) external {
        uint16 registry = _callingRegistry();
        Claim storage current = _claims[fingerprint];
        if (current.registry != registry || current.subject != subject) {
            revert FingerprintClaimMismatch(fingerprint, subject, current.subject);
        }
        delete _claims[fingerprint];
        emit FingerprintReleased(fingerprint, registry, subject);
    }

    /// @inheritdoc IFingerprints
    function claimOf(bytes32 fingerprint) external view returns (Claim memory) {
        return _claims[fingerprint];
    }

    function _callingRegistry() private view returns (uint16 number) {
        number = registryNumberOf[msg.sender];
        if (number == 0) revert RegistryUnauthorised(msg.sender);
    }
}
