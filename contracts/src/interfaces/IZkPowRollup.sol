// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "./IZkPowPool.sol";
import {IZkPowRollupErrors} from "./IZkPowRollupErrors.sol";
import {IZkPowRollupEvents} from "./IZkPowRollupEvents.sol";
import {
    BatchData,
    CommitmentKey,
    CommitmentState,
    RollupConfig,
    RoundOutcome,
    SequenceView,
    Settings,
    Terms
} from "./RollupTypes.sol";

/// @title What a rollup remembers
interface IZkPowRollupState is IZkPowRollupEvents, IZkPowRollupErrors {
    /// @notice Last batch that was posted and not rolled back, 0 at the start.
    function lastBatchSequenced() external view returns (uint64);
    /// @notice Last batch of the last sequence with an accepted proof, 0 at the start.
    function lastVerifiedBatch() external view returns (uint64);
    /// @notice State root after a batch: 0 for one that no verified sequence ends with.
    function batchNumToStateRoot(uint64 batchNumber) external view returns (bytes32);
    /// @notice Exit root (or other exported word) after a batch, for types that have them.
    function batchNumToLocalExitRoot(uint64 batchNumber) external view returns (bytes32);
    /// @notice Keeps stakes and rewards.
    function pool() external view returns (IZkPowPool);
    /// @notice Name of its type, as registered with the factory.
    function rollupType() external view returns (string memory);
    /// @notice May pause, propose settings, roll back, and name the sequencer.
    function admin() external view returns (address);
    /// @notice May post.
    function sequencer() external view returns (address);
    /// @notice Whether new sequences and new rounds are refused.
    function paused() external view returns (bool);
    /// @notice Block of its launch: no event is older.
    function launchBlock() external view returns (uint64);
    /// @notice Blocks between a proposal or roll back of the admin and its effect.
    function adminDelayBlocks() external view returns (uint64);
}

/// @title What can be done with a rollup
interface IZkPowRollupActions is IZkPowRollupState {
    /// @notice Posts one sequence. Sequencer only.
    function sequenceBatches(BatchData[] calldata batches, address l2Coinbase) external;

    /// @notice Step 1: commits to a final proof for one posting under known terms. Opens a round where none lives.
    /// The published form has the first three arguments only, and takes whatever posting and terms are in force.
    /// @param proofHash keccak256(abi.encodePacked(keccak256(proof), msg.sender))
    /// @param accInputHash of the posting that the proof is about; reverts on another
    /// @param termsVersion of the round, as `sequenceView` gives it; reverts on another
    /// @param reserve of the caller's stake: its weight in the shares, and the most it can lose
    function submitProofHash(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 proofHash,
        bytes32 accInputHash,
        uint256 termsVersion,
        uint256 reserve
    ) external;

    /// @notice Step 2: reveals a final proof.
    /// @return accepted false if the proof did not match its hash or did not verify: the wrong-proof penalty is booked.
    /// After another's acceptance such a proof reverts instead.
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 newStateRoot,
        bytes calldata proof
    ) external returns (bool accepted);

    /// @notice Takes the caller's proofHash out of the live round: from block S + T1 on, while the predecessor is not
    /// verified. The caller cannot commit again in that round.
    function takeBackProofHash(uint64 finalNewBatch) external;

    /// @notice Books what is due on one commitment once its round is over, for anybody who calls: the silence penalty if
    /// the round failed, its share if its proof was accepted; what is left of its reserve is free. Reverts if nothing is due.
    function settle(address miner, uint64 finalNewBatch, uint64 round) external;

    /// @notice Settles as many of a miner's commitments as are over, `limit` at most.
    /// @return settled how many
    function settleMany(address miner, uint256 limit) external returns (uint256 settled);

    /// @notice Proposes settings; they may be applied `adminDelayBlocks` later, and lapse as much later again. Takes the
    /// place of an earlier proposal. Rounds that are open keep theirs. Another rule must be registered with the factory, and
    /// is applied only while everything posted is verified.
    function proposeSettings(Settings calldata settings) external;
    /// @notice Puts proposed settings in force, once their block has come.
    function applySettings() external;
    /// @notice Withdraws a proposal.
    function cancelSettings() external;

    /// @notice Schedules the unverified sequences from the one that begins with `firstBatch` to the newest for removal,
    /// `adminDelayBlocks` later. Takes the place of an earlier schedule. Lapses if that sequence is verified before
    /// anything is removed.
    function scheduleRollback(uint64 firstBatch) external;
    /// @notice Removes scheduled sequences, newest first, `limit` at most in this call; posting waits until all are out.
    /// @return removed how many
    function executeRollback(uint256 limit) external returns (uint256 removed);
    /// @notice Withdraws a scheduled roll back of which nothing was executed.
    function cancelRollback() external;

    /// @notice Refuses new sequences and new rounds from now on; rounds that are open take hashes and proofs as before.
    function pause() external;
    /// @notice Ends a pause.
    function resume() external;
    /// @notice Names who may post from now on.
    function setSequencer(address newSequencer) external;
    /// @notice Offers the admin role; address 0 takes the offer back.
    function proposeAdmin(address newAdmin) external;
    /// @notice Takes the role that was offered to the caller.
    function acceptAdmin() external;

    /// @notice Called once by the factory.
    function initialize(RollupConfig calldata config) external;
}

