// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Lifecycle of a note. Zero is "never opened", so an unset slot is never a valid state.
enum NoteState {
    None,
    Live,
    Offered,
    Locked,
    Pledged,
    Settled,
    Cancelled
}

/// @title NoteStates
/// @notice The only table of moves of a note. Row `from` is a bitmap of the states reachable in one step.
/// @dev A piece cut off a note starts in the state of its note, so a cut needs no edge of its own.
/// `test/contracts/states.test.ts` compares the table with `domain/note/note-states.ts`.
library NoteStates {
    /// @param presented The state that the note is in.
    /// @param required The state that the move starts from or, where several would do, the one it leads to.
    error NoteTransitionForbidden(uint256 noteId, NoteState presented, NoteState required);

    /// @dev `Settled` and `Cancelled` are final: their rows are empty. `Live → None`: merged into the span before it.
    function reachableFrom(NoteState from) internal pure returns (uint256 bitmap) {
        uint256 table = _TABLE;
        assembly ("memory-safe") {
            // Without Solidity's range checks of the enum (30 gas each): its variables hold nothing else.
            bitmap := and(shr(shl(3, from), table), 0xff)
        }
    }

    /// @dev Reverts unless `from → to` is an edge of the table.
    function requireEdge(uint256 noteId, NoteState from, NoteState to) internal pure {
        uint256 bitmap = reachableFrom(from);
        bool isEdge;
        assembly ("memory-safe") {
            isEdge := and(shr(to, bitmap), 1)
        }
        if (!isEdge) forbid(noteId, from, to);
    }

    /// @dev Always reverts. Apart from the conditions that lead here, so that those can be inlined.
    function forbid(uint256 noteId, NoteState presented, NoteState required) internal pure {
        revert NoteTransitionForbidden(noteId, presented, required);
    }

    uint256 private constant _NONE = 1 << uint8(NoteState.None);
    uint256 private constant _LIVE = 1 << uint8(NoteState.Live);
    uint256 private constant _OFFERED = 1 << uint8(NoteState.Offered);
    uint256 private constant _LOCKED = 1 << uint8(NoteState.Locked);
    uint256 private constant _PLEDGED = 1 << uint8(NoteState.Pledged);
    uint256 private constant _SETTLED = 1 << uint8(NoteState.Settled);
    uint256 private constant _CANCELLED = 1 << uint8(NoteState.Cancelled);

    /// @dev One byte a row.
    uint256 private constant _TABLE =
        (_LIVE << (8 * uint8(NoteState.None))) |
            ((_NONE | _OFFERED | _LOCKED | _SETTLED) << (8 * uint8(NoteState.Live))) |
            ((_LIVE | _SETTLED | _CANCELLED) << (8 * uint8(NoteState.Offered))) |
            ((_LIVE | _PLEDGED | _SETTLED) << (8 * uint8(NoteState.Locked))) |
            ((_LIVE | _SETTLED) << (8 * uint8(NoteState.Pledged)));
}
