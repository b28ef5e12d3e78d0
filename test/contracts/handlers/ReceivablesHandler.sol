// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IFingerprints} from "../../../contracts/interfaces/IFingerprints.sol";
import {IParticipants} from "../../../contracts/interfaces/IParticipants.sol";
import {ClaimReason, ClaimWords} from "../../../contracts/libraries/ClaimWords.sol";
import {NotePurpose} from "../../../contracts/libraries/NoteWords.sol";
import {NoteState} from "../../../contracts/libraries/NoteStates.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {SettlementHandler} from "./SettlementHandler.sol";
import {vm} from "./Vm.sol";

/// @notice Attempts legal and illegal calls alike and never skips one for being illegal. Each call that goes through must
/// have had nothing against it in the model, each refusal must name a ground that the model confirms.
contract ReceivablesHandler is SettlementHandler {
    constructor() {
        _deployWorld();
        clock = START;
        for (uint32 id = 1; id <= PARTICIPANTS; ++id) _rolesOf[id] = _rolesAtAdmission(id);
        _issueFirst(registry, 0);
        _issueFirst(secondRegistry, 1);
    }

    /// @notice Time passes: a little, or to just before, at or after a deadline, the end of a freeze or a maturity.
    function pass(uint256 seed) external {
        seed = _mixed(seed);
        uint40 target = clock + uint40(seed % 8);
        uint256 draw = (seed >> 96) % 12;
        if (draw < 3) {
            Pick memory pick = _pick(seed, draw == 0 ? NoteState.Locked : NoteState.Offered, NotePurpose.None);
            target = draw == 2 ? pick.unit.frozenUntil : pick.unit.deadline;
        } else if (draw == 3) {
            target = _claimed[(seed >> 24) % _claimed.length].terms.maturity;
        }
        target = target + uint40((seed >> 112) % 3);
        if (target > clock + 1) clock = target - 1;
        vm.warp(clock);
        _noteMaturities();
    }

    /// @notice The second before the next maturity comes, that of the maturity, or the one after it.
    function mature(uint256 seed) external {
        seed = _mixed(seed);
        // One of three, so that most of a run is before maturity.
        if (seed % 3 != 0) return;
        uint40 next;
        for (uint256 index; index < _claimed.length; ++index) {
            uint40 maturity = _claimed[index].terms.maturity;
            if (maturity > clock + 1 && (next == 0 || maturity < next)) next = maturity;
        }
        if (next != 0) clock = next - 1 + uint40((seed >> 8) % 3);
        vm.warp(clock);
        _noteMaturities();
    }

    /// @notice The registrar suspends, admits again and changes roles. None of it may move a note (N8).
    function administer(uint256 seed) external {
        seed = _mixed(seed);
        uint32 id = uint32(1 + ((seed >> 8) % PARTICIPANTS));
        if (seed % 4 < 2) {
            // Comes back three times out of four, so that the others still meet active participants.
            bool isSuspended = !_isSuspended[id] && (seed >> 16) % 4 == 0;
            IParticipants.Status status = isSuspended ? IParticipants.Status.Suspended : IParticipants.Status.Active;
            vm.prank(REGISTRAR);
            participants.setStatus(id, status);
            _isSuspended[id] = isSuspended;
        } else {
            uint16 roles = (seed >> 16) % 5 == 0 ? uint16(1 + ((seed >> 24) % Roles.ALL)) : _rolesAtAdmission(id);
            vm.prank(REGISTRAR);
            participants.setRoles(id, roles);
            _rolesOf[id] = roles;
        }
        done["administer"]++;
        // Nothing but the check of every receivable in turn shows that none was moved.
        touched = 1 + ((seed >> 32) % _claimed.length);
    }

    /// @notice A factor claims a document for a financing elsewhere (N4).
    function claimElsewhere(uint256 seed) external {
        seed = _mixed(seed);
        // Few, or no document would be left for the registries.
        if (seed % 2 == 0) return;
        address caller = _caller(seed, uint32(FACTOR + ((seed >> 80) % 2)));
        bytes32 fingerprint = (seed >> 88) % 12 == 0 ? bytes32(uint256(7)) : fingerprintAt(seed >> 8);
        ClaimReason reason = ClaimReason((seed >> 96) % 4 == 0 ? (seed >> 104) % 3 : 3 + ((seed >> 104) % 3));
        Grounds memory grounds;
        _addRole(grounds, caller, Roles.FACTOR);
        _add(grounds, IFingerprints.ClaimReasonInvalid.selector, reason < ClaimReason.AssignedElsewhere, 4);
        _add(grounds, IFingerprints.FingerprintEpochInvalid.selector, uint256(fingerprint) >> 240 == 0, 4);
        bool isTaken = _claims[fingerprint].claimant != 0;
        _add(grounds, IFingerprints.FingerprintAlreadyClaimed.selector, isTaken, 4);
        bytes memory data = abi.encodeCall(IFingerprints.claim, (fingerprint, uint192(seed), reason));
        if (!_callFingerprints("claim", caller, data, grounds)) return;
        _claims[fingerprint] = Claim(uint192(seed), _idOf(caller), 0, reason);
    }

    /// @notice A factor frees what it claimed itself, and tries to free what others did (N4).
    function releaseElsewhere(uint256 seed) external {
        seed = _mixed(seed);
        bytes32 fingerprint = _pickClaim(seed);
        Claim memory held = _claims[fingerprint];
        address caller = _caller(seed, held.registry == 0 && held.claimant != 0 ? held.claimant : FACTOR);
        IFingerprints.ReleaseReason reason = IFingerprints.ReleaseReason(
            (seed >> 96) % 8 == 0 ? (seed >> 104) % 2 : 2 + ((seed >> 104) % 3)
        );
        Grounds memory grounds;
        _addRole(grounds, caller, Roles.FACTOR);
        bool isReasonWrong = reason < IFingerprints.ReleaseReason.Repaid;
        _add(grounds, IFingerprints.ReleaseReasonInvalid.selector, isReasonWrong, 4);
        bool isForeign = held.registry != 0 || held.claimant != _idOf(caller);
        _add(grounds, IFingerprints.FingerprintClaimMismatch.selector, isForeign, 4);
        bytes memory data = abi.encodeCall(IFingerprints.release, (fingerprint, reason));
        if (_callFingerprints("releaseClaim", caller, data, grounds)) delete _claims[fingerprint];
    }

    /// @notice Claims and releases in a registry's name, past every registry (N4).
    function forgeRegistry(uint256 seed) external {
        seed = _mixed(seed);
        bytes32 fingerprint = fingerprintAt(seed >> 8);
        Claim memory held = _claims[fingerprint];
        uint8 number = (seed >> 16) % 4 == 0 ? uint8(seed >> 24) : held.registry;
        bytes memory data =
            seed % 2 == 0
                ? abi.encodeCall(
                    IFingerprints.claimFor,
                    (fingerprint, ClaimWords.pack(uint192(seed), SUPPLIER, number, ClaimReason.Receivable))
                )
                : abi.encodeCall(IFingerprints.releaseFor, (fingerprint, held.subject, number));
        Grounds memory grounds;
        _add(grounds, IFingerprints.RegistryUnauthorised.selector, true, 4);
        _callFingerprints("forge", _caller(seed, 0), data, grounds);
    }

    function _callFingerprints(
        string memory name,
        address caller,
        bytes memory data,
        Grounds memory grounds
    ) private returns (bool isDone) {
        bytes memory answer;
        vm.prank(caller);
        (isDone, answer) = address(fingerprints).call(data);
        _judge(name, isDone, answer, grounds);
        if (isDone && grounds.count > 0) return false;
        // The claims are looked at whichever receivable was touched.
        if (isDone) touched = 1;
    }

    /// @dev One that a factor claimed if there is one, three times out of four.
    function _pickClaim(uint256 seed) private view returns (bytes32 fingerprint) {
        for (uint256 i; i < FINGERPRINTS && seed % 4 != 0; ++i) {
            fingerprint = fingerprintAt((seed >> 8) + i);
            if (_claims[fingerprint].registry == 0 && _claims[fingerprint].claimant != 0) return fingerprint;
        }
        return fingerprintAt(seed >> 8);
    }
}
