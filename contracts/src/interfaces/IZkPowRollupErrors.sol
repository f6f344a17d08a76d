// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommitmentState} from "./RollupTypes.sol";

/// @title Why a rollup refuses a call, with the numbers
interface IZkPowRollupErrors {
    /// @notice Only `allowed` may call this.
    error NotAllowed(address caller, address allowed);
    error AlreadyInitialized();
    error ZeroAddress();
    error RollupPaused();
    error NotPaused();

    /// @notice The block time must be `minimum` to `maximum` milliseconds.
    error BlockTimeOutOfRange(uint32 blockTimeMs, uint32 minimum, uint32 maximum);
    /// @notice Settings must have 0 < T2 <= t2Limit and 0 < T1 <= Tmin <= tMinLimit (seconds).
    error WindowOutOfRange(uint32 t1Seconds, uint32 t2Seconds, uint32 tMinSeconds, uint32 t2Limit, uint32 tMinLimit);
    /// @notice Settings must have 100 <= silence < wrong proof <= 10000 and late <= 5000 (basis points).
    error SharesOutOfRange(uint16 silenceShare, uint16 wrongProofShare, uint16 lateShare);
    /// @notice The silence share of the minimum reserve must not be rounded down to nothing.
    error SilenceWouldBeFree(uint256 minimumReserve, uint256 silenceShare);
    /// @notice The rule is not one that the factory has registered, or it is obsolete.
    error RuleNotRegistered(address rule);
    /// @notice A rollup's rule is changed only while everything posted is verified.
    error UnverifiedSequences(uint64 lastVerifiedBatch, uint64 lastBatchSequenced);
    /// @notice An admin's delay must be 1 to `limit` seconds.
    error DelayOutOfRange(uint32 delaySeconds, uint32 limit);
    /// @notice Nothing of the kind was proposed.
    error NothingProposed();
    /// @notice A proposal takes effect from `effectiveBlock` on.
    error TooEarly(uint256 blockNumber, uint256 effectiveBlock);
    /// @notice Proposed settings may be applied for as long as their delay was, up to `lastBlock`.
    error ProposalLapsed(uint256 blockNumber, uint256 lastBlock);

    error EmptySequence();
    /// @notice Checking and chaining the data took more gas than a posting may: post fewer batches at once.
    error PostingTooExpensive(uint256 batches, uint256 gasUsed, uint256 limit);
    /// @notice A batch's time must not be before the last one's, nor after the block's.
    error BatchTimestamp(uint256 batchIndex, uint64 timestamp, uint64 earliest, uint64 latest);
    /// @notice A roll back is under way or was made in this very block.
    error RollbackUnderway();
    /// @notice A roll back begins with a posted sequence that is not verified; one scheduled from a sequence that was
    /// verified meanwhile has lapsed.
    error NothingToRollBack(uint64 firstBatch, uint64 lastVerifiedBatch, uint64 lastBatchSequenced);
    /// @notice A roll back must begin where a sequence begins.
    error NotTheStartOfASequence(uint64 firstBatch);

    /// @notice No posted sequence ends with this batch.
    error NoSuchSequence(uint64 finalNewBatch);
    /// @notice The sequence that ends with `finalNewBatch` begins after `previousLastBatch`, not after `initNumBatch`.
    error NotAWholeSequence(uint64 initNumBatch, uint64 finalNewBatch, uint64 previousLastBatch);
    /// @notice Another posting stands in the place of the one that the commitment names.
    error AnotherPosting(uint64 finalNewBatch, bytes32 accInputHash, bytes32 expected);
    /// @notice The round has other terms than those that the commitment names.
    error OtherTerms(uint256 termsVersion, uint256 expected);
    error AlreadyVerified(uint64 finalNewBatch, uint64 verifiedBlock);
    error ZeroProofHash();
    /// @notice A commitment must reserve `minimum` at least.
    error ReserveTooSmall(uint256 reserve, uint256 minimum);
    /// @notice ProofHashes of this round were taken up to the block before `revealStart`.
    error HashWindowClosed(uint256 blockNumber, uint64 revealStart);
    error AlreadyCommitted(address miner, uint64 finalNewBatch, uint64 round);
    /// @notice Passed on from the pool: the part of the stake that is not reserved is too small. Deposit, or settle
    /// commitments that have ended.
    error InsufficientFreeStake(address miner, uint256 free, uint256 needed);
    /// @notice Passed on from the pool: the miner lets this rollup hold `cap` of its stake at most.
    error CapReached(address miner, address rollup, uint256 reserved, uint256 asked, uint256 cap);
    error TooManyOpenCommitments(uint256 open, uint256 limit);
    /// @notice The miner has no commitment that waits for a proof in this round.
    error NoOpenCommitment(address miner, uint64 finalNewBatch, uint64 round, CommitmentState state);
    error TakeBackTooEarly(uint256 blockNumber, uint256 fromBlock);
    /// @notice The predecessor is verified: reveal instead.
    error PredecessorVerified(uint64 finalNewBatch, uint64 predecessorVerifiedBlock);
    /// @notice Proofs are taken in `[revealStart, revealEnd)`.
    error OutsideRevealWindow(uint256 blockNumber, uint64 revealStart, uint64 revealEnd);
    error ProofLength(uint256 length, uint256 minimum, uint256 maximum);
    /// @notice This type of rollup exports nothing: the root must be 0.
    error LocalExitRootUnsupported(bytes32 newLocalExitRoot);
    /// @notice A rule needs more gas than is left. Send the transaction with a higher gas limit.
    error NotEnoughGas(uint256 have, uint256 need);
    /// @notice The rule used nearly all its gas and did not say yes, which says nothing about the proof: nothing is
    /// punished. Send the transaction with a higher gas limit.
    error VerificationUnknown(uint256 used, uint256 given);
    /// @notice Another's proof is accepted: one that comes after it must give the same state root and exit root.
    error AnotherStateAccepted(
        bytes32 stateRoot, bytes32 acceptedStateRoot, bytes32 exitRoot, bytes32 acceptedExitRoot
    );
    /// @notice A proof after another's acceptance that does not match its hash: refused, nothing is taken.
    error LateProofMismatch(bytes32 proofHash, bytes32 committed);
    /// @notice A proof after another's acceptance that does not verify: refused, nothing is taken.
    error LateProofInvalid();
    /// @notice The commitment was settled, still waits for its proof, or its share is divided from `fromBlock` on.
    error NothingToSettle(address miner, uint64 finalNewBatch, uint64 round, CommitmentState state, uint64 fromBlock);
}
