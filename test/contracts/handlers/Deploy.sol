// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {EvidenceLog} from "../../../contracts/EvidenceLog.sol";
import {Fingerprints} from "../../../contracts/Fingerprints.sol";
import {Participants} from "../../../contracts/Participants.sol";
import {Receivables} from "../../../contracts/Receivables.sol";
import {AccountFactory} from "../../../contracts/accounts/AccountFactory.sol";
import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IParticipants} from "../../../contracts/interfaces/IParticipants.sol";
import {IReceivables} from "../../../contracts/interfaces/IReceivables.sol";
import {vm} from "./Vm.sol";

/// @notice Makes the contracts under test from their own artifacts.
/// @dev By `new`, the compiler would take each of them through its optimizer once more inside each test that makes it: minutes
/// of every run, for the same bytes.
library Deploy {
    function accessManager(address admin) internal returns (AccessManager) {
        return AccessManager(create("AccessManager", abi.encode(admin)));
    }

    function participants(AccessManager manager) internal returns (Participants) {
        return Participants(create("Participants", abi.encode(manager)));
    }

    function fingerprints(AccessManager manager, IParticipants directory) internal returns (Fingerprints) {
        return Fingerprints(create("Fingerprints", abi.encode(manager, directory)));
    }

    /// @notice A registry that nobody authorised.
    function receivables(
        IParticipants directory,
        IFingerprints claims,
        IReceivables.Policy memory policy
    ) internal returns (Receivables) {
        return Receivables(_create(receivablesCode(), abi.encode(directory, claims, policy)));
    }

    function receivablesCode() internal view returns (bytes memory) {
        return _codeOf("Receivables");
    }

    function accountFactory(AccessManager manager, uint40 delay) internal returns (AccountFactory) {
        return AccountFactory(create("AccountFactory", abi.encode(manager, delay)));
    }

    function evidenceLog(IParticipants directory) internal returns (EvidenceLog) {
        return EvidenceLog(create("EvidenceLog", abi.encode(directory)));
    }

    /// @notice Makes `name` of `name.sol`, whose constructor takes `arguments`.
    function create(string memory name, bytes memory arguments) internal returns (address) {
        return _create(_codeOf(name), arguments);
    }

    function _codeOf(string memory name) private view returns (bytes memory) {
        return vm.getCode(string.concat(name, ".sol:", name));
    }

    function _create(bytes memory code, bytes memory arguments) private returns (address created) {
        bytes memory whole = bytes.concat(code, arguments);
        assembly ("memory-safe") {
            created := create(0, add(whole, 32), mload(whole))
        }
        require(created != address(0), "the constructor refused");
    }
}
