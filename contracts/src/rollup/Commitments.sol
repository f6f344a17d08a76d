// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {CommitmentKey, CommitmentState, RoundOutcome} from "../interfaces/RollupTypes.sol";
import {Touch} from "../interfaces/IZkPowPool.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";
import {Settlement} from "./Settlement.sol";

/// @title Step 1: proofHashes, and what they put at risk
abstract contract Commitments is Settlement {
    using RoundWindows for RoundWindows.Windows;

    /// @inheritdoc IZkPowRollupActions
    function submitProofHash(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 proofHash,
        bytes32 accInputHash,
        uint256 termsVersion,
        uint256 reserve
    ) external {
        Sequence storage sequence = _sequence(initNumBatch, finalNewBatch);
        if (sequence.accInputHash != accInputHash) {
            revert AnotherPosting(finalNewBatch, accInputHash, sequence.accInputHash);
        }
        (Round storage round, uint64 start) = _joinRound(sequence, finalNewBatch);
        uint256 version = round.termsVersion;
        if (version != termsVersion) revert OtherTerms(termsVersion, version);
        _commit(round, initNumBatch, finalNewBatch, start, proofHash, reserve);
    }

    /// @inheritdoc IZkPowRollupActions
    function takeBackProofHash(uint64 finalNewBatch) external {
        Sequence storage sequence = _sequences[finalNewBatch];
        uint64 start = sequence.roundStart;
        Commitment storage commitment = _openCommitment(finalNewBatch, start);
        Round storage round = _rounds[finalNewBatch][start];
        RoundWindows.Windows memory windows = _windows(sequence, start, _termsOfRound(round));
        if (windows.revealStart != RoundWindows.NEVER) {
            revert PredecessorVerified(finalNewBatch, _predecessorVerifiedBlock(sequence));
        }
        if (!windows.takesBack(block.number)) revert TakeBackTooEarly(block.number, windows.takeBackStart);

        commitment.state = CommitmentState.TakenBack;
        round.totalWeight -= commitment.reserve;
        round.committers--;
        if (round.committers == 0) sequence.roundStart = 0; // a round without commitments is no round
        _unlist(msg.sender, commitment);
        pool.release(msg.sender, _dropReserve(commitment));
        emit CommitmentTakenBack(msg.sender, finalNewBatch, start);
        pool.touch(finalNewBatch, Touch.TakenBack);
    }

    /// @dev The caller's commitment in a live or accepted round, waiting for its proof.
    function _openCommitment(uint64 finalBatch, uint64 start) internal view returns (Commitment storage commitment) {
        commitment = _commitments[finalBatch][start][msg.sender];
        CommitmentState state = _commitmentStateAt(msg.sender, finalBatch, start, block.number);
        if (state != CommitmentState.Open && state != CommitmentState.Late) {
            revert NoOpenCommitment(msg.sender, finalBatch, start, state);
        }
    }

    function _commit(
        Round storage round,
        uint64 previousLastBatch,
        uint64 finalBatch,
        uint64 start,
        bytes32 proofHash,
        uint256 reserve
    ) private {
        if (proofHash == 0) revert ZeroProofHash();
        Commitment storage commitment = _commitments[finalBatch][start][msg.sender];
        if (commitment.state != CommitmentState.None) revert AlreadyCommitted(msg.sender, finalBatch, start);
        uint256 minimum = _termsOfRound(round).minimumReserve;
        if (reserve < minimum) revert ReserveTooSmall(reserve, minimum);

        _reserve(reserve, finalBatch);
        uint128 weight = SafeCast.toUint128(reserve);
        round.committers++;
        round.totalWeight += weight;
        commitment.proofHash = proofHash;
        commitment.reserve = weight;
        commitment.state = CommitmentState.Open;
        commitment.holdsReserve = true;
        _list(msg.sender, commitment, finalBatch, start);

        emit SubmitProofHash(msg.sender, previousLastBatch, finalBatch, proofHash);
        emit CommitmentMade(msg.sender, finalBatch, start, proofHash, reserve);
    }

    /// @dev S of the round that a proofHash of this block belongs to; a new one where none lives.
    function _joinRound(Sequence storage sequence, uint64 finalBatch)
        private
        returns (Round storage round, uint64 start)
    {
        if (sequence.verifiedBlock != 0) revert AlreadyVerified(finalBatch, sequence.verifiedBlock);
        start = sequence.roundStart;
        round = _rounds[finalBatch][start];
        if (start != 0) {
            RoundWindows.Windows memory windows = _windows(sequence, start, _termsOfRound(round));
            if (windows.takesHashes(block.number)) return (round, start);
            if (!windows.isOver(block.number)) revert HashWindowClosed(block.number, windows.revealStart);
            round.outcome = RoundOutcome.Failed;
        }
        // A round that is open goes on through a pause: else an admin could let its own miner in and shut out all others.
        if (paused) revert RollupPaused();
        start = uint64(block.number);
        sequence.roundStart = start;
        sequence.tMinStart = _tMinStartOfNewRound(sequence);
        round = _rounds[finalBatch][start];
        round.termsVersion = _termsVersion;
    }

    /// @dev Reserves in the pool, first settling what is over, as much as the caller's list and stake need.
    function _reserve(uint256 amount, uint64 finalBatch) private {
        List storage list = _listed[msg.sender];
        bool full = list.count == MAXIMUM_OPEN_COMMITMENTS;
        if (!full) {
            try pool.reserve(msg.sender, amount, finalBatch) {
                return;
            } catch {} // the stake is short, or the cap
        }
        bool short = !full || _isShort(amount);
        uint256 i = 0;
        while ((full || short) && i < list.count) {
            CommitmentKey memory key = _toKey(list.keys[i]);
            bool helps = full || _commitments[key.finalBatch][key.round][msg.sender].holdsReserve;
            if (!helps || !_settleIfOver(msg.sender, key.finalBatch, key.round)) {
                i++;
                continue;
            }
            full = false;
            short = short && _isShort(amount);
        }
        if (full) revert TooManyOpenCommitments(MAXIMUM_OPEN_COMMITMENTS, MAXIMUM_OPEN_COMMITMENTS);
        pool.reserve(msg.sender, amount, finalBatch);
    }

    function _isShort(uint256 amount) private view returns (bool) {
        return pool.reservableOf(address(this), msg.sender) < amount;
    }
}
