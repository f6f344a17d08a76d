// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PenaltyKind, Settings} from "./RollupTypes.sol";

/// @title What a rollup tells the world
/// @notice That something happened to a rollup is also told by its pool, for all rollups at one address: `RollupTouched`.
interface IZkPowRollupEvents {
    /// @notice The rollup's first state, with what its type needs to rebuild it.
    event Genesis(bytes32 stateRoot, bytes data);
    /// @notice A sequence was posted (published name); `numBatch` is its last batch.
    event SequenceBatches(uint64 indexed numBatch);
    /// @notice A sequence was posted; `reward` is what it may earn at most.
    event SequencePosted(
        uint64 indexed firstBatch, uint64 indexed lastBatch, bytes32 indexed accInputHash, uint256 reward
    );
    /// @notice The first proof of a sequence was accepted.
    event SequenceVerified(
        uint64 indexed firstBatch, uint64 indexed lastBatch, address indexed firstProver, bytes32 stateRoot
    );
    /// @notice The first proof of a sequence was accepted (published name).
    event VerifyBatchesTrustedAggregator(uint64 indexed numBatch, bytes32 stateRoot, address indexed aggregator);
    /// @notice An unverified sequence was taken out by the admin.
    event SequenceRolledBack(uint64 indexed firstBatch, uint64 indexed lastBatch, bytes32 indexed accInputHash);

    /// @notice A proofHash was taken (published name and form: nothing indexed).
    event SubmitProofHash(address _prover, uint64 initNumBatch, uint64 finalNewBatch, bytes32 _proofHash);
    /// @notice A proofHash was taken in the round that block `round` opened; `reserve` is its weight and the most it can lose.
    event CommitmentMade(
        address indexed miner, uint64 indexed finalBatch, uint64 indexed round, bytes32 proofHash, uint256 reserve
    );
    /// @notice A miner took its proofHash back.
    event CommitmentTakenBack(address indexed miner, uint64 indexed finalBatch, uint64 indexed round);
    /// @notice What a commitment reserved is free again, without a penalty.
    event CommitmentReleased(address indexed miner, uint64 indexed finalBatch, uint64 indexed round);
    /// @notice A miner's proof was accepted. In time, it earns its share of the pot once the reveal window is over; late,
    /// it has earned `lateReward`.
    event ProofAccepted(
        address indexed miner, uint64 indexed finalBatch, uint64 indexed round, bool late, uint256 lateReward
    );
    /// @notice The share of a proof that was accepted in time was booked.
    event RewardBooked(address indexed miner, uint64 indexed finalBatch, uint64 indexed round, uint256 amount);
    /// @notice A penalty was taken from what a commitment reserved.
    event PenaltyBooked(
        address indexed miner, uint64 indexed finalBatch, uint64 indexed round, PenaltyKind kind, uint256 amount
    );
    /// @notice The pot of a sequence was set aside for the proofs accepted in its round.
    event RewardEarmarked(uint64 indexed finalBatch, uint64 indexed round, uint256 amount);

    /// @notice The admin wants other settings from `effectiveBlock` on.
    event SettingsProposed(Settings settings, uint64 effectiveBlock);
    /// @notice Rounds and sequences that begin from now on have these settings.
    event SettingsApplied(uint256 indexed version, Settings settings);
    event SettingsProposalCancelled();
    /// @notice The unverified sequences from `firstBatch` on may be taken out from `effectiveBlock` on, unless
    /// the first of them is verified by then.
    event RollbackScheduled(uint64 firstBatch, uint64 effectiveBlock);
    event RollbackCancelled();
    /// @notice No new sequences and no new rounds from now on; rounds that are open go on.
    event Paused();
    event Resumed();
    event SequencerChanged(address indexed sequencer);
    /// @notice The admin role is offered to `newAdmin`, which must accept it; 0 takes the offer back.
    event AdminProposed(address indexed newAdmin);
    event AdminChanged(address indexed admin);
}
