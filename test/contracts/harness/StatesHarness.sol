// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {NoteState, NoteStates} from "../../../contracts/libraries/NoteStates.sol";
import {ReceivableState, ReceivableStates} from "../../../contracts/libraries/ReceivableStates.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";

/// @notice Shows the libraries' tables and arithmetic to the tests.
contract StatesHarness {
    function reachableFromNote(NoteState from) external pure returns (uint256) {
        return NoteStates.reachableFrom(from);
    }

    function requireNoteEdge(uint256 noteId, NoteState from, NoteState to) external pure {
        NoteStates.requireEdge(noteId, from, to);
    }

    function reachableFromReceivable(ReceivableState from) external pure returns (uint256) {
        return ReceivableStates.reachableFrom(from);
    }

    function requireReceivableEdge(uint192 receivableId, ReceivableState from, ReceivableState to) external pure {
        ReceivableStates.requireEdge(receivableId, from, to);
    }

    function roleBits() external pure returns (uint16[8] memory) {
        return
            [
                Roles.DEBTOR,
                Roles.SUPPLIER,
                Roles.FACTOR,
                Roles.CLEARING,
                Roles.REGULATOR,
                Roles.EVIDENCE,
                Roles.REGISTRAR,
                Roles.ALL
            ];
    }

    function noteIdOf(uint192 receivableId, uint64 start) external pure returns (uint256) {
        return Spans.noteIdOf(receivableId, start);
    }

    function amountMax() external pure returns (uint64) {
        return Spans.AMOUNT_MAX;
    }
}
