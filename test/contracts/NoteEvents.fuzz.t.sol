// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReceivables} from "../../contracts/interfaces/IReceivables.sol";
import {NotePurpose} from "../../contracts/libraries/NoteWords.sol";
import {NoteStory} from "./handlers/NoteStory.sol";
import {Vm, vm} from "./handlers/Vm.sol";

/// @notice Every note event carries the word that {IReceivables-noteOf} shows afterwards: whoever follows the events alone
/// knows each note.
contract NoteEventsFuzzTest is NoteStory {
    function setUp() public {
        _deployWorld();
        vm.recordLogs();
    }

    function testFuzz_transfers(uint64 amount, uint64 part) external {
        uint256 noteId;
        (noteId, amount, part) = _started(amount, part);
        uint256 pieceId = _transfer(SUPPLIER, noteId, part, SECOND_SUPPLIER);
        _requireWord(IReceivables.NoteOffered.selector, pieceId);
        vm.prank(_accountOf(SECOND_SUPPLIER));
        registry.refuse(pieceId, 0, 0);
        _requireWord(IReceivables.NoteRefused.selector, pieceId);
        _transfer(SUPPLIER, pieceId, part, SECOND_SUPPLIER);
        _recall(pieceId, 0);
        _requireWord(IReceivables.NoteRecalled.selector, pieceId);
        if (pieceId != noteId) {
            _merge(noteId, pieceId);
            _requireWord(IReceivables.NotesMerged.selector, noteId);
        }
        pieceId = _transfer(SUPPLIER, noteId, part, SECOND_SUPPLIER);
        _accept(SECOND_SUPPLIER, pieceId);
        _requireWord(IReceivables.NoteAccepted.selector, pieceId);
    }

    function testFuzz_dilutions(uint64 amount, uint64 part) external {
        uint256 noteId;
        (noteId, amount, part) = _started(amount, part);
        uint256 pieceId = _offerDilution(noteId, part);
        _requireWord(IReceivables.NoteDilutionOffered.selector, pieceId);
        vm.prank(_accountOf(DEBTOR));
        registry.acceptDilution(pieceId);
        _requireWord(IReceivables.NoteCancelled.selector, pieceId);
    }

    function testFuzz_financings(uint64 amount, uint64 part, bool hasRecourse) external {
        uint256 noteId;
        (noteId, amount, part) = _started(amount, part);
        uint256 pieceId = _lock(noteId, part, NotePurpose.Pledge);
        _requireWord(IReceivables.NoteLocked.selector, pieceId);
        vm.prank(_accountOf(FACTOR));
        registry.unlock(pieceId);
        _requireWord(IReceivables.NoteUnlocked.selector, pieceId);
        _lock(pieceId, part, NotePurpose.Pledge);
        _finance(pieceId);
        _requireWord(IReceivables.NoteFinanced.selector, pieceId);
        vm.prank(_accountOf(FACTOR));
        registry.release(pieceId, 0);
        _requireWord(IReceivables.NoteReleased.selector, pieceId);
        _lock(pieceId, part, hasRecourse ? NotePurpose.RecourseAssignment : NotePurpose.Pledge);
        _finance(pieceId);
        _requireWord(IReceivables.NoteFinanced.selector, pieceId);
        vm.warp(MATURITY);
        vm.prank(_accountOf(FACTOR));
        if (!hasRecourse) {
            registry.foreclose(pieceId);
            return _requireWord(IReceivables.NoteForeclosed.selector, pieceId);
        }
        registry.returnNote(pieceId, MATURITY + MAX_TENOR, 0);
        _requireWord(IReceivables.NoteReturnOffered.selector, pieceId);
        vm.prank(_accountOf(SUPPLIER));
        registry.acceptReturn(pieceId);
        _requireWord(IReceivables.NoteReturned.selector, pieceId);
    }

    function testFuzz_freezes_and_settlements(uint64 amount, uint64 part, uint64 paid) external {
        uint256 noteId;
        (noteId, amount, part) = _started(amount, part);
        uint256 pieceId = _freeze(noteId, part, MATURITY + 10);
        _requireWord(IReceivables.NoteFrozen.selector, pieceId);
        vm.prank(_accountOf(REGULATOR));
        registry.unfreeze(pieceId, 0);
        _requireWord(IReceivables.NoteUnfrozen.selector, pieceId);
        _freeze(pieceId, part, MATURITY + 10);
        vm.warp(MATURITY);
        paid = 1 + (paid % part);
        _requireSettled(_settle(pieceId, paid), CLEARING);
        if (paid < part) _requireSettled(_settle(pieceId, part - paid), CLEARING);
        if (part < amount) _requireSettled(_settle(noteId, amount - part), SUPPLIER);
    }

    /// @notice A root note that nothing but its settlement ever touched shows its payee too.
    function testFuzz_a_whole_root_is_settled(uint64 amount) external {
        amount = _amountFrom(amount);
        uint256 noteId = _confirmed(amount);
        vm.warp(MATURITY);
        _requireSettled(_settle(noteId, amount), SUPPLIER);
    }

    function _started(uint64 amount, uint64 part) private returns (uint256 noteId, uint64, uint64) {
        amount = _amountFrom(amount);
        return (_confirmed(amount), amount, 1 + (part % amount));
    }

    function _requireSettled(uint256 noteId, uint32 payee) private {
        _requireWord(IReceivables.NoteSettled.selector, noteId);
        require(registry.noteOf(noteId).counterparty == payee, "another one was paid");
    }

    /// @dev The newest event is this one, of this note, with the word of the note as it is shown.
    function _requireWord(bytes32 selector, uint256 noteId) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory log = logs[logs.length - 1];
        require(log.emitter == address(registry) && log.topics[0] == selector, "another event");
        require(uint256(log.topics[1]) == noteId, "the event of another note");
        IReceivables.Note memory note = registry.noteOf(noteId);
        uint256 word = uint256(note.end) | (uint256(note.holder) << 64) | (uint256(note.counterparty) << 96);
        word |= (uint256(note.assignor) << 128) | (uint256(note.deadline) << 160) | (uint256(note.frozenUntil) << 200);
        word |= (uint256(note.tier) << 240) | (uint256(note.state) << 248) | (uint256(note.purpose) << 251);
        if (note.hasRecourse) word |= uint256(1) << 254;
        require(uint256(bytes32(log.data)) == word, "the event's word is not the note");
    }
}
