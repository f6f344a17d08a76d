// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "./IZkPowPool.sol";
import {IZkPowRollupErrors} from "./IZkPowRollupErrors.sol";
import {IZkPowRollupEvents} from "./IZkPowRollupEvents.sol";
import {
    BatchData,
    CommitmentKey,
    CommitmentState,
    DataRule,
    Parameters,
    RollupConfig,
    RoundOutcome,
    SequenceView,
    Settings
} from "./RollupTypes.sol";

/// @title What a rollup remembers
interface IZkPowRollupState is IZkPowRollupEvents, IZkPowRollupErrors {
    /// @notice Last batch that was posted and not rolled back, 0 at the start.
    function lastBatchSequenced() external view returns (uint64);
    /// @notice Last batch of the last sequence with an accepted proof, 0 at the start.
    function lastVerifiedBatch() external view returns (uint64);
    /// @notice State root after a batch: 0 for one that no verified sequence ends with.
    function batchNumToStateRoot(uint64 batchNumber) external view returns (bytes32);
    /// @notice Keeps deposits and rewards.
    function pool() external view returns (IZkPowPool);
    /// @notice Name of its type, as registered with the factory.
    function rollupType() external view returns (string memory);
    /// @notice May pause, propose settings, roll back, and name the sequencer.
    function admin() external view returns (address);
    /// @notice May post.
    function sequencer() external view returns (address);
    /// @notice Whether new sequences and new proofHashes are refused.
    function paused() external view returns (bool);
    /// @notice Block of its launch: no event is older.
    function launchBlock() external view returns (uint64);
    /// @notice Blocks between a proposal or roll back of the admin and its effect.
    function adminDelayBlocks() external view returns (uint64);
    /// @notice Blocks after acceptance in which the shares of late proofs stay earmarked.
    function lateRewardBlocks() external view returns (uint64);
}

/// @title What can be done with a rollup
interface IZkPowRollupActions is IZkPowRollupState {
    /// @notice Posts one sequence. Sequencer only.
    function sequenceBatches(BatchData[] calldata batches, address l2Coinbase) external;

    /// @notice Step 1: commits to a final proof. Opens a round where none lives.
    /// @param proofHash keccak256(abi.encodePacked(keccak256(proof), msg.sender))
    function submitProofHash(uint64 initNumBatch, uint64 finalNewBatch, bytes32 proofHash) external;

    /// @notice Step 2: reveals a final proof.
    /// @return accepted false if the proof did not match its hash or did not verify: the wrong-proof penalty is booked
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

    /// @notice Books what is due on one commitment, for anybody who calls: the silence penalty if its round failed,
    /// else gives back what it reserved. Reverts while the commitment is open or if nothing is due.
    function settle(address miner, uint64 finalNewBatch, uint64 round) external;

    /// @notice Settles as many of a miner's commitments as are over, `limit` at most.
    /// @return settled how many
    function settleMany(address miner, uint256 limit) external returns (uint256 settled);

    /// @notice Gives the shares that nobody earned within `lateRewardBlocks` back to the rollup's later rewards.
    function releaseLateRewards(uint64 finalNewBatch) external;

    /// @notice Proposes settings; they may be applied `adminDelayBlocks` later, and lapse as much later again. Takes the
    /// place of an earlier proposal. Rounds that are open keep theirs.
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

    /// @notice Refuses new sequences and new proofHashes from now on; reveals are never refused.
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

    /// @notice Commitments of a miner that still hold a reserve.
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

    /// @notice What of a miner's reserved deposit settling would release now.
    function releasableReserve(address miner) external view returns (uint256 amount);

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
    /// @notice Settings of rounds that open now, with the verifier's figures.
    function parameters() external view returns (Parameters memory);
    /// @notice Verifier of rounds that open now.
    function verifier() external view returns (address);
    /// @notice Which data a batch may hold.
    function dataRule() external view returns (DataRule memory);
}

/// @title One rollup: its posted data, its state, and the two-step submission of proofs
/// @notice Names and signatures of the published system are kept. `initNumBatch` is the first batch less one,
/// `finalNewBatch` the last batch of a sequence. A round is one try at a sequence. With S the block of its first
/// proofHash, P the block in which the predecessor was verified (0 for the first sequence, infinite while it is not):
/// R = max(S + T1, P + 1), E = R + T2; proofHashes are taken in blocks [S, R), proofs in [R, E).
interface IZkPowRollup is IZkPowRollupActions, IZkPowRollupViews {}
