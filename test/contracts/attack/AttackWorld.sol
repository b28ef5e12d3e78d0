// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Fingerprints} from "../../../contracts/Fingerprints.sol";
import {Participants} from "../../../contracts/Participants.sol";
import {Receivables} from "../../../contracts/Receivables.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Spans} from "../../../contracts/libraries/Spans.sol";
import {Deploy} from "../handlers/Deploy.sol";

/// @notice The cheat codes of Hardhat's Solidity tests that attacks need.
interface AttackVm {
    /// @notice The next call comes from `sender`.
    function prank(address sender) external;

    /// @notice Sets the block time, unix seconds.
    function warp(uint256 timestamp) external;

    /// @notice The next call must revert with exactly this data.
    function expectRevert(bytes calldata data) external;

    /// @notice Reads a storage slot.
    function load(address target, bytes32 slot) external view returns (bytes32);

    /// @notice Signs `digest` with a secp256k1 key.
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    /// @notice The address of a secp256k1 key.
    function addr(uint256 key) external pure returns (address);
}

AttackVm constant vm = AttackVm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @notice A registry with one participant of each kind, and the steps that attacks begin with.
abstract contract AttackWorld {
    uint40 internal constant START = 1_800_000_000;
    uint40 internal constant MATURITY = START + 90 days;
    uint40 internal constant DEADLINE = START + 1 days;
    uint64 internal constant AMOUNT = 1_000;
    uint16 internal constant CNY = 156;

    uint32 internal constant DEBTOR = 1;
    uint32 internal constant SUPPLIER = 2;
    uint32 internal constant SECOND_SUPPLIER = 3;
    uint32 internal constant FACTOR = 4;
    uint32 internal constant SECOND_FACTOR = 5;
    uint32 internal constant CLEARING = 6;
    uint32 internal constant REGULATOR = 7;
    uint32 internal constant SECOND_REGULATOR = 8;

    Participants internal participants;
    Fingerprints internal fingerprints;
    Receivables internal registry;

    function setUp() public virtual {
        vm.warp(START);
        // This contract is the AccessManager's admin: the strongest registrar and governance there can be.
        AccessManager manager = Deploy.accessManager(address(this));
        participants = Deploy.participants(manager);
        fingerprints = Deploy.fingerprints(manager, participants);
        IReceivables.Policy memory policy = IReceivables.Policy(365 days, 10, 3, false);
        bytes memory arguments = abi.encode(participants, fingerprints, policy);
        (, address created) = fingerprints.create(abi.encodePacked(Deploy.receivablesCode(), arguments));
        registry = Receivables(created);
        uint16[8] memory roles = [
            Roles.DEBTOR,
            Roles.SUPPLIER,
            Roles.SUPPLIER,
            Roles.FACTOR,
            Roles.FACTOR,
            Roles.CLEARING,
            Roles.REGULATOR,
            Roles.REGULATOR
        ];
        for (uint32 id = 1; id <= 8; ++id) participants.admit(_accountOf(id), roles[id - 1], 0, 0);
    }

    function _accountOf(uint32 id) internal pure returns (address) {
        return address(uint160(0xA000) + id);
    }

    /// @dev The next call comes from participant `id`.
    function _as(uint32 id) internal {
        vm.prank(_accountOf(id));
    }

    /// @dev A fingerprint of epoch 1.
    function _print(string memory name) internal pure returns (bytes32) {
        return bytes32((uint256(1) << 240) | (uint256(keccak256(bytes(name))) >> 16));
    }

    function _one(bytes32 fingerprint) internal pure returns (bytes32[] memory claims) {
        claims = new bytes32[](1);
        claims[0] = fingerprint;
    }

    function _terms(uint64 amount, uint16 currency) internal pure returns (IReceivables.Terms memory) {
        return IReceivables.Terms(MATURITY, SUPPLIER, DEBTOR, amount, currency, bytes32("content"));
    }

    /// @dev A confirmed receivable of {SUPPLIER}: its root note's id.
    function _root(uint64 amount, uint16 currency, string memory document) internal returns (uint256) {
        _as(DEBTOR);
        return Spans.noteIdOf(registry.issue(_terms(amount, currency), _one(_print(document))), 0);
    }

    function _offer(uint256 noteId, uint32 from, uint32 to, uint64 amount) internal returns (uint256) {
        _as(from);
        return registry.transfer(noteId, to, amount, DEADLINE, NotePurpose.Transfer, 0);
    }

    function _offerTrade(
        uint256 noteId,
        uint32 from,
        uint32 to,
        uint64 amount,
        bytes32 document
    ) internal returns (uint256) {
        _as(from);
        return registry.transfer(noteId, to, amount, DEADLINE, NotePurpose.TradeTransfer, document);
    }

    /// @dev A part of `noteId` in the hands of {FACTOR} by the given lock.
    function _finance(uint256 noteId, uint32 from, uint64 amount, NotePurpose purpose) internal returns (uint256 id) {
        _as(from);
        id = registry.lock(noteId, FACTOR, amount, DEADLINE, purpose, 0);
        _as(FACTOR);
        registry.finance(id, 0);
    }

    function _keyOf(uint256 noteId) internal pure returns (uint256) {
        return Spans.noteAt(noteId, type(uint64).max);
    }

    /// @dev N1 from outside: the spans follow each other from zero to the amount.
    function _isPartitioned(uint256 noteId, uint64 amount) internal view returns (bool) {
        uint64 end;
        for (uint256 i; i < 64 && end < amount; ++i) {
            IReceivables.Note memory note = registry.noteOf(Spans.noteAt(noteId, end));
            if (note.end <= end) return false;
            end = note.end;
        }
        return end == amount;
    }

    /// @dev Calls as participant `id` and must not succeed.
    function _refused(uint32 id, bytes memory data) internal returns (bytes memory refusal) {
        _as(id);
        bool isDone;
        (isDone, refusal) = address(registry).call(data);
        require(!isDone, "the attack succeeded");
    }
}
