// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "./interfaces/IFingerprints.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IReceivables} from "./interfaces/IReceivables.sol";
import {Calls} from "./libraries/Calls.sol";
import {NoteState} from "./libraries/NoteStates.sol";
import {NoteWord} from "./libraries/NoteWords.sol";
import {ReceivableState} from "./libraries/ReceivableStates.sol";
import {ReceivableWord} from "./libraries/ReceivableWords.sol";
import {Spans} from "./libraries/Spans.sol";
import {Financing} from "./receivables/Financing.sol";
import {Ledger} from "./receivables/Ledger.sol";
import {Registration} from "./receivables/Registration.sol";
import {Settlement} from "./receivables/Settlement.sol";
import {Transfers} from "./receivables/Transfers.sol";

/// @title Receivables
/// @notice The law of the registry. Holds no money, no names and no documents. Read {IReceivables} first.
/// @dev Invariants, each tested by name in `test/contracts/Receivables.invariant.t.sol`:
///   N1  partition    the notes of a confirmed receivable cover `[0, amount)` without gap or overlap.
///   N2  finality     a final state never changes.
///   N3  authority    only the holder's account moves a live note; only the named counterparty takes an offered, locked or
///                    pledged one.
///   N4  uniqueness   one fingerprint, one live claim, over all registries (kept by {Fingerprints}).
///   N5  exclusivity  a locked, pledged or frozen span can't be transferred, locked again, merged or cancelled.
///   N6  depth        an accepted transfer raises the tier by one, up to `maxTier`; nothing else changes it.
///   N7  balance      settled + open + cancelled = amount.
///   N8  neutrality   registrar, relayer, regulator and clearing agent have no function here that changes a holder.
///   N9  maturity     from maturity on no holder changes but by foreclosure and return.
///   N10 payee        a settled note went to its escrow if frozen, to its lender if pledged, else to its holder.
///   N11 consent      what is cancelled the creditor offered and the debtor accepted; nothing else is ever cancelled.
///   N12 promise      amount, parties, currency and maturity of a stored receivable never change.
/// Conservation needs no sum: spans never overlap and never leave a gap, so N7 follows from N1 and is counted nowhere.
/// Trust: a clearing agent can record a settlement that did not happen; its evidence names the bank's entry. Block time
/// decides deadlines. Chain members see amounts and participant numbers.
contract Receivables is Registration, Transfers, Financing, Settlement {
    constructor(
        IParticipants participants_,
        IFingerprints fingerprints_,
        Policy memory policy
    ) Ledger(participants_, fingerprints_, policy) {}

    /// @inheritdoc IReceivables
    /// @dev OpenZeppelin's copies each call twice and keeps every result: 600 gas more for each.
    function multicall(bytes[] calldata calls) external {
        Calls.remember();
        for (uint256 i; i < calls.length; ++i) {
            bytes calldata call = calls[i];
            assembly ("memory-safe") {
                // Beyond the free memory pointer, and used up within this step.
                let start := mload(0x40)
                calldatacopy(start, call.offset, call.length)
                if iszero(delegatecall(gas(), address(), start, call.length, 0, 0)) {
                    returndatacopy(start, 0, returndatasize())
                    revert(start, returndatasize())
                }
            }
        }
        Calls.forget();
    }

    /// @inheritdoc IReceivables
    function receivableOf(uint192 receivableId) external view returns (Receivable memory) {
        ReceivableWord word = _receivable(receivableId);
        return
            Receivable({
                amount: uint64(word.amount()),
                creditor: uint32(word.creditor()),
                debtor: uint32(word.debtor()),
                maturity: uint40(word.maturity()),
                currency: uint16(word.currency()),
                state: word.state(),
                isDisputed: word.isDisputed()
            });
    }

    /// @inheritdoc IReceivables
    function noteOf(uint256 noteId) external view returns (Note memory) {
        (NoteWord word, ) = _load(noteId);
        if (word.state() == NoteState.None) word = NoteWord.wrap(0);
        return
            Note({
                end: uint64(word.end()),
                holder: uint32(word.holder()),
                counterparty: uint32(word.counterparty()),
                assignor: uint32(word.assignor()),
                deadline: uint40(word.deadline()),
                frozenUntil: uint40(word.frozenUntil()),
                tier: uint8(word.tier()),
                state: word.state(),
                purpose: word.purpose(),
                hasRecourse: word.hasRecourse()
            });
    }

    /// @inheritdoc IReceivables
    function notesOf(
        uint192 receivableId,
        uint64 start,
        uint256 limit
    ) external view returns (uint256[] memory ids, uint64 next) {
        ReceivableWord receivable = _receivable(receivableId);
        ReceivableState state = receivable.state();
        bool isOpened = state == ReceivableState.Confirmed || state == ReceivableState.Settled;
        uint256 count;
        next = start;
        while (isOpened && count < limit && next < receivable.amount()) {
            uint64 end = _endOf(receivableId, receivable, next);
            // No note starts there.
            if (end == 0) break;
            ++count;
            next = end;
        }
        ids = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            ids[i] = Spans.noteIdOf(receivableId, start);
            start = _endOf(receivableId, receivable, start);
        }
    }

    function _endOf(uint192 receivableId, ReceivableWord receivable, uint64 start) private view returns (uint64) {
        return uint64(_noteIn(receivable, Spans.noteIdOf(receivableId, start)).end());
    }
}
