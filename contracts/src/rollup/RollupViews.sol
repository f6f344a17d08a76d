// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IZkPowRollupViews} from "../interfaces/IZkPowRollup.sol";
import {
    CommitmentKey,
    CommitmentState,
    DataRule,
    Parameters,
    RoundOutcome,
    SequenceView,
    Settings
} from "../interfaces/RollupTypes.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";
import {Shares} from "../libraries/Shares.sol";
import {IZkPowPool} from "../interfaces/IZkPowPool.sol";
import {RollupState} from "./RollupState.sol";

/// @title Readings of a rollup, for miners and under the names of the published system
/// @notice `ZkPowRollup` runs this code on its own storage for every function that it does not have itself: one
/// contract to the outside, two below the size limit of a contract (EIP-170).
contract RollupViews is RollupState, IZkPowRollupViews {
    constructor(IZkPowPool pool_, address factory_) RollupState(pool_, factory_) {}

    /// @inheritdoc IZkPowRollupViews
    function sequenceView(uint64 initNumBatch, uint64 finalNewBatch, address miner)
        external
        view
        returns (SequenceView memory v)
    {
        uint256 next = block.number + 1;
        v.blockNumber = uint64(block.number);
        v.parentHash = blockhash(block.number - 1);
        v.lastVerifiedBatch = lastVerifiedBatch;
        v.paused = paused;
        _viewMiner(v, finalNewBatch, miner, next);
        Sequence storage sequence = _sequences[finalNewBatch];
        v.posted = sequence.postedBlock != 0 && sequence.previousLastBatch == initNumBatch;
        if (!v.posted) {
            _viewSettings(v, _currentParameters().settings);
            return v;
        }
        _viewSequence(v, sequence, finalNewBatch);
        _viewRound(v, sequence, finalNewBatch, next);
        _viewOwn(v, sequence, finalNewBatch, miner, next);
    }

    /// @inheritdoc IZkPowRollupViews
    function openCommitments(address miner) external view returns (CommitmentKey[] memory) {
        return _reserving[miner];
    }

    /// @inheritdoc IZkPowRollupViews
    function commitmentState(address miner, uint64 finalNewBatch, uint64 round)
        external
        view
        returns (CommitmentState)
    {
        return _commitmentStateAt(miner, finalNewBatch, round, block.number);
    }

    /// @inheritdoc IZkPowRollupViews
    function roundOutcome(uint64 finalNewBatch, uint64 round) external view returns (RoundOutcome) {
        return _outcomeAt(finalNewBatch, round, block.number);
    }

    /// @inheritdoc IZkPowRollupViews
    function scheduledRollback() external view returns (uint64 firstBatch, uint64 effectiveBlock, bool begun) {
        Rollback memory rollback = _rollback;
        if (rollback.firstBatch == 0 || (rollback.firstBatch <= lastVerifiedBatch && !rollback.begun)) {
            return (0, 0, false);
        }
        return (rollback.firstBatch, rollback.effectiveBlock, rollback.begun);
    }

    /// @inheritdoc IZkPowRollupViews
    function proposedSettings()
        external
        view
        returns (Settings memory settings, uint64 effectiveBlock, uint64 lastBlock)
    {
        SettingsProposal memory proposal = _proposal;
        lastBlock = proposal.effectiveBlock + adminDelayBlocks;
        if (proposal.effectiveBlock == 0 || block.number > lastBlock) return (settings, 0, 0);
        return (proposal.settings, proposal.effectiveBlock, lastBlock);
    }

    /// @inheritdoc IZkPowRollupViews
    function releasableReserve(address miner) external view returns (uint256 amount) {
        CommitmentKey[] storage keys = _reserving[miner];
        for (uint256 i = 0; i < keys.length; i++) {
            CommitmentKey memory key = keys[i];
            RoundOutcome outcome = _outcomeAt(key.finalBatch, key.round, block.number);
            if (outcome == RoundOutcome.Accepted || outcome == RoundOutcome.RolledBack) {
                amount += _parametersOf(_rounds[key.finalBatch][key.round]).settings.silencePenalty;
            }
        }
    }

    /// @inheritdoc IZkPowRollupViews
    function sequencedBatches(uint64 finalNewBatch)
        external
        view
        returns (
            bytes32 accInputHash,
            uint64 sequencedTimestamp,
            uint64 previousLastBatchSequenced,
            uint256 blockNumber,
            bool proofSubmitted
        )
    {
        Sequence storage s = _sequences[finalNewBatch];
        return (s.accInputHash, s.sequencedTimestamp, s.previousLastBatch, s.roundStart, s.verifiedBlock != 0);
    }

    /// @inheritdoc IZkPowRollupViews
    function proverCommitProofHash(uint64 finalNewBatch, address miner)
        external
        view
        returns (bytes32 proofHash, uint256 blockNumber, bool proof)
    {
        uint64 start = _sequences[finalNewBatch].roundStart;
        Commitment storage commitment = _commitments[finalNewBatch][start][miner];
        if (commitment.proofHash == 0) return (0, 0, false);
        return (commitment.proofHash, start, commitment.state == CommitmentState.Accepted);
    }

    /// @inheritdoc IZkPowRollupViews
    function proofHashCommitEpoch() external view returns (uint64) {
        return _currentParameters().settings.t1;
    }

    /// @inheritdoc IZkPowRollupViews
    function proofCommitEpoch() external view returns (uint64) {
        return _currentParameters().settings.t2;
    }

    /// @inheritdoc IZkPowRollupViews
    function parameters() external view returns (Parameters memory) {
        return _currentParameters();
    }

    /// @inheritdoc IZkPowRollupViews
    function verifier() external view returns (address) {
        return _currentParameters().settings.verifier;
    }

    /// @inheritdoc IZkPowRollupViews
    function dataRule() external view returns (DataRule memory) {
        return _dataRule;
    }

    function _viewSequence(SequenceView memory v, Sequence storage sequence, uint64 finalNewBatch) private view {
        v.postedBlock = sequence.postedBlock;
        v.previousLastBatch = sequence.previousLastBatch;
        v.accInputHash = sequence.accInputHash;
        v.oldAccInputHash = _sequences[sequence.previousLastBatch].accInputHash;
        v.oldStateRoot = batchNumToStateRoot[sequence.previousLastBatch];
        v.predecessorVerifiedBlock = _predecessorVerifiedBlock(sequence);
        v.acceptedRound = sequence.acceptedRound;
        v.acceptedBlock = sequence.verifiedBlock;
        v.acceptedStateRoot = batchNumToStateRoot[finalNewBatch];
    }

    /// @dev The accepted round, else the one that lives at `next`, else what a new one would get.
    function _viewRound(SequenceView memory v, Sequence storage sequence, uint64 finalNewBatch, uint256 next)
        private
        view
    {
        uint64 start = sequence.roundStart;
        bool accepted = sequence.acceptedRound != 0;
        bool live = start != 0 && _outcomeAt(finalNewBatch, start, next) == RoundOutcome.Undecided;
        if (!accepted && !live) {
            _viewSettings(v, _currentParameters().settings);
            return;
        }
        Round storage round = _rounds[finalNewBatch][start];
        Settings storage settings = _parametersOf(round).settings;
        _viewSettings(v, settings);
        v.firstProver = round.firstProver;
        v.committers = round.committers;
        v.totalWeight = round.totalWeight;
        if (!live) return;
        RoundWindows.Windows memory windows = _windows(sequence, start, settings);
        v.roundStart = start;
        v.revealStart = windows.revealStart;
        v.revealEnd = windows.revealEnd;
    }

    function _viewSettings(SequenceView memory v, Settings storage settings) private view {
        v.t1 = settings.t1;
        v.t2 = settings.t2;
        v.silencePenalty = settings.silencePenalty;
        v.wrongProofPenalty = settings.wrongProofPenalty;
        v.minimumDeposit = settings.minimumDeposit;
        v.verifier = settings.verifier;
    }

    function _viewOwn(
        SequenceView memory v,
        Sequence storage sequence,
        uint64 finalNewBatch,
        address miner,
        uint256 next
    ) private view {
        uint64 start = sequence.roundStart;
        Commitment storage commitment = _commitments[finalNewBatch][start][miner];
        if (commitment.state == CommitmentState.None) return;
        v.ownRound = start;
        v.ownProofHash = commitment.proofHash;
        v.ownState = _commitmentStateAt(miner, finalNewBatch, start, next);
        Round storage round = _rounds[finalNewBatch][start];
        if (v.ownState == CommitmentState.Late) {
            v.ownReward = Shares.share(round.earmarked, commitment.weight, round.totalWeight);
            if (round.lateRewardsReleased) v.ownReward = Math.min(v.ownReward, _freeRewards());
        } else if (v.ownState == CommitmentState.Open) {
            v.ownReward = Shares.share(Math.min(sequence.reward, _freeRewards()), commitment.weight, round.totalWeight);
        }
    }

    function _viewMiner(SequenceView memory v, uint64 finalNewBatch, address miner, uint256 next) private view {
        v.deposit = pool.depositOf(address(this), miner).amount;
        v.freeDeposit = pool.freeDepositOf(address(this), miner);
        v.maximumOpenCommitments = uint64(MAXIMUM_OPEN_COMMITMENTS);
        CommitmentKey[] storage keys = _reserving[miner];
        uint64[] memory failed = new uint64[](keys.length);
        uint256 count = 0;
        for (uint256 i = 0; i < keys.length; i++) {
            CommitmentKey memory key = keys[i];
            RoundOutcome outcome = _outcomeAt(key.finalBatch, key.round, next);
            if (outcome == RoundOutcome.Undecided) v.openCommitments++;
            if (outcome == RoundOutcome.Failed && key.finalBatch == finalNewBatch) failed[count++] = key.round;
        }
        v.failedRounds = new uint64[](count);
        for (uint256 i = 0; i < count; i++) {
            v.failedRounds[i] = failed[i];
        }
    }

    function _freeRewards() private view returns (uint256) {
        return pool.rewardsOf(address(this)).free;
    }
}
