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
    function reachableFrom(ReceivableState from) internal pure returns (uint256) {
        return (_TABLE >> (8 * uint256(from))) & 0xff;
    }

    /// @dev Reverts unless `from → to` is an edge of the table.
    function requireEdge(uint192 receivableId, ReceivableState from, ReceivableState to) internal pure {
        if (reachableFrom(from) & (1 << uint8(to)) == 0) revert ReceivableTransitionForbidden(receivableId, from, to);
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