/// @title Readings of a rollup
interface IZkPowRollupViews is IZkPowRollupState {
    /// @notice All chain fields of a miner's decision about one sequence.
    function sequenceView(uint64 initNumBatch, uint64 finalNewBatch, address miner)
        external
        view
        returns (SequenceView memory v);

    /// @notice Commitments of a miner that are not settled.
    function openCommitments(address miner) external view returns (CommitmentKey[] memory);

    /// @notice What has become of a miner's commitment in a round, as of this block.
    function commitmentState(address miner, uint64 finalNewBatch, uint64 round) external view returns (CommitmentState);
    /// @notice How a round has ended, as of this block.
    function roundOutcome(uint64 finalNewBatch, uint64 round) external view returns (RoundOutcome);

    /// @notice The roll back that is scheduled or under way: every unverified sequence from `firstBatch` on may be taken
    /// out from block `effectiveBlock` on, those posted since included. All zero if there is none or it has lapsed.
    /// Once it has `begun`, posting waits for its end, and it cannot be cancelled any more.
    function scheduledRollback() external view returns (uint64 firstBatch, uint64 effectiveBlock, bool begun);

    /// @notice Settings that may be applied from block `effectiveBlock` up to `lastBlock`. All zero if none are proposed
    /// or they have lapsed.
    function proposedSettings()
        external
        view
        returns (Settings memory settings, uint64 effectiveBlock, uint64 lastBlock);

    /// @notice What settling a miner's commitments would do now.
    /// @return reserve how much of its reserves it would free
    /// @return reward how much it would owe the miner
    /// @return count how many commitments it would close
    function settleable(address miner) external view returns (uint256 reserve, uint256 reward, uint256 count);

    /// @notice A posted sequence by its last batch (published form). `blockNumber` is S of its last round, 0 if none.
    function sequencedBatches(uint64 finalNewBatch)
        external
        view
        returns (
            bytes32 accInputHash,
            uint64 sequencedTimestamp,
            uint64 previousLastBatchSequenced,
            uint256 blockNumber,
            bool proofSubmitted
        );

    /// @notice A miner's commitment in the last round of a sequence (published form).
    function proverCommitProofHash(uint64 finalNewBatch, address miner)
        external
        view
        returns (bytes32 proofHash, uint256 blockNumber, bool proof);

    /// @notice T1, in blocks, of rounds that open now.
    function proofHashCommitEpoch() external view returns (uint64);
    /// @notice T2, in blocks, of rounds that open now.
    function proofCommitEpoch() external view returns (uint64);
    /// @notice Version of the terms that rounds opened now have.
    function termsVersion() external view returns (uint32);
    /// @notice Terms of a version; reverts on nothing: all zero if there is none.
    function termsOf(uint256 version) external view returns (Terms memory);
    /// @notice Type rule of rounds that open now.
    function typeRule() external view returns (address);
}

/// @title One rollup: its posted data, its state, and the two-step submission of proofs
/// @notice Names of the published system are kept, and its signatures but that of step 1. `initNumBatch` is the first batch less one,
/// `finalNewBatch` the last batch of a sequence. A round is one try at a sequence. With S the block of its first
/// proofHash, P the block in which the predecessor was verified (0 for the first sequence, infinite while it is not):
/// R = max(S + T1, P + 1, A + Tmin), E = R + T2, where A is the block of the posting, or a later one that ended a pause before
/// the round was opened; proofHashes are taken in blocks [S, R), proofs in [R, E).
interface IZkPowRollup is IZkPowRollupActions, IZkPowRollupViews {}
