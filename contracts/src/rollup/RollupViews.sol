// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IZkPowRollupViews} from "../interfaces/IZkPowRollup.sol";
import {
    CommitmentKey,
    CommitmentState,
    RoundOutcome,
    SequenceView,
    Settings,
    Terms
} from "../interfaces/RollupTypes.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";
import {Shares} from "../libraries/Shares.sol";
import {IZkPowPool} from "../interfaces/IZkPowPool.sol";
import {MinerViews} from "./MinerViews.sol";
import {RollupState} from "./RollupState.sol";

/// @title Readings of a rollup, for miners and under the names of the published system
/// @notice `ZkPowRollup` runs this code on its own storage for every function that it does not have itself: one
/// contract to the outside, two below the size limit of a contract (EIP-170).
contract RollupViews is MinerViews, IZkPowRollupViews {
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
        (v.rollbackFirstBatch, v.rollbackBlock,) = scheduledRollback();
        v.settingsBlock = _settingsBlock();
        _viewMiner(v, finalNewBatch, miner, next);
        _viewStake(v, miner, next);
        Sequence storage sequence = _sequences[finalNewBatch];
        v.posted = sequence.tMinStart != 0 && sequence.previousLastBatch == initNumBatch;
        if (!v.posted) {
            _viewTerms(v, _termsVersion);
            return v;
        }
        _viewSequence(v, sequence, finalNewBatch);
        _viewRound(v, sequence, finalNewBatch, next);
        _viewOwn(v, sequence, finalNewBatch, miner, next);
    }

    /// @inheritdoc IZkPowRollupViews
    function openCommitments(address miner) external view returns (CommitmentKey[] memory keys) {
        List storage list = _listed[miner];
        keys = new CommitmentKey[](list.count);
        for (uint256 i = 0; i < keys.length; i++) {
            keys[i] = _toKey(list.keys[i]);
        }
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
    function scheduledRollback() public view returns (uint64 firstBatch, uint64 effectiveBlock, bool begun) {
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
        effectiveBlock = _settingsBlock();
        if (effectiveBlock != 0) return (_proposal.settings, effectiveBlock, effectiveBlock + adminDelayBlocks);
    }

    /// @inheritdoc IZkPowRollupViews
    function settleable(address miner) external view returns (uint256 reserve, uint256 reward, uint256 count) {
        List storage list = _listed[miner];
        for (uint256 i = 0; i < list.count; i++) {
            CommitmentKey memory key = _toKey(list.keys[i]);
            if (_outcomeOnceOver(key.finalBatch, key.round, block.number) == RoundOutcome.Undecided) continue;
            count++;
            reserve += _freedBySettling(miner, key, block.number);
            Commitment storage commitment = _commitments[key.finalBatch][key.round][miner];
            if (commitment.state != CommitmentState.Accepted) continue;
            Round storage round = _rounds[key.finalBatch][key.round];
            reward += Shares.share(round.pot, commitment.reserve, round.acceptedWeight);
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
        return _currentTerms().t1;
    }

    /// @inheritdoc IZkPowRollupViews
    function proofCommitEpoch() external view returns (uint64) {
        return _currentTerms().t2;
    }

    /// @inheritdoc IZkPowRollupViews
    function termsVersion() external view returns (uint32) {
        return _termsVersion;
    }

    /// @inheritdoc IZkPowRollupViews
    function termsOf(uint256 version) external view returns (Terms memory) {
        return _terms[version];
    }

    /// @inheritdoc IZkPowRollupViews
    function typeRule() external view returns (address) {
        return _currentTerms().rule;
    }

    /// @dev First block of settings that are proposed, 0 if none are, or they have lapsed.
    function _settingsBlock() private view returns (uint64 effectiveBlock) {
        effectiveBlock = _proposal.effectiveBlock;
        if (block.number > effectiveBlock + adminDelayBlocks) return 0;
    }

    function _viewSequence(SequenceView memory v, Sequence storage sequence, uint64 finalNewBatch) private view {
        v.postedBlock = sequence.postedBlock;
        v.previousLastBatch = sequence.previousLastBatch;
        v.accInputHash = sequence.accInputHash;
        v.oldAccInputHash = _sequences[sequence.previousLastBatch].accInputHash;
        v.oldStateRoot = batchNumToStateRoot[sequence.previousLastBatch];
        v.predecessorVerifiedBlock = _predecessorVerifiedBlock(sequence);
        if (sequence.verifiedBlock != 0) v.acceptedRound = sequence.roundStart;
        v.acceptedBlock = sequence.verifiedBlock;
        v.acceptedStateRoot = batchNumToStateRoot[finalNewBatch];
    }

    /// @dev The accepted round, else the one that lives at `next`, else what a new one would get.
    function _viewRound(SequenceView memory v, Sequence storage sequence, uint64 finalNewBatch, uint256 next)
        private
        view
    {
        uint64 start = sequence.roundStart;
        bool accepted = sequence.verifiedBlock != 0;
        bool live = start != 0 && _outcomeAt(finalNewBatch, start, next) == RoundOutcome.Undecided;
        if (!accepted) v.pot = Math.min(sequence.reward, _rewardsLeftFor(sequence));
        if (!accepted && !live) {
            v.tMinStart = _tMinStartOfNewRound(sequence);
            _viewTerms(v, _termsVersion);
            return;
        }
        Round storage round = _rounds[finalNewBatch][start];
        _viewTerms(v, round.termsVersion);
        v.committers = round.committers;
        v.totalWeight = round.totalWeight;
        v.acceptedWeight = round.acceptedWeight;
        if (accepted) v.pot = round.pot;
        RoundWindows.Windows memory windows = _windows(sequence, start, _termsOfRound(round));
        v.tMinStart = sequence.tMinStart;
        v.roundStart = start;
        v.revealStart = windows.revealStart;
        v.revealEnd = windows.revealEnd;
    }

    function _viewTerms(SequenceView memory v, uint256 version) private view {
        v.termsVersion = version;
        v.terms = _terms[version];
    }

    /// @dev What unverified sequences before it will leave of the free rewards.
    function _rewardsLeftFor(Sequence storage sequence) private view returns (uint256 left) {
        left = _freeRewards();
        uint64 ahead = sequence.previousLastBatch;
        while (left > 0 && ahead > lastVerifiedBatch) {
            left -= Math.min(left, _sequences[ahead].reward);
            ahead = _sequences[ahead].previousLastBatch;
        }
    }
}
