// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IParticipants
/// @notice The directory: which account acts for which participant, with which roles.
/// @dev Assumes that the registrar checked the legal identity. Nothing here can move a note: other contracts only ask who a
/// caller is. An account is for ever: keys rotate inside it (see `accounts/ParticipantAccount`).
interface IParticipants {
    /// @notice `None` is an account nobody admitted. `Suspended` keeps what it holds and can do nothing.
    enum Status {
        None,
        Active,
        Suspended
    }

    /// @notice What an account is: one storage word.
    /// @param id Small number of the participant, from 1.
    /// @param roles Bits of {Roles}.
    /// @param status Whether it may act.
    struct Participant {
        uint32 id;
        uint16 roles;
        Status status;
    }

    /// @notice A new participant. Only the registrar knows whom the hashes stand for.
    /// @param legalIdentityHash Keyed hash of the legal identifiers; the identifiers themselves stay off chain.
    /// @param certificateHash SHA-256 over the ascending SHA-256 digests of its certificates, zero without any.
    event ParticipantAdmitted(
        uint32 indexed id,
        address indexed account,
        uint16 roles,
        bytes32 legalIdentityHash,
        bytes32 certificateHash
    );
    /// @notice From now on the participant has these roles and no others.
    event ParticipantRolesChanged(uint32 indexed id, uint16 roles);
    /// @notice The participant was suspended, or may act again.
    event ParticipantStatusChanged(uint32 indexed id, Status status);

    /// @notice Thrown at an admission: an account is one participant for ever.
    error ParticipantExists(address account, uint32 id);
    /// @notice Thrown at a caller that nobody admitted.
    error ParticipantUnknown(address account);
    /// @notice Thrown for a number that nobody has.
    error ParticipantIdUnknown(uint32 id);
    /// @notice Thrown for a suspended participant; by {setStatus} for a status of none.
    error ParticipantNotActive(uint32 id, Status presented, Status required);
    /// @notice Thrown for an active participant that has none of the required roles.
    error ParticipantRoleMissing(uint32 id, uint16 presented, uint16 required);
    /// @notice Thrown for roles that are none, or unknown bits.
    error ParticipantRolesInvalid(uint16 presented, uint16 allowed);
    /// @notice Thrown at an admission of the zero address or of the directory itself.
    error ParticipantAccountInvalid(address account);

    /// @notice Admits `account` as a new participant and returns its number.
    /// @dev Requirements: the caller is the registrar; `account` is not zero and not admitted; `roles` are known bits.
    /// Emits {ParticipantAdmitted}. Not guarded: that the account's keys are the participant's; the registrar sees to it.
    function admit(
        address account,
        uint16 roles,
        bytes32 legalIdentityHash,
        bytes32 certificateHash
    ) external returns (uint32 id);

    /// @notice Replaces the roles of participant `id`. Notes it holds stay its own, whatever roles it loses.
    /// @dev Requirements: the caller is the registrar; `id` is admitted; `roles` are known bits. Emits
    /// {ParticipantRolesChanged}.
    function setRoles(uint32 id, uint16 roles) external;

    /// @notice Suspends participant `id` or lets it act again.
    /// @dev Requirements: the caller is the registrar; `id` is admitted; `status` is not `None`. Emits
    /// {ParticipantStatusChanged}.
    function setStatus(uint32 id, Status status) external;

    /// @notice What `account` is; all zero when nobody admitted it.
    function participantOf(address account) external view returns (Participant memory);

    /// @notice Account of participant `id`; zero when there is none.
    function accountOf(uint32 id) external view returns (address);

    /// @notice How many participants were ever admitted: the highest id.
    function participantCount() external view returns (uint32);

    /// @notice Number of the active participant behind `account`.
    /// @dev Reverts unless it is active and has at least one of `roles`. Reads one storage word.
    function requireAccountRole(address account, uint16 roles) external view returns (uint32 id);

    /// @notice Reverts unless participant `id` is active and has at least one of `roles`. Reads one storage word.
    function requireRoleOf(uint32 id, uint16 roles) external view;

    /// @notice {requireAccountRole} for a caller and {requireRoleOf} for its counterparty, for the price of one call.
    function requireParties(
        address account,
        uint16 roles,
        uint32 counterparty,
        uint16 counterpartyRoles
    ) external view returns (uint32 id);
}
