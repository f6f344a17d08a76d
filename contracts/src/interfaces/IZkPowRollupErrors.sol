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

    /// @notice Settings must have 0 < T1 <= limit and 0 < T2 <= limit (blocks).
    error WindowOutOfRange(uint64 t1, uint64 t2, uint64 limit);
    /// @notice Settings must have 0 < silence < wrong proof <= minimum deposit (wei).
    error PenaltiesOutOfOrder(uint256 silencePenalty, uint256 wrongProofPenalty, uint256 minimumDeposit);
    /// @notice The verifier's gas must be 1 to `limit`, its proofs 1 to 2^32 - 1 bytes. Both are 0 where there is none.
    error VerifierUnusable(address verifier, uint256 verifierGas, uint256 limit, uint256 proofLength);
    /// @notice An admin's delay must be 1 to `limit` blocks.
    error DelayOutOfRange(uint64 delayBlocks, uint64 limit);
    /// @notice A rule needs recordBytes > 0, maxRecords > 0 and recordBytes * maxRecords <= paddedBytes.
    error DataRuleUnusable(uint32 recordBytes, uint32 maxRecords, uint32 paddedBytes);
    /// @notice Nothing of the kind was proposed.
    error NothingProposed();
    /// @notice A proposal takes effect from `effectiveBlock` on.
    error TooEarly(uint256 blockNumber, uint256 effectiveBlock);
    /// @notice Proposed settings may be applied for as long as their delay was, up to `lastBlock`.
    error ProposalLapsed(uint256 blockNumber, uint256 lastBlock);

    error EmptySequence();
    error TooManyBatches(uint256 batches, uint256 limit);
    /// @notice A batch must hold whole records, `maxRecords` at most.
    error BatchDataLength(uint256 batchIndex, uint256 length, uint32 recordBytes, uint32 maxRecords);
    /// @notice A batch's time must not be before the last one's, nor after the block's.
    error BatchTimestamp(uint256 batchIndex, uint64 timestamp, uint64 earliest, uint64 latest);
    error ForcedBatchesUnsupported(uint256 batchIndex, uint64 minForcedTimestamp);
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
    error AlreadyVerified(uint64 finalNewBatch, uint64 verifiedBlock);
    error ZeroProofHash();
    /// @notice ProofHashes of this round were taken up to the block before `revealStart`.
    error HashWindowClosed(uint256 blockNumber, uint64 revealStart);
    error AlreadyCommitted(address miner, uint64 finalNewBatch, uint64 round);
    /// @notice Passed on from the pool: free deposit (neither being withdrawn nor reserved) is too small.
    error InsufficientFreeDeposit(address miner, uint256 free, uint256 needed);
    error TooManyOpenCommitments(uint256 open, uint256 limit);
    /// @notice The miner has no commitment that waits for a proof in this round.
    error NoOpenCommitment(address miner, uint64 finalNewBatch, uint64 round, CommitmentState state);
    error TakeBackTooEarly(uint256 blockNumber, uint256 fromBlock);
    /// @notice The predecessor is verified: reveal instead.
    error PredecessorVerified(uint64 finalNewBatch, uint64 predecessorVerifiedBlock);
    /// @notice Proofs are taken in `[revealStart, revealEnd)`.
    error OutsideRevealWindow(uint256 blockNumber, uint64 revealStart, uint64 revealEnd);
    error ProofLength(uint256 length, uint256 expected);
    /// @notice This type of rollup has no exits: the root must be 0.
    error LocalExitRootUnsupported(bytes32 newLocalExitRoot);
    /// @notice The verifier must have `need` gas left before it; send the transaction with a higher gas limit.
    error NotEnoughGas(uint256 have, uint256 need);
    /// @notice A late proof must give the accepted state root.
    error StateRootMismatch(bytes32 newStateRoot, bytes32 acceptedStateRoot);
    /// @notice A late proof that does not match its hash: refused, nothing is taken.
    error LateProofMismatch(bytes32 proofHash, bytes32 committed);
    /// @notice A late proof that does not verify: refused, nothing is taken.
    error LateProofInvalid();
    /// @notice The commitment holds no reserve, or still waits for its proof.
    error NothingToSettle(address miner, uint64 finalNewBatch, uint64 round, CommitmentState state);
    /// @notice Shares of late proofs stay earmarked up to `fromBlock`.
    error LateRewardsStillDue(uint256 blockNumber, uint256 fromBlock);
    error NothingToRelease(uint64 finalNewBatch);
}
