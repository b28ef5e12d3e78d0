// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Fingerprints} from "../../../contracts/Fingerprints.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {Participants} from "../../../contracts/Participants.sol";
import {Receivables} from "../../../contracts/Receivables.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Deploy} from "./Deploy.sol";
import {vm} from "./Vm.sol";

/// @notice Two versions of the registry over the same fingerprints, and a fixed set of participants. The second version
/// requires every transfer to claim its trade document.
/// @dev The registrar is the AccessManager's admin, the strongest registrar there can be: N8 must hold even then.
abstract contract TestWorld {
    uint40 internal constant START = 1_800_000_000;
    uint40 internal constant MAX_TENOR = 365 days;
    uint40 internal constant MIN_WINDOW = 10;
    uint40 internal constant MAX_FREEZE = 3 * 365 days;
    uint8 internal constant MAX_TIER = 2;

    uint32 internal constant DEBTOR = 1;
    uint32 internal constant SUPPLIER = 2;
    uint32 internal constant SECOND_SUPPLIER = 3;
    /// @dev Owes some receivables and holds notes of others.
    uint32 internal constant TRADER = 4;
    uint32 internal constant FACTOR = 5;
    uint32 internal constant SECOND_FACTOR = 6;
    uint32 internal constant CLEARING = 7;
    uint32 internal constant REGULATOR = 8;
    uint32 internal constant SECOND_REGULATOR = 9;
    uint32 internal constant PARTICIPANTS = 9;

    uint16 internal constant HOLDERS = Roles.SUPPLIER | Roles.FACTOR | Roles.DEBTOR;

    address internal constant REGISTRAR = address(0xAD);
    address internal constant RELAYER = address(0xBE);
    address internal constant OUTSIDER = address(0xCE);

    Participants public participants;
    Fingerprints public fingerprints;
    Receivables public registry;
    Receivables public secondRegistry;

    function _deployWorld() internal {
        vm.warp(START);
        AccessManager manager = Deploy.accessManager(REGISTRAR);
        participants = Deploy.participants(manager);
        fingerprints = Deploy.fingerprints(manager, participants);
        registry = _createRegistryWith(IReceivables.Policy(MAX_TENOR, MIN_WINDOW, MAX_TIER, false));
        secondRegistry = _createRegistryWith(IReceivables.Policy(MAX_TENOR, MIN_WINDOW, MAX_TIER, true));
        for (uint32 id = 1; id <= PARTICIPANTS; ++id) {
            vm.prank(REGISTRAR);
            participants.admit(_accountOf(id), _rolesAtAdmission(id), bytes32(uint256(id)), 0);
        }
    }

    function _createRegistryWith(IReceivables.Policy memory policy) internal returns (Receivables) {
        bytes memory arguments = abi.encode(participants, fingerprints, policy);
        vm.prank(REGISTRAR);
        (, address created) = fingerprints.create(abi.encodePacked(Deploy.receivablesCode(), arguments));
        return Receivables(created);
    }

    function _accountOf(uint32 id) internal pure returns (address) {
        return address(uint160(0xA000) + id);
    }

    function _rolesAtAdmission(uint32 id) internal pure returns (uint16) {
        if (id == DEBTOR) return Roles.DEBTOR;
        if (id == TRADER) return Roles.DEBTOR | Roles.SUPPLIER;
        if (id == FACTOR || id == SECOND_FACTOR) return Roles.FACTOR;
        if (id == CLEARING) return Roles.CLEARING;
        if (id == REGULATOR || id == SECOND_REGULATOR) return Roles.REGULATOR;
        return Roles.SUPPLIER;
    }
}
