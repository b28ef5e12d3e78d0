// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../interfaces/IFingerprints.sol";
import {IParticipants} from "../interfaces/IParticipants.sol";
import {ClaimWord} from "./ClaimWords.sol";

/// @title Calls
/// @notice The calls that every operation makes, to contracts that are known to be there.
/// @dev Written out because Solidity's own encoding, decoding and code check cost 250 to 400 gas each time, which is a third
/// of what a transfer costs above its bill. The answer overwrites the question in memory that stays free. A refusal comes
/// back unchanged. Sound only for trusted contracts with code, which {Ledger}'s constructor makes sure of.
library Calls {
    uint256 private constant _KEEPING = 1 << 255;

    /// @notice {IParticipants-requireAccountRole} for the caller.
    function callerWith(IParticipants participants, uint256 roles) internal view returns (uint256 id) {
        bytes4 selector = IParticipants.requireAccountRole.selector;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, selector)
            mstore(add(start, 0x04), caller())
            mstore(add(start, 0x24), roles)
            if iszero(staticcall(gas(), participants, start, 0x44, start, 0x20)) {
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
            id := mload(start)
        }
    }

    /// @notice {callerAndParty}, asked once for all calls of a multicall that have the same parties.
    /// @dev Between {remember} and {forget} nothing but this contract's own functions runs, and none of them can change a
    /// participant, so an answer stays true. Saves 1,000 gas for each transfer of a batch; asking whether there is an answer
    /// costs 100. Transient storage word 0: bit 255 while answers are kept, then id 32, roles 16, counterparty 32, caller 160.
    function callerAndPartyOnce(
        IParticipants participants,
        uint256 roles,
        uint256 counterparty,
        uint256 counterpartyRoles
    ) internal returns (uint256 id) {
        uint256 kept;
        assembly ("memory-safe") {
            kept := tload(0)
        }
        if (kept == 0) return callerAndParty(participants, roles, counterparty, counterpartyRoles);
        uint256 question = (counterpartyRoles << 192) | (counterparty << 160) | uint160(msg.sender);
        if (uint208(kept) == question) return uint32(kept >> 208);
        id = callerAndParty(participants, roles, counterparty, counterpartyRoles);
        kept = _KEEPING | (id << 208) | question;
        assembly ("memory-safe") {
            tstore(0, kept)
        }
    }

    /// @notice Begins to keep the answer of {callerAndPartyOnce}.
    function remember() internal {
        uint256 kept = _KEEPING;
        assembly ("memory-safe") {
            tstore(0, kept)
        }
    }

    /// @notice Ends what {remember} began.
    function forget() internal {
        assembly ("memory-safe") {
            tstore(0, 0)
        }
    }

    /// @notice {IParticipants-requireParties} for the caller.
    function callerAndParty(
        IParticipants participants,
        uint256 roles,
        uint256 counterparty,
        uint256 counterpartyRoles
    ) internal view returns (uint256 id) {
        bytes4 selector = IParticipants.requireParties.selector;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, selector)
            mstore(add(start, 0x04), caller())
            mstore(add(start, 0x24), roles)
            mstore(add(start, 0x44), counterparty)
            mstore(add(start, 0x64), counterpartyRoles)
            if iszero(staticcall(gas(), participants, start, 0x84, start, 0x20)) {
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
            id := mload(start)
        }
    }

    /// @notice {IFingerprints-claimWordOf}.
    function claimOn(IFingerprints fingerprints, bytes32 fingerprint) internal view returns (ClaimWord claim) {
        bytes4 selector = IFingerprints.claimWordOf.selector;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x04, fingerprint)
            if iszero(staticcall(gas(), fingerprints, 0x00, 0x24, 0x00, 0x20)) {
                let start := mload(0x40)
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
            claim := mload(0x00)
        }
    }

    /// @notice {IFingerprints-claimFor}.
    function put(IFingerprints fingerprints, bytes32 fingerprint, ClaimWord claimed) internal {
        bytes4 selector = IFingerprints.claimFor.selector;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, selector)
            mstore(add(start, 0x04), fingerprint)
            mstore(add(start, 0x24), claimed)
            if iszero(call(gas(), fingerprints, 0, start, 0x44, 0, 0)) {
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
        }
    }
}
