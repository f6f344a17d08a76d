// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Statement} from "../interfaces/IStatementVerifier.sol";
import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {CommitmentState, Parameters, PenaltyKind, RoundOutcome} from "../interfaces/RollupTypes.sol";
import {GuardedVerifier} from "../libraries/GuardedVerifier.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";
import {Shares} from "../libraries/Shares.sol";
import {Commitments} from "./Commitments.sol";

/// @title Step 2: proofs, acceptance and rewards
abstract contract Verification is Commitments {
    using RoundWindows for RoundWindows.Windows;

    /// @inheritdoc IZkPowRollupActions
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 newStateRoot,
        bytes calldata proof
    ) external returns (bool accepted) {
        if (newLocalExitRoot != 0) revert LocalExitRootUnsupported(newLocalExitRoot);
        Sequence storage sequence = _sequence(initNumBatch, finalNewBatch);
        if (sequence.verifiedBlock != 0) {
            _revealLate(sequence, finalNewBatch, newStateRoot, proof);
            return true;
        }
        return _reveal(sequence, finalNewBatch, newStateRoot, proof);
    }

    /// @inheritdoc IZkPowRollupActions
    function releaseLateRewards(uint64 finalNewBatch) external {
        Sequence storage sequence = _sequences[finalNewBatch];
        uint64 start = sequence.acceptedRound;
        Round storage round = _rounds[finalNewBatch][start];
        if (start == 0 || round.lateRewardsReleased) revert NothingToRelease(finalNewBatch);
        uint256 fromBlock = uint256(sequence.verifiedBlock) + lateRewardBlocks;
        if (block.number < fromBlock) revert LateRewardsStillDue(block.number, fromBlock);
        uint256 amount = round.remaining;
        round.lateRewardsReleased = true;
        round.remaining = 0;
        pool.releaseEarmark(amount);
        emit LateRewardsReleased(finalNewBatch, start, amount);
    }

    /// @dev A proof for a sequence that nobody's proof was accepted for.
    function _reveal(Sequence storage sequence, uint64 finalBatch, bytes32 newStateRoot, bytes calldata proof)
        private
        returns (bool)
    {
        uint64 start = sequence.roundStart;
        Round storage round = _rounds[finalBatch][start];
        Parameters storage parameters_ = _parametersOf(round);
        RoundWindows.Windows memory windows = _windows(sequence, start, parameters_.settings);
        Commitment storage commitment = _openCommitment(finalBatch, start);
        if (!windows.takesProofs(block.number)) {
            revert OutsideRevealWindow(block.number, windows.revealStart, windows.revealEnd);
        }
        _checkLength(proof, parameters_);
        if (
            _proofHash(proof) != commitment.proofHash
                || !_verifies(sequence, finalBatch, newStateRoot, parameters_, proof)
        ) {
            _punish(finalBatch, start, parameters_.settings.wrongProofPenalty);
            return false;
        }
        _accept(sequence, finalBatch, newStateRoot);
        pool.release(msg.sender, _dropReserve(msg.sender, finalBatch, start));
        _reward(finalBatch, start, false);
        return true;
    }

    /// @dev A proof for a sequence that is verified: it earns its share or is refused, and is never punished.
    function _revealLate(Sequence storage sequence, uint64 finalBatch, bytes32 newStateRoot, bytes calldata proof)
        private
    {
        uint64 start = sequence.acceptedRound;
        Commitment storage commitment = _openCommitment(finalBatch, start);
        Parameters storage parameters_ = _parametersOf(_rounds[finalBatch][start]);
        _checkLength(proof, parameters_);
        bytes32 accepted = batchNumToStateRoot[finalBatch];
        if (newStateRoot != accepted) revert StateRootMismatch(newStateRoot, accepted);
        bytes32 proofHash = _proofHash(proof);
        if (proofHash != commitment.proofHash) revert LateProofMismatch(proofHash, commitment.proofHash);
        if (!_verifies(sequence, finalBatch, newStateRoot, parameters_, proof)) revert LateProofInvalid();
        if (commitment.holdsReserve) pool.release(msg.sender, _dropReserve(msg.sender, finalBatch, start));
        _reward(finalBatch, start, true);
    }

    /// @dev The first proof moves the state and sets the reward aside. In the reveal window the predecessor is verified
    /// and this sequence is not, so it is the next one in order.
    function _accept(Sequence storage sequence, uint64 finalBatch, bytes32 newStateRoot) private {
        uint64 start = sequence.roundStart;
        Round storage round = _rounds[finalBatch][start];
        sequence.verifiedBlock = uint64(block.number);
        sequence.acceptedRound = start;
        round.outcome = RoundOutcome.Accepted;
        round.firstProver = msg.sender;
        batchNumToStateRoot[finalBatch] = newStateRoot;
        lastVerifiedBatch = finalBatch;
        uint128 earmarked = uint128(pool.earmark(sequence.reward)); // at most the reward
        round.earmarked = earmarked;
        round.remaining = earmarked;
        emit VerifyBatchesTrustedAggregator(finalBatch, newStateRoot, msg.sender);
        emit SequenceVerified(sequence.previousLastBatch + 1, finalBatch, msg.sender, newStateRoot);
        emit RewardEarmarked(finalBatch, start, earmarked);
    }

    /// @dev Owes the caller its share; once the rest was released, as much of it as is free.
    function _reward(uint64 finalBatch, uint64 start, bool late) private {
        Round storage round = _rounds[finalBatch][start];
        Commitment storage commitment = _commitments[finalBatch][start][msg.sender];
        commitment.state = CommitmentState.Accepted;
        uint256 amount = Shares.share(round.earmarked, commitment.weight, round.totalWeight);
        if (round.lateRewardsReleased) {
            amount = pool.awardFree(msg.sender, amount);
        } else {
            round.remaining -= uint128(amount);
            pool.awardEarmarked(msg.sender, amount);
        }
        emit ProofAccepted(msg.sender, finalBatch, start, late, amount);
    }

    function _punish(uint64 finalBatch, uint64 start, uint256 penalty) private {
        _commitments[finalBatch][start][msg.sender].state = CommitmentState.Wrong;
        uint256 taken = pool.slash(msg.sender, penalty, _dropReserve(msg.sender, finalBatch, start));
        emit PenaltyBooked(msg.sender, finalBatch, start, PenaltyKind.WrongProof, taken);
    }

    function _verifies(
        Sequence storage sequence,
        uint64 finalBatch,
        bytes32 newStateRoot,
        Parameters storage parameters_,
        bytes calldata proof
    ) private view returns (bool) {
        uint64 previousLastBatch = sequence.previousLastBatch;
        Statement memory statement = Statement({
            chainId: block.chainid,
            rollup: address(this),
            firstBatch: previousLastBatch + 1,
            lastBatch: finalBatch,
            oldStateRoot: batchNumToStateRoot[previousLastBatch],
            newStateRoot: newStateRoot,
            oldAccInputHash: _sequences[previousLastBatch].accInputHash,
            newAccInputHash: sequence.accInputHash,
            miner: msg.sender
        });
        return GuardedVerifier.verifies(parameters_.settings.verifier, parameters_.verifierGas, statement, proof);
    }

    function _checkLength(bytes calldata proof, Parameters storage parameters_) private view {
        if (proof.length != parameters_.proofLength) revert ProofLength(proof.length, parameters_.proofLength);
    }

    function _proofHash(bytes calldata proof) private view returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(proof), msg.sender));
    }
}
