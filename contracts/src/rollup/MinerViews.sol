// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {RollupStake, Stake} from "../interfaces/IZkPowPool.sol";
import {CommitmentKey, CommitmentState, RoundOutcome, SequenceView, Terms} from "../interfaces/RollupTypes.sol";
import {Shares} from "../libraries/Shares.sol";
import {RollupState} from "./RollupState.sol";

/// @title What a view says of one miner: its commitments, its stake, what it would earn
abstract contract MinerViews is RollupState {
    function _viewOwn(
        SequenceView memory v,
        Sequence storage sequence,
        uint64 finalNewBatch,
        address miner,
        uint256 next
    ) internal view {
        uint64 start = sequence.roundStart;
        Commitment storage commitment = _commitments[finalNewBatch][start][miner];
        if (commitment.state == CommitmentState.None) return;
        v.ownRound = start;
        v.ownProofHash = commitment.proofHash;
        v.ownState = _commitmentStateAt(miner, finalNewBatch, start, next);
        v.ownWeight = commitment.reserve;
        Round storage round = _rounds[finalNewBatch][start];
        (uint256 weight, uint256 acceptedWeight) = (commitment.reserve, round.acceptedWeight);
        if (v.ownState == CommitmentState.Late && next >= v.revealEnd) {
            uint256 late = Shares.lateReward(v.pot, weight, acceptedWeight, v.terms.lateShare, round.paidLate);
            v.ownReward = Math.min(late, _freeRewards());
        } else if (v.ownState == CommitmentState.Late || v.ownState == CommitmentState.Open) {
            v.ownReward = Shares.share(v.pot, weight, acceptedWeight + weight);
        } else if (v.ownState == CommitmentState.Accepted && commitment.listed) {
            v.ownReward = Shares.share(v.pot, weight, acceptedWeight);
        }
    }

    function _viewMiner(SequenceView memory v, uint64 finalNewBatch, address miner, uint256 next) internal view {
        v.maximumOpenCommitments = uint64(MAXIMUM_OPEN_COMMITMENTS);
        List storage list = _listed[miner];
        uint64[] memory failed = new uint64[](list.count);
        uint256 count = 0;
        for (uint256 i = 0; i < list.count; i++) {
            CommitmentKey memory key = _toKey(list.keys[i]);
            RoundOutcome outcome = _outcomeOnceOver(key.finalBatch, key.round, next);
            if (outcome == RoundOutcome.Undecided) v.openCommitments++;
            if (outcome == RoundOutcome.Failed && key.finalBatch == finalNewBatch) failed[count++] = key.round;
        }
        v.failedRounds = new uint64[](count);
        for (uint256 i = 0; i < count; i++) {
            v.failedRounds[i] = failed[i];
        }
    }

    function _viewStake(SequenceView memory v, address miner, uint256 next) internal view {
        uint256 freed = 0;
        uint256 released = 0;
        List storage list = _listed[miner];
        for (uint256 i = 0; i < list.count; i++) {
            CommitmentKey memory key = _toKey(list.keys[i]);
            uint256 free = _freedBySettling(miner, key, next);
            if (free == 0) continue;
            freed += free;
            released += _commitments[key.finalBatch][key.round][miner].reserve;
        }
        Stake memory stake = pool.stakeOf(miner);
        RollupStake memory held = pool.rollupStakeOf(address(this), miner);
        v.stake = stake.amount;
        v.freeStake = stake.amount - stake.reserved + freed;
        uint256 reserved = held.reserved - released;
        if (held.cap != 0) v.freeStake = reserved >= held.cap ? 0 : Math.min(v.freeStake, held.cap - reserved);
    }

    /// @dev What settling a commitment at a block would free of its reserve.
    function _freedBySettling(address miner, CommitmentKey memory key, uint256 blockNumber)
        internal
        view
        returns (uint256)
    {
        Commitment storage commitment = _commitments[key.finalBatch][key.round][miner];
        if (!commitment.holdsReserve) return 0;
        RoundOutcome outcome = _outcomeOnceOver(key.finalBatch, key.round, blockNumber);
        if (outcome == RoundOutcome.Undecided) return 0;
        if (outcome != RoundOutcome.Failed) return commitment.reserve;
        Terms storage terms = _termsOfRound(_rounds[key.finalBatch][key.round]);
        return commitment.reserve - Shares.part(commitment.reserve, terms.silenceShare);
    }

    function _freeRewards() internal view returns (uint256) {
        return pool.rewardsOf(address(this)).free;
    }
}
