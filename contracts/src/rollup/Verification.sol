// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Statement} from "../interfaces/ITypeRule.sol";
import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {CommitmentState, PenaltyKind, RoundOutcome, Terms} from "../interfaces/RollupTypes.sol";
import {GuardedRule} from "../libraries/GuardedRule.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";
import {Shares} from "../libraries/Shares.sol";
import {Commitments} from "./Commitments.sol";

/// @title Step 2: proofs and acceptance
abstract contract Verification is Commitments {
    using RoundWindows for RoundWindows.Windows;

    /// @dev What a reveal brings.
    struct Reveal {
        uint64 finalBatch;
        /// S of the round.
        uint64 start;
        bytes32 exitRoot;
        bytes32 stateRoot;
    }

    /// @inheritdoc IZkPowRollupActions
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 newStateRoot,
        bytes calldata proof
    ) external returns (bool accepted) {
        Sequence storage sequence = _sequence(initNumBatch, finalNewBatch);
        Reveal memory reveal = Reveal(finalNewBatch, sequence.roundStart, newLocalExitRoot, newStateRoot);
        Commitment storage commitment = _openCommitment(finalNewBatch, reveal.start);
        Terms storage terms = _termsOfRound(_rounds[finalNewBatch][reveal.start]);
        _checkForm(newLocalExitRoot, proof, terms);
        RoundWindows.Windows memory windows = _windows(sequence, reveal.start, terms);
        if (sequence.verifiedBlock != 0) {
            _revealAfterAcceptance(sequence, reveal, commitment, terms, proof);
            if (block.number < windows.revealEnd) _acceptInTime(reveal, commitment);
            else _acceptLate(reveal, commitment, terms);
            return true;
        }
        if (!windows.takesProofs(block.number)) {
            revert OutsideRevealWindow(block.number, windows.revealStart, windows.revealEnd);
        }
        if (_proofHash(proof) != commitment.proofHash || !_verifies(sequence, reveal, terms, proof)) {
            commitment.state = CommitmentState.Wrong;
            _unlist(msg.sender, commitment);
            _penalise(msg.sender, finalNewBatch, reveal.start, _dropReserve(commitment), PenaltyKind.WrongProof);
            return false;
        }
        _acceptFirst(sequence, reveal, commitment);
        return true;
    }

    /// @dev Checks a proof for a sequence that is verified: it is accepted or refused, and never punished.
    function _revealAfterAcceptance(
        Sequence storage sequence,
        Reveal memory reveal,
        Commitment storage commitment,
        Terms storage terms,
        bytes calldata proof
    ) private view {
        bytes32 stateRoot = batchNumToStateRoot[reveal.finalBatch];
        bytes32 exitRoot = batchNumToLocalExitRoot[reveal.finalBatch];
        if (reveal.stateRoot != stateRoot || reveal.exitRoot != exitRoot) {
            revert AnotherStateAccepted(reveal.stateRoot, stateRoot, reveal.exitRoot, exitRoot);
        }
        bytes32 proofHash = _proofHash(proof);
        if (proofHash != commitment.proofHash) revert LateProofMismatch(proofHash, commitment.proofHash);
        if (!_verifies(sequence, reveal, terms, proof)) revert LateProofInvalid();
    }

    /// @dev The first proof moves the state and sets the pot aside. In the reveal window the predecessor is verified and
    /// this sequence is not, so it is the next one in order.
    function _acceptFirst(Sequence storage sequence, Reveal memory reveal, Commitment storage commitment) private {
        (uint64 finalBatch, uint64 start) = (reveal.finalBatch, reveal.start);
        Round storage round = _rounds[finalBatch][start];
        sequence.verifiedBlock = uint64(block.number);
        round.outcome = RoundOutcome.Accepted;
        round.unbooked = 1;
        commitment.state = CommitmentState.Accepted;
        batchNumToStateRoot[finalBatch] = reveal.stateRoot;
        if (reveal.exitRoot != 0) batchNumToLocalExitRoot[finalBatch] = reveal.exitRoot;
        lastVerifiedBatch = finalBatch;
        uint256 pot = pool.accept(msg.sender, _dropReserve(commitment), sequence.reward, finalBatch);
        round.pot = uint128(pot); // at most the reward
        round.acceptedWeight = commitment.reserve;
        emit VerifyBatchesTrustedAggregator(finalBatch, reveal.stateRoot, msg.sender);
        emit SequenceVerified(sequence.previousLastBatch + 1, finalBatch, msg.sender, reveal.stateRoot);
        emit RewardEarmarked(finalBatch, start, pot);
        emit ProofAccepted(msg.sender, finalBatch, start, false, 0);
    }

    /// @dev Another proof before E shares the pot.
    function _acceptInTime(Reveal memory reveal, Commitment storage commitment) private {
        Round storage round = _rounds[reveal.finalBatch][reveal.start];
        round.unbooked++;
        round.acceptedWeight += commitment.reserve;
        commitment.state = CommitmentState.Accepted;
        pool.release(msg.sender, _dropReserve(commitment));
        emit ProofAccepted(msg.sender, reveal.finalBatch, reveal.start, false, 0);
    }

    /// @dev A proof from E on leaves the pot alone, and is paid out of what is free.
    function _acceptLate(Reveal memory reveal, Commitment storage commitment, Terms storage terms) private {
        Round storage round = _rounds[reveal.finalBatch][reveal.start];
        uint256 amount =
            Shares.lateReward(round.pot, commitment.reserve, round.acceptedWeight, terms.lateShare, round.paidLate);
        commitment.state = CommitmentState.Accepted;
        if (commitment.listed) _unlist(msg.sender, commitment);
        amount = pool.awardLate(msg.sender, _dropReserve(commitment), amount);
        round.paidLate += uint128(amount); // at most half the pot
        emit ProofAccepted(msg.sender, reveal.finalBatch, reveal.start, true, amount);
    }

    function _verifies(Sequence storage sequence, Reveal memory reveal, Terms storage terms, bytes calldata proof)
        private
        view
        returns (bool)
    {
        uint64 previousLastBatch = sequence.previousLastBatch;
        Statement memory statement = Statement({
            chainId: block.chainid,
            rollup: address(this),
            firstBatch: previousLastBatch + 1,
            lastBatch: reveal.finalBatch,
            oldStateRoot: batchNumToStateRoot[previousLastBatch],
            newStateRoot: reveal.stateRoot,
            oldAccInputHash: _sequences[previousLastBatch].accInputHash,
            newAccInputHash: sequence.accInputHash,
            newLocalExitRoot: reveal.exitRoot,
            miner: msg.sender
        });
        return GuardedRule.verifies(terms.rule, terms.verificationGas, statement, proof);
    }

    function _checkForm(bytes32 exitRoot, bytes calldata proof, Terms storage terms) private view {
        uint256 length = proof.length;
        if (length < terms.minimumProofLength || length > terms.maximumProofLength) {
            revert ProofLength(length, terms.minimumProofLength, terms.maximumProofLength);
        }
        if (exitRoot != 0 && !terms.hasExitRoots) revert LocalExitRootUnsupported(exitRoot);
    }

    function _proofHash(bytes calldata proof) private view returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(proof), msg.sender));
    }
}
