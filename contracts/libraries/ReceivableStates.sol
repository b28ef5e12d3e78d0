// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Lifecycle of a receivable. Zero is "never registered".
enum ReceivableState {
    None,
    Registered,
    Confirmed,
    Rejected,
    Withdrawn,
    Settled
}

/// @title ReceivableStates
/// @notice The only table of moves of a receivable. Row `from` is a bitmap of the states reachable in one step.
/// @dev `test/contracts/states.test.ts` compares it with `domain/receivable/receivable-states.ts`.
library ReceivableStates {
    error ReceivableTransitionForbidden(uint192 receivableId, ReceivableState presented, ReceivableState required);

    /// @dev `Rejected`, `Withdrawn` and `Settled` are final. `None → Confirmed`: the debtor issues it itself.
    function reachableFrom(ReceivableState from) internal pure returns (uint256 bitmap) {
        uint256 table = _TABLE;
        assembly ("memory-safe") {
            // Without Solidity's range checks of the enum, as in {NoteStates}.
            bitmap := and(shr(shl(3, from), table), 0xff)
        }
    }

    /// @dev Reverts unless `from → to` is an edge of the table.
    function requireEdge(uint192 receivableId, ReceivableState from, ReceivableState to) internal pure {
        uint256 bitmap = reachableFrom(from);
        bool isEdge;
        assembly ("memory-safe") {
            isEdge := and(shr(to, bitmap), 1)
        }
        if (!isEdge) forbid(receivableId, from, to);
    }

    /// @dev Always reverts.
    function forbid(uint192 receivableId, ReceivableState presented, ReceivableState required) internal pure {
        revert ReceivableTransitionForbidden(receivableId, presented, required);
    }

    uint256 private constant _REGISTERED = 1 << uint8(ReceivableState.Registered);
    uint256 private constant _CONFIRMED = 1 << uint8(ReceivableState.Confirmed);
    uint256 private constant _REJECTED = 1 << uint8(ReceivableState.Rejected);
    uint256 private constant _WITHDRAWN = 1 << uint8(ReceivableState.Withdrawn);
    uint256 private constant _SETTLED = 1 << uint8(ReceivableState.Settled);

    /// @dev One byte a row.
    uint256 private constant _TABLE =
        ((_REGISTERED | _CONFIRMED) << (8 * uint8(ReceivableState.None))) |
            ((_CONFIRMED | _REJECTED | _WITHDRAWN) << (8 * uint8(ReceivableState.Registered))) |
            (_SETTLED << (8 * uint8(ReceivableState.Confirmed)));
}
