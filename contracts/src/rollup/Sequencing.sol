// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {BatchData, DataRule, RoundOutcome, Settings} from "../interfaces/RollupTypes.sol";
import {InputHash} from "../libraries/InputHash.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";
import {Shares} from "../libraries/Shares.sol";
import {Administration} from "./Administration.sol";

/// @title Posting of sequences, and taking unverified ones out again
abstract contract Sequencing is Administration {
    using RoundWindows for RoundWindows.Windows;

    uint256 internal constant MAXIMUM_BATCHES = 1000;

    /// @inheritdoc IZkPowRollupActions
    function sequenceBatches(BatchData[] calldata batches, address l2Coinbase) external whenNotPaused {
        if (msg.sender != sequencer) revert NotAllowed(msg.sender, sequencer);
        // A round's key is (last batch, opening block): old and new rounds must not meet in one block.
        if (_rollback.begun || _rollback.lastBlock == block.number) revert RollbackUnderway();
        if (batches.length == 0) revert EmptySequence();
        if (batches.length > MAXIMUM_BATCHES) revert TooManyBatches(batches.length, MAXIMUM_BATCHES);

        uint64 previousLastBatch = lastBatchSequenced;
        uint64 lastBatch = previousLastBatch + uint64(batches.length);
        (bytes32 accInputHash, uint256 nonEmpty) = _accumulate(batches, l2Coinbase, _sequences[previousLastBatch]);
        uint128 reward = _rewardOf(nonEmpty);

        Sequence storage sequence = _sequences[lastBatch];
        sequence.accInputHash = accInputHash;
        sequence.previousLastBatch = previousLastBatch;
        sequence.postedBlock = uint64(block.number);
        sequence.sequencedTimestamp = batches[batches.length - 1].timestamp;
        sequence.reward = reward;
        lastBatchSequenced = lastBatch;
        emit SequenceBatches(lastBatch);
        emit SequencePosted(previousLastBatch + 1, lastBatch, accInputHash, reward);
    }

    /// @inheritdoc IZkPowRollupActions
    function scheduleRollback(uint64 firstBatch) external onlyAdmin {
        if (_rollback.begun) revert RollbackUnderway();
        if (firstBatch <= lastVerifiedBatch || firstBatch > lastBatchSequenced) {
            revert NothingToRollBack(firstBatch, lastVerifiedBatch, lastBatchSequenced);
        }
        if (firstBatch != 1 && _sequences[firstBatch - 1].postedBlock == 0) revert NotTheStartOfASequence(firstBatch);
        _rollback.firstBatch = firstBatch;
        _rollback.effectiveBlock = uint64(block.number) + adminDelayBlocks;
        emit RollbackScheduled(firstBatch, _rollback.effectiveBlock);
    }

    /// @inheritdoc IZkPowRollupActions
    function cancelRollback() external onlyAdmin {
        if (_rollback.begun) revert RollbackUnderway();
        if (_rollback.firstBatch == 0) revert NothingProposed();
        _rollback.firstBatch = 0;
        emit RollbackCancelled();
    }

    /// @inheritdoc IZkPowRollupActions
    function executeRollback(uint256 limit) external onlyAdmin returns (uint256 removed) {
        if (limit == 0) return 0; // removes nothing, so begins nothing
        if (_rollback.firstBatch == 0) revert NothingProposed();
        if (block.number < _rollback.effectiveBlock) revert TooEarly(block.number, _rollback.effectiveBlock);
        uint64 firstBatch = _rollback.firstBatch;
        // Else one old schedule would take out all that is ever posted later, without notice. Once removal has begun
        // nothing is posted, so what is left may go, and posting is not shut for ever.
        if (firstBatch <= lastVerifiedBatch && !_rollback.begun) {
            revert NothingToRollBack(firstBatch, lastVerifiedBatch, lastBatchSequenced);
        }
        uint64 keep = firstBatch - 1;
        if (keep < lastVerifiedBatch) keep = lastVerifiedBatch;
        while (removed < limit && lastBatchSequenced > keep) {
            _removeNewestSequence();
            removed++;
        }
        _rollback.lastBlock = uint64(block.number);
        _rollback.begun = lastBatchSequenced > keep;
        if (!_rollback.begun) _rollback.firstBatch = 0;
    }

    /// @dev Checks all batches and chains their hashes on.
    function _accumulate(BatchData[] calldata batches, address l2Coinbase, Sequence storage previous)
        private
        view
        returns (bytes32 accInputHash, uint256 nonEmpty)
    {
        DataRule memory rule = _dataRule;
        accInputHash = previous.accInputHash;
        uint64 earliest = previous.sequencedTimestamp;
        for (uint256 i = 0; i < batches.length; i++) {
            BatchData calldata batch = batches[i];
            _checkBatch(i, batch, rule, earliest);
            accInputHash = InputHash.next(accInputHash, batch, rule, l2Coinbase);
            earliest = batch.timestamp;
            if (batch.transactions.length > 0) nonEmpty++;
        }
    }

    function _checkBatch(uint256 index, BatchData calldata batch, DataRule memory rule, uint64 earliest) private view {
        uint256 length = batch.transactions.length;
        if (!InputHash.isWholeRecords(length, rule)) {
            revert BatchDataLength(index, length, rule.recordBytes, rule.maxRecords);
        }
        if (batch.timestamp < earliest || batch.timestamp > block.timestamp) {
            revert BatchTimestamp(index, batch.timestamp, earliest, uint64(block.timestamp));
        }
        if (batch.minForcedTimestamp != 0) revert ForcedBatchesUnsupported(index, batch.minForcedTimestamp);
    }

    function _rewardOf(uint256 nonEmptyBatches) private view returns (uint128) {
        Settings storage settings = _currentParameters().settings;
        uint256 reward = Shares.sequenceReward(
            settings.rewardPerSequence, settings.rewardPerBatch, settings.rewardCap, nonEmptyBatches
        );
        return uint128(reward); // at most the cap
    }

    /// @dev Its round, if it has not failed by now, is void; one that has failed stays so.
    function _removeNewestSequence() private {
        uint64 lastBatch = lastBatchSequenced;
        Sequence storage sequence = _sequences[lastBatch];
        uint64 start = sequence.roundStart;
        if (start != 0) {
            bool failed = _outcomeAt(lastBatch, start, block.number) == RoundOutcome.Failed;
            _rounds[lastBatch][start].outcome = failed ? RoundOutcome.Failed : RoundOutcome.RolledBack;
        }
        emit SequenceRolledBack(sequence.previousLastBatch + 1, lastBatch, sequence.accInputHash);
        lastBatchSequenced = sequence.previousLastBatch;
        delete _sequences[lastBatch];
    }
}
