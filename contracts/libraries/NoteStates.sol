// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Lifecycle of a note. Zero is "never opened", so an unset slot is never a valid state.
enum NoteState {
    None,
    Live,
    Offered,
    Locked,
    Settled
}

/// @title NoteStates
/// @notice The only table of moves of a note. Row `from` is a bitmap of the states reachable in one step.
/// @dev `test/contracts/states.test.ts` compares it with `domain/note/note-states.ts`.
library NoteStates {
    /// @param presented The state that the note is in.
    /// @param required The state that the move starts from or, where several would do, the one it leads to.
    error NoteTransitionForbidden(uint256 noteId, NoteState presented, NoteState required);

    /// @dev `Settled` is final: its row is empty.
    function reachableFrom(NoteState from) internal pure returns (uint256) {
        if (from == NoteState.None) return _LIVE | _OFFERED | _LOCKED;
        if (from == NoteState.Live) return _OFFERED | _LOCKED | _SETTLED;
        if (from == NoteState.Offered) return _LIVE | _SETTLED;
        if (from == NoteState.Locked) return _LIVE | _SETTLED;
        return 0;
    }

    /// @dev Reverts unless `from → to` is an edge of the table.
    function requireEdge(uint256 noteId, NoteState from, NoteState to) internal pure {
        if (reachableFrom(from) & (1 << uint8(to)) == 0) revert NoteTransitionForbidden(noteId, from, to);
    }

    uint256 private constant _LIVE = 1 << uint8(NoteState.Live);
    uint256 private constant _OFFERED = 1 << uint8(NoteState.Offered);
    uint256 private constant _LOCKED = 1 << uint8(NoteState.Locked);
    uint256 private constant _SETTLED = 1 << uint8(NoteState.Settled);
}
