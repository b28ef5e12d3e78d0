// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title IParticipantAccount
/// @notice Acts for one participant: executes a batch of calls that the participant's own keys signed. Anyone may carry the
/// batch; nobody can change it. Registries know only the account, so its keys can change without moving a note.
/// @dev A signer is ERC-7913 bytes: 20 bytes for a secp256k1 key's address, else `verifier ‖ key`, with a verifier that the
/// factory allows (P-256, SM2). Makers and checkers are two sets: a key is in one of them, so nobody checks its own order
/// with the same key. A small firm has makers only and requires one. Not guarded: that two keys are in two people's hands; that what
/// follows a verifier's address is a key of its, since only that verifier knows.
interface IParticipantAccount {
    /// @notice One call of a batch.
    /// @param target Contract to be called.
    /// @param data Its calldata.
    struct Call {
        address target;
        bytes data;
    }

    /// @notice Which set a signer is in; `None` is a stranger.
    enum Duty {
        None,
        Maker,
        Checker
    }

    /// @notice A key and its duty.
    /// @param signer ERC-7913 bytes: an address, or `verifier ‖ key`.
    /// @param duty Maker or checker.
    struct Signer {
        bytes signer;
        Duty duty;
    }

    /// @notice How many of each duty must sign. At least one maker; checkers may be zero.
    /// @param makers Makers who must sign, at least one.
    /// @param checkers Checkers who must sign beside them.
    struct Quorum {
        uint8 makers;
        uint8 checkers;
    }

    /// @notice The intent of this nonce was carried out; it never will be again.
    event Executed(uint256 indexed nonce);
    /// @notice From now on these signers and this quorum count.
    event SignersChanged(Signer[] added, bytes[] removed, Quorum quorum);
    /// @notice The registrar proposed signers; until `readyAt` the account can veto them.
    event RecoveryStarted(bytes32 indexed proposal, uint40 readyAt);
    /// @notice The pending recovery is over: finished, or vetoed or taken back.
    event RecoveryEnded(bytes32 indexed proposal, bool isDone);

    /// @notice Thrown by {execute}: the batch came after the second that was signed for.
    error DeadlinePassed(uint256 presented, uint48 required);
    /// @notice Thrown by {execute}: the signatures over this digest are wrong, or not those of a quorum.
    error SignatureInvalid(bytes32 digest);
    /// @notice Thrown by {execute}: an empty batch would use the intent up.
    error CallsMissing();
    /// @notice Such a call would succeed, do nothing and use the intent up.
    error CallTargetWithoutCode(address target);
    /// @notice Thrown at what only the account itself, or only its factory, may call.
    error CallerInvalid(address presented, address required);
    /// @notice Thrown for a signer that is too short, zero, or a contract that would be asked by ERC-1271.
    error SignerInvalid(bytes signer);
    /// @notice Thrown for a signer that would be in neither set.
    error SignerDutyMissing(bytes signer);
    /// @notice Thrown for a signer whose verifier the factory does not allow.
    error VerifierNotAllowed(address verifier);
    /// @notice Thrown when too few signers are left for the quorum, or it requires no maker.
    error QuorumInvalid(Quorum presented, Quorum available);
    /// @notice Thrown when no recovery is pending, or another one than the presented.
    error RecoveryMissing(bytes32 presented, bytes32 required);
    /// @notice Thrown by {finishRecovery} while the account can still veto.
    error RecoveryPending(uint256 presented, uint40 readyAt);
    /// @notice Thrown at a finish: the proposal was left too long, and the account may well have its keys.
    error RecoveryExpired(uint256 presented, uint40 lastAt);

    /// @notice Executes the signed batch, all or nothing. A refusal of a call comes back unchanged.
    /// @dev Signed: EIP-712 `Execute(Call[] calls,uint256 nonce,uint48 deadline)`; chain and account are in the domain.
    /// Requirements: at least one call; in time; signed by the quorum; the nonce is unused; every target has code. Emits
    /// {Executed}.
    /// @param nonce OpenZeppelin's keyed nonce `key << 64 | sequence`. Tallystick takes the intent's id as key and sequence 0,
    /// so an intent runs once, in any order, and whether it ran is one look-up.
    /// @param deadline Unix seconds; the batch may still be executed in that second.
    /// @param signature `abi.encode(bytes[] signers, bytes[] signatures)`, ordered by keccak256(signer).
    function execute(Call[] calldata calls, uint256 nonce, uint48 deadline, bytes calldata signature) external;

    /// @notice The EIP-712 digest that the signers sign.
    function digestOf(Call[] calldata calls, uint256 nonce, uint48 deadline) external view returns (bytes32);

    /// @notice The account changes its own signers and quorum, in one step, so that it is never without them.
    /// @dev Requirements: the caller is the account itself, by {execute}; added signers are new, well-formed and have a duty
    /// and an allowed verifier; removed ones exist; the quorum is reachable. Emits {SignersChanged}.
    function changeSigners(Signer[] calldata added, bytes[] calldata removed, Quorum calldata quorum) external;

    /// @notice The registrar proposes signers for a participant that lost its keys. After the delay anyone can finish it.
    /// @dev Requirements: the caller is the factory. A second proposal replaces the first and waits anew. Emits
    /// {RecoveryStarted}.
    function startRecovery(Signer[] calldata signers, Quorum calldata quorum) external;

    /// @notice The account vetoes the recovery with the keys it has, or the registrar takes it back.
    /// @dev Requirements: the caller is the account itself or the factory; a recovery is pending. Emits {RecoveryEnded}.
    function endRecovery() external;

    /// @notice Replaces all signers by the proposed ones.
    /// @dev Requirements: exactly that was proposed; the delay is over, and not yet as long over as it lasted. Emits {SignersChanged} and {RecoveryEnded}.
    function finishRecovery(Signer[] calldata signers, Quorum calldata quorum) external;

    /// @notice The pending proposal and when it can be finished; zero when there is none.
    function recovery() external view returns (bytes32 proposal, uint40 readyAt);

    /// @notice How many of each duty must sign.
    function quorum() external view returns (uint8 makers, uint8 checkers);

    /// @notice Duty of a signer; `None` for a stranger.
    function dutyOf(bytes calldata signer) external view returns (Duty);
}
