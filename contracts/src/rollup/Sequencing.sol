// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ITypeRule} from "../interfaces/ITypeRule.sol";
import {Touch} from "../interfaces/IZkPowPool.sol";
import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {BatchData, RoundOutcome, Terms} from "../interfaces/RollupTypes.sol";
import {Shares} from "../libraries/Shares.sol";
import {Administration} from "./Administration.sol";

/// @title Posting of sequences, and taking unverified ones out again
abstract contract Sequencing is Administration {
    /// @dev Gas that checking and chaining one posting's data may take: with its calldata, a posting fits a transaction
    /// (EIP-7825: 16,777,216 gas).
    uint256 private constant MAXIMUM_POSTING_GAS = 12_000_000;

    /// @inheritdoc IZkPowRollupActions
    function sequenceBatches(BatchData[] calldata batches, address l2Coinbase) external whenNotPaused {
        if (msg.sender != sequencer) revert NotAllowed(msg.sender, sequencer);
        // A round's key is (last batch, opening block): old and new rounds must not meet in one block.
        if (_rollback.begun || _rollback.lastBlock == block.number) revert RollbackUnderway();
        if (batches.length == 0) revert EmptySequence();

        uint64 previousLastBatch = lastBatchSequenced;
        uint64 lastBatch = previousLastBatch + uint64(batches.length);
        Sequence storage previous = _sequences[previousLastBatch];
        _checkTimestamps(batches, previous.sequencedTimestamp);
        (bytes32 accInputHash, uint112 reward) = _accumulate(batches, l2Coinbase, previous.accInputHash);

        Sequence storage sequence = _sequences[lastBatch];
        sequence.accInputHash = accInputHash;
        sequence.previousLastBatch = previousLastBatch;
        sequence.tMinStart = uint64(block.number);
        sequence.postedBlock = uint64(block.number);
        sequence.sequencedTimestamp = batches[batches.length - 1].timestamp;
        sequence.reward = reward;
        lastBatchSequenced = lastBatch;
        emit SequenceBatches(lastBatch);
        emit SequencePosted(previousLastBatch + 1, lastBatch, accInputHash, reward);
        pool.touch(lastBatch, Touch.Posted);
    }

    /// @inheritdoc IZkPowRollupActions
    function scheduleRollback(uint64 firstBatch) external onlyAdmin {
        if (_rollback.begun) revert RollbackUnderway();
        if (firstBatch <= lastVerifiedBatch || firstBatch > lastBatchSequenced) {
            revert NothingToRollBack(firstBatch, lastVerifiedBatch, lastBatchSequenced);
        }
        if (firstBatch != 1 && _sequences[firstBatch - 1].tMinStart == 0) revert NotTheStartOfASequence(firstBatch);
        _rollback.firstBatch = firstBatch;
        _rollback.effectiveBlock = uint64(block.number) + adminDelayBlocks;
        emit RollbackScheduled(firstBatch, _rollback.effectiveBlock);
        pool.touch(firstBatch, Touch.RollbackScheduled);
    }

    /// @inheritdoc IZkPowRollupActions
    function cancelRollback() external onlyAdmin {
        if (_rollback.begun) revert RollbackUnderway();
        if (_rollback.firstBatch == 0) revert NothingProposed();
        _rollback.firstBatch = 0;
        emit RollbackCancelled();
        pool.touch(0, Touch.RollbackCancelled);
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

    function _checkTimestamps(BatchData[] calldata batches, uint64 earliest) private view {
        for (uint256 i = 0; i < batches.length; i++) {
            uint64 timestamp = batches[i].timestamp;
            if (timestamp < earliest || timestamp > block.timestamp) {
                revert BatchTimestamp(i, timestamp, earliest, uint64(block.timestamp));
            }
            earliest = timestamp;
        }
    }

    /// @dev The rule checks the data and chains it on.
    function _accumulate(BatchData[] calldata batches, address l2Coinbase, bytes32 previous)
        private
        view
        returns (bytes32 accInputHash, uint112 reward)
    {
        Terms storage terms = _currentTerms();
        uint256 before = gasleft();
        uint256 paying;
        (accInputHash, paying) = ITypeRule(terms.rule).accumulate(previous, batches, l2Coinbase);
        uint256 used = before - gasleft();
        if (used > MAXIMUM_POSTING_GAS) revert PostingTooExpensive(batches.length, used, MAXIMUM_POSTING_GAS);
        // At most the cap.
        reward = uint112(
            Shares.sequenceReward(
                terms.rewardPerSequence, terms.rewardPerBatch, terms.rewardCap, Math.min(paying, batches.length)
            )
        );
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
        pool.touch(lastBatch, Touch.RolledBack);
    }
}
