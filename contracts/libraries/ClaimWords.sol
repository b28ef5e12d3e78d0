// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Why a document is taken. The first two are given by registries, the others by factors.
enum ClaimReason {
    None,
    Receivable,
    TradeDocument,
    AssignedElsewhere,
    PledgedElsewhere,
    ReservedElsewhere
}

/// @notice A claim on a fingerprint in one storage word. Zero: the fingerprint is free.
/// @dev From the low end: subject 192, claimant 32, registry 8, reason 8.
type ClaimWord is uint256;

using ClaimWords for ClaimWord global;

/// @title ClaimWords
/// @notice Makes and reads a {ClaimWord}. What is put in must fit its field, as in {NoteWords}.
library ClaimWords {
    function pack(
        uint192 subject_,
        uint256 claimant_,
        uint256 registry_,
        ClaimReason reason_
    ) internal pure returns (ClaimWord) {
        uint256 parties = (claimant_ << 192) | (registry_ << 224);
        return ClaimWord.wrap(uint256(subject_) | parties | (uint256(uint8(reason_)) << 232));
    }

    function isFree(ClaimWord word) internal pure returns (bool) {
        return ClaimWord.unwrap(word) == 0;
    }

    /// @notice Whether registry version `registry_` claimed for `subject_`.
    function isFor(ClaimWord word, uint192 subject_, uint8 registry_) internal pure returns (bool) {
        uint256 parties = uint256(type(uint32).max) << 192;
        return uint232(ClaimWord.unwrap(word) & ~parties) == (uint256(registry_) << 224) | subject_;
    }

    function subject(ClaimWord word) internal pure returns (uint192) {
        return uint192(ClaimWord.unwrap(word));
    }

    function claimant(ClaimWord word) internal pure returns (uint32) {
        return uint32(ClaimWord.unwrap(word) >> 192);
    }

    function registry(ClaimWord word) internal pure returns (uint8) {
        return uint8(ClaimWord.unwrap(word) >> 224);
    }

    function reason(ClaimWord word) internal pure returns (ClaimReason) {
        return ClaimReason(uint8(ClaimWord.unwrap(word) >> 232));
    }
}
