// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IFingerprints} from "./interfaces/IFingerprints.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {ClaimReason, ClaimWord, ClaimWords} from "./libraries/ClaimWords.sol";
import {Roles} from "./libraries/Roles.sol";

/// @title Fingerprints
/// @notice Long-lived and tiny: registry versions come and go, a claim stays (N4).
/// @dev Registry version `n` is the contract that this one created with its nonce `n`. So whether a caller is a registry is
/// arithmetic on its address (100 gas) where a list would cost a cold read (2,100 gas) in every claim.
contract Fingerprints is IFingerprints, AccessManaged {
    /// @notice A contract's nonce up to 127 is one byte in RLP; at one version a year that is enough.
    uint8 public constant MAX_REGISTRIES = 127;

    IParticipants public immutable participants;
    mapping(bytes32 fingerprint => ClaimWord) private _claims;
    /// @inheritdoc IFingerprints
    uint8 public registryCount;

    constructor(address authority, IParticipants participants_) AccessManaged(authority) {
        participants = participants_;
    }

    /// @inheritdoc IFingerprints
    function create(bytes calldata creationCode) external restricted returns (uint8 number, address registry) {
        if (registryCount == MAX_REGISTRIES) revert RegistryLimitReached(MAX_REGISTRIES);
        // The count is raised afterwards: the registry's constructor reads it to learn its own number.
        number = registryCount + 1;
        bytes memory code = creationCode;
        assembly ("memory-safe") {
            registry := create(0, add(code, 32), mload(code))
        }
        if (registry.code.length == 0 || registry != registryOf(number)) revert RegistryCreationFailed(number);
        registryCount = number;
        emit RegistryAuthorised(number, registry);
    }

    /// @inheritdoc IFingerprints
    function claimFor(bytes32 fingerprint, ClaimWord claimed) external {
        _requireRegistry(claimed.registry());
        _claim(fingerprint, claimed);
    }

    /// @inheritdoc IFingerprints
    function releaseFor(bytes32 fingerprint, uint192 subject, uint8 number) external {
        _requireRegistry(number);
        ClaimWord current = _claims[fingerprint];
        if (current.registry() != number || current.subject() != subject) _mismatch(fingerprint, current);
        _release(fingerprint, current, ReleaseReason.Closed);
    }

    /// @inheritdoc IFingerprints
    function claim(bytes32 fingerprint, uint192 subject, ClaimReason reason) external {
        uint32 claimant = participants.requireAccountRole(msg.sender, Roles.FACTOR);
        if (reason < ClaimReason.AssignedElsewhere) revert ClaimReasonInvalid(reason);
        _claim(fingerprint, ClaimWords.pack(subject, claimant, 0, reason));
    }

    /// @inheritdoc IFingerprints
    function release(bytes32 fingerprint, ReleaseReason reason) external {
        uint32 claimant = participants.requireAccountRole(msg.sender, Roles.FACTOR);
        if (reason < ReleaseReason.Repaid) revert ReleaseReasonInvalid(reason);
        ClaimWord current = _claims[fingerprint];
        if (current.registry() != 0 || current.claimant() != claimant) _mismatch(fingerprint, current);
        _release(fingerprint, current, reason);
    }

    /// @inheritdoc IFingerprints
    function claimOf(bytes32 fingerprint) external view returns (Claim memory) {
        ClaimWord word = _claims[fingerprint];
        return Claim(word.subject(), word.claimant(), word.registry(), word.reason());
    }

    /// @inheritdoc IFingerprints
    function claimWordOf(bytes32 fingerprint) external view returns (ClaimWord) {
        return _claims[fingerprint];
    }

    /// @inheritdoc IFingerprints
    /// @dev RLP of `[address(this), number]` (Yellow Paper §7: an address is the last 20 bytes of its hash): 0xd6 a list of
    /// 22 bytes, 0x94 a string of 20, then the nonce as its own byte.
    function registryOf(uint8 number) public view returns (address) {
        uint256 encoded = (uint256(0xd694) << 168) | (uint256(uint160(address(this))) << 8) | number;
        bytes32 hash;
        assembly ("memory-safe") {
            mstore(0, shl(72, encoded))
            hash := keccak256(0, 23)
        }
        return address(uint160(uint256(hash)));
    }

    function _requireRegistry(uint8 number) private view {
        // Beyond one byte the encoding is no nonce's, and 0x80 is that of nonce 0, which no contract creates with (EIP-161).
        if (msg.sender != registryOf(number)) revert RegistryUnauthorised(msg.sender, number);
    }

    function _claim(bytes32 fingerprint, ClaimWord claimed) private {
        uint16 epoch = uint16(uint256(fingerprint) >> 240);
        if (epoch == 0) revert FingerprintEpochInvalid(fingerprint, epoch, 1);
        ClaimWord current = _claims[fingerprint];
        if (!current.isFree()) {
            revert FingerprintAlreadyClaimed(fingerprint, current.claimant(), current.registry(), current.subject());
        }
        _claims[fingerprint] = claimed;
        emit FingerprintClaimed(fingerprint, claimed);
    }

    function _release(bytes32 fingerprint, ClaimWord current, ReleaseReason reason) private {
        _claims[fingerprint] = ClaimWord.wrap(0);
        emit FingerprintReleased(fingerprint, current, reason);
    }

    function _mismatch(bytes32 fingerprint, ClaimWord current) private pure {
        revert FingerprintClaimMismatch(fingerprint, current.claimant(), current.registry(), current.subject());
    }
}
