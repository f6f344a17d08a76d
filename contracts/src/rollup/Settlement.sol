// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {CommitmentKey, CommitmentState, PenaltyKind, RoundOutcome} from "../interfaces/RollupTypes.sol";
import {Shares} from "../libraries/Shares.sol";
import {Sequencing} from "./Sequencing.sol";

/// @title What commitments leave behind when their round is over, and the lists of those that are not settled
abstract contract Settlement is Sequencing {
    /// @inheritdoc IZkPowRollupActions
    function settle(address miner, uint64 finalNewBatch, uint64 round) external {
        if (_settleIfOver(miner, finalNewBatch, round)) return;
        CommitmentState state = _commitmentStateAt(miner, finalNewBatch, round, block.number);
        bool listed = _commitments[finalNewBatch][round][miner].listed;
        revert NothingToSettle(miner, finalNewBatch, round, state, listed ? _roundEnd(finalNewBatch, round) : 0);
    }

    /// @inheritdoc IZkPowRollupActions
    function settleMany(address miner, uint256 limit) public returns (uint256 settled) {
        List storage list = _listed[miner];
        uint256 i = 0;
        while (i < list.count && settled < limit) {
            CommitmentKey memory key = _toKey(list.keys[i]);
            // The last entry takes the place of a settled one.
            if (_settleIfOver(miner, key.finalBatch, key.round)) settled++;
            else i++;
        }
    }

    /// @dev Books the end of a commitment, if it has come.
    function _settleIfOver(address miner, uint64 finalBatch, uint64 start) internal returns (bool) {
        Commitment storage commitment = _commitments[finalBatch][start][miner];
        if (!commitment.listed) return false;
        RoundOutcome outcome = _outcomeOnceOver(finalBatch, start, block.number);
        if (outcome == RoundOutcome.Undecided) return false;
        _unlist(miner, commitment);
        if (commitment.state == CommitmentState.Accepted) {
            _bookShare(miner, finalBatch, start, commitment);
            return true;
        }
        uint256 reserve = _dropReserve(commitment);
        if (outcome == RoundOutcome.Failed) {
            _penalise(miner, finalBatch, start, reserve, PenaltyKind.Silence);
        } else {
            pool.release(miner, reserve);
            emit CommitmentReleased(miner, finalBatch, start);
        }
        return true;
    }

    /// @dev Takes a part of the reserve, and frees the rest of it.
    function _penalise(address miner, uint64 finalBatch, uint64 start, uint256 reserve, PenaltyKind kind) internal {
        bool silent = kind == PenaltyKind.Silence;
        uint256 basisPoints = silent
            ? _termsOfRound(_rounds[finalBatch][start]).silenceShare
            : _termsOfRound(_rounds[finalBatch][start]).wrongProofShare;
        uint256 penalty = Shares.part(reserve, basisPoints);
        pool.slash(miner, reserve, penalty);
        emit PenaltyBooked(miner, finalBatch, start, kind, penalty);
    }

    /// @dev Puts a commitment on the miner's list.
    function _list(address miner, Commitment storage commitment, uint64 finalBatch, uint64 start) internal {
        List storage list = _listed[miner];
        uint16 index = list.count;
        commitment.listed = true;
        commitment.listIndex = index;
        list.keys[index] = _keyOf(finalBatch, start);
        list.count = index + 1;
        list.used = true;
    }

    /// @dev Takes a commitment off the miner's list; the last entry takes its place.
    function _unlist(address miner, Commitment storage commitment) internal {
        List storage list = _listed[miner];
        uint16 count = list.count - 1;
        uint16 index = commitment.listIndex;
        list.count = count;
        commitment.listed = false;
        if (index == count) return;
        uint128 last = list.keys[count];
        list.keys[index] = last;
        CommitmentKey memory key = _toKey(last);
        _commitments[key.finalBatch][key.round][miner].listIndex = index;
    }

    /// @return amount what it reserved; 0 if it holds no reserve any more
    function _dropReserve(Commitment storage commitment) internal returns (uint256 amount) {
        if (!commitment.holdsReserve) return 0;
        commitment.holdsReserve = false;
        return commitment.reserve;
    }

    /// @dev Owes a share of the pot; with the last one, what rounding left over is free again.
    function _bookShare(address miner, uint64 finalBatch, uint64 start, Commitment storage commitment) private {
        Round storage round = _rounds[finalBatch][start];
        uint256 amount = Shares.share(round.pot, commitment.reserve, round.acceptedWeight);
        uint256 rest = 0;
        if (round.unbooked == 1) rest = round.pot - round.booked - amount;
        else round.booked += uint128(amount); // part of the pot
        round.unbooked--;
        pool.awardEarmarked(miner, amount, rest);
        emit RewardBooked(miner, finalBatch, start, amount);
    }
}
