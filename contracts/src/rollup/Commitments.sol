// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {CommitmentKey, CommitmentState, PenaltyKind, RoundOutcome, Settings} from "../interfaces/RollupTypes.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";
import {Sequencing} from "./Sequencing.sol";

/// @title Step 1: proofHashes, and what they reserve until they are settled
abstract contract Commitments is Sequencing {
    using RoundWindows for RoundWindows.Windows;

    /// @inheritdoc IZkPowRollupActions
    function submitProofHash(uint64 initNumBatch, uint64 finalNewBatch, bytes32 proofHash) external whenNotPaused {
        if (proofHash == 0) revert ZeroProofHash();
        Sequence storage sequence = _sequence(initNumBatch, finalNewBatch);
        if (sequence.verifiedBlock != 0) revert AlreadyVerified(finalNewBatch, sequence.verifiedBlock);
        uint64 start = _joinRound(sequence, finalNewBatch);
        Commitment storage commitment = _commitments[finalNewBatch][start][msg.sender];
        if (commitment.state != CommitmentState.None) revert AlreadyCommitted(msg.sender, finalNewBatch, start);

        Round storage round = _rounds[finalNewBatch][start];
        Settings storage settings = _parametersOf(round).settings;
        uint256 weight = _reserve(settings.silencePenalty, settings.minimumDeposit);
        round.committers++;
        round.totalWeight += weight;
        commitment.proofHash = proofHash;
        commitment.weight = SafeCast.toUint128(weight);
        commitment.state = CommitmentState.Open;
        commitment.holdsReserve = true;
        commitment.listIndex = uint32(_reserving[msg.sender].length);
        _reserving[msg.sender].push(CommitmentKey(finalNewBatch, start));

        emit SubmitProofHash(msg.sender, initNumBatch, finalNewBatch, proofHash);
        emit CommitmentMade(msg.sender, finalNewBatch, start, proofHash, weight);
    }

    /// @inheritdoc IZkPowRollupActions
    function takeBackProofHash(uint64 finalNewBatch) external {
        Sequence storage sequence = _sequences[finalNewBatch];
        uint64 start = sequence.roundStart;
        Commitment storage commitment = _openCommitment(finalNewBatch, start);
        Round storage round = _rounds[finalNewBatch][start];
        RoundWindows.Windows memory windows = _windows(sequence, start, _parametersOf(round).settings);
        if (windows.revealStart != RoundWindows.NEVER) {
            revert PredecessorVerified(finalNewBatch, _predecessorVerifiedBlock(sequence));
        }
        if (!windows.takesBack(block.number)) revert TakeBackTooEarly(block.number, windows.takeBackStart);

        commitment.state = CommitmentState.TakenBack;
        round.totalWeight -= commitment.weight;
        round.committers--;
        if (round.committers == 0) sequence.roundStart = 0; // a round without commitments is no round
        pool.release(msg.sender, _dropReserve(msg.sender, finalNewBatch, start));
        emit CommitmentTakenBack(msg.sender, finalNewBatch, start);
    }

    /// @inheritdoc IZkPowRollupActions
    function settle(address miner, uint64 finalNewBatch, uint64 round) external {
        if (!_settleIfOver(miner, finalNewBatch, round)) {
            CommitmentState state = _commitmentStateAt(miner, finalNewBatch, round, block.number);
            revert NothingToSettle(miner, finalNewBatch, round, state);
        }
    }

    /// @inheritdoc IZkPowRollupActions
    function settleMany(address miner, uint256 limit) public returns (uint256 settled) {
        CommitmentKey[] storage keys = _reserving[miner];
        uint256 i = 0;
        while (i < keys.length && settled < limit) {
            // The last entry takes the place of a settled one.
            if (_settleIfOver(miner, keys[i].finalBatch, keys[i].round)) settled++;
            else i++;
        }
    }

    /// @dev The caller's commitment in a live or accepted round, waiting for its proof.
    function _openCommitment(uint64 finalBatch, uint64 start) internal view returns (Commitment storage commitment) {
        commitment = _commitments[finalBatch][start][msg.sender];
        CommitmentState state = _commitmentStateAt(msg.sender, finalBatch, start, block.number);
        if (state != CommitmentState.Open && state != CommitmentState.Late) {
            revert NoOpenCommitment(msg.sender, finalBatch, start, state);
        }
    }

    /// @dev Takes a commitment off the miner's list.
    /// @return amount what it reserved; 0 if it holds no reserve any more
    function _dropReserve(address miner, uint64 finalBatch, uint64 start) internal returns (uint256 amount) {
        Commitment storage commitment = _commitments[finalBatch][start][miner];
        if (!commitment.holdsReserve) return 0;
        commitment.holdsReserve = false;
        CommitmentKey[] storage keys = _reserving[miner];
        CommitmentKey memory last = keys[keys.length - 1];
        keys[commitment.listIndex] = last;
        _commitments[last.finalBatch][last.round][miner].listIndex = commitment.listIndex;
        keys.pop();
        return _parametersOf(_rounds[finalBatch][start]).settings.silencePenalty;
    }

    /// @dev S of the round that a proofHash of this block belongs to; a new one where none lives.
    function _joinRound(Sequence storage sequence, uint64 finalBatch) private returns (uint64 start) {
        start = sequence.roundStart;
        if (start != 0) {
            Round storage round = _rounds[finalBatch][start];
            RoundWindows.Windows memory windows = _windows(sequence, start, _parametersOf(round).settings);
            if (windows.takesHashes(block.number)) return start;
            if (!windows.isOver(block.number)) revert HashWindowClosed(block.number, windows.revealStart);
            round.outcome = RoundOutcome.Failed;
        }
        start = uint64(block.number);
        sequence.roundStart = start;
        _rounds[finalBatch][start].parametersVersion = uint32(_parameters.length - 1);
    }

    /// @dev Reserves in the pool, first settling what is over if the caller's deposit or list needs it.
    function _reserve(uint256 amount, uint256 minimumFree) private returns (uint256 weight) {
        uint256 open = _reserving[msg.sender].length;
        if (open >= MAXIMUM_OPEN_COMMITMENTS && settleMany(msg.sender, 1) == 0) {
            revert TooManyOpenCommitments(open, MAXIMUM_OPEN_COMMITMENTS);
        }
        _releaseUntilFree(minimumFree + amount);
        return pool.reserve(msg.sender, amount, minimumFree);
    }

    /// @dev Gives back reserves of the caller that another's proof or a roll back has freed, as many as it takes.
    function _releaseUntilFree(uint256 needed) private {
        CommitmentKey[] storage keys = _reserving[msg.sender];
        uint256 free = pool.unreservedDepositOf(address(this), msg.sender);
        uint256 i = 0;
        while (i < keys.length && free < needed) {
            RoundOutcome outcome = _outcomeAt(keys[i].finalBatch, keys[i].round, block.number);
            if (outcome == RoundOutcome.Accepted || outcome == RoundOutcome.RolledBack) {
                _settleIfOver(msg.sender, keys[i].finalBatch, keys[i].round);
                free = pool.unreservedDepositOf(address(this), msg.sender);
            } else {
                i++; // open, or failed: settling it would free nothing
            }
        }
    }

    /// @dev Books the end of a commitment, if it has come.
    function _settleIfOver(address miner, uint64 finalBatch, uint64 start) private returns (bool) {
        RoundOutcome outcome = _outcomeAt(finalBatch, start, block.number);
        bool holdsReserve = _commitments[finalBatch][start][miner].holdsReserve;
        if (!holdsReserve || outcome == RoundOutcome.Undecided) return false;
        uint256 reserved = _dropReserve(miner, finalBatch, start);
        if (outcome == RoundOutcome.Failed) {
            uint256 taken = pool.slash(miner, reserved, reserved);
            emit PenaltyBooked(miner, finalBatch, start, PenaltyKind.Silence, taken);
        } else {
            pool.release(miner, reserved);
            emit CommitmentReleased(miner, finalBatch, start);
        }
        return true;
    }
}
