// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "./IZkPowPool.sol";

/// @notice One batch as the sequencer posts it.
struct BatchData {
    /// The rollup's own data: whole records, as the rollup type's data rule says.
    bytes transactions;
    /// Bound into the accumulated input hash, not read.
    bytes32 globalExitRoot;
    /// Seconds since 1970; not decreasing, not in the future.
    uint64 timestamp;
    /// Must be 0: there are no forced batches.
    uint64 minForcedTimestamp;
}

/// @notice Which data a batch of a rollup type may hold.
struct DataRule {
    /// Length of one record, in bytes.
    uint32 recordBytes;
    /// Most records that a batch may hold.
    uint32 maxRecords;
    /// Length to which the data is padded with zero bytes before it is hashed.
    uint32 paddedBytes;
}

/// @notice What the admin sets, as it proposes it.
struct Settings {
    /// T1: blocks in which proofHashes are taken, from the first one on.
    uint64 t1;
    /// T2: blocks in which proofs are taken.
    uint64 t2;
    /// Taken from every silent committer of a round in which nothing was accepted.
    uint128 silencePenalty;
    /// Taken for a reveal that does not match its hash or does not verify.
    uint128 wrongProofPenalty;
    /// Free deposit that a miner must keep beside what its open commitments reserve.
    uint128 minimumDeposit;
    /// Reward of a sequence.
    uint128 rewardPerSequence;
    /// Reward added for each of its batches that is not empty.
    uint128 rewardPerBatch;
    /// Most that one sequence may be rewarded.
    uint128 rewardCap;
    /// Verifier of the rollup type.
    address verifier;
}

/// @notice Settings in force, with the verifier's own figures read once. A round keeps the version it began with.
struct Parameters {
    Settings settings;
    /// Gas that the verifier is called with.
    uint64 verifierGas;
    /// Length of every proof, in bytes.
    uint32 proofLength;
}

/// @notice How a round ended.
enum RoundOutcome {
    /// Still open, or over without that being written down yet.
    Undecided,
    /// A proof was accepted.
    Accepted,
    /// Nothing was accepted before its end.
    Failed,
    /// Its sequence was rolled back before that.
    RolledBack
}

/// @notice What has become of a proofHash.
enum CommitmentState {
    /// There is none.
    None,
    /// Waits for its proof.
    Open,
    /// Another miner's proof was accepted in its round; its own may still come and cannot be punished.
    Late,
    /// A wrong proof was revealed for it.
    Wrong,
    /// The miner took it back.
    TakenBack,
    /// Its round ended with nothing accepted.
    Failed,
    /// Its proof was accepted.
    Accepted,
    /// Its sequence was rolled back.
    RolledBack
}

/// @notice Why a penalty was taken.
enum PenaltyKind {
    Silence,
    WrongProof
}

/// @notice Names a commitment of a miner.
struct CommitmentKey {
    /// Last batch of the sequence.
    uint64 finalBatch;
    /// S: the block that opened the round.
    uint64 round;
}

/// @notice All that a miner needs to decide its next step, read at one block. Everything that depends on the block is
/// said of the next one (`blockNumber + 1`), the first that a transaction can land in.
struct SequenceView {
    /// Block that the view was read at, and the hash of the block before it.
    uint64 blockNumber;
    bytes32 parentHash;
    /// Whether a sequence with exactly these batches is posted.
    bool posted;
    /// Block of its posting.
    uint64 postedBlock;
    /// Last batch of the sequence before it, 0 for the first.
    uint64 previousLastBatch;
    bytes32 accInputHash;
    bytes32 oldAccInputHash;
    /// State root before it; 0 while the predecessor is not verified.
    bytes32 oldStateRoot;
    uint64 lastVerifiedBatch;
    /// P: block in which the predecessor was verified, 0 for the first sequence, 2^64 - 1 while it is not.
    uint64 predecessorVerifiedBlock;
    /// Round in which a proof was accepted, 0 while none is.
    uint64 acceptedRound;
    uint64 acceptedBlock;
    address firstProver;
    bytes32 acceptedStateRoot;
    /// S of the round that lives at the next block, else 0; R and E, 2^64 - 1 while the predecessor is not verified.
    uint64 roundStart;
    uint64 revealStart;
    uint64 revealEnd;
    /// Number of standing commitments and the sum of their weights in the accepted round, else in the live one.
    uint64 committers;
    uint256 totalWeight;
    /// Settings of the accepted or live round, else those a new round would get.
    uint64 t1;
    uint64 t2;
    uint256 silencePenalty;
    uint256 wrongProofPenalty;
    uint256 minimumDeposit;
    address verifier;
    /// The miner's commitment in the accepted round, else in the live one, else in the last one that failed.
    uint64 ownRound;
    bytes32 ownProofHash;
    CommitmentState ownState;
    /// What the miner would be paid if its proof were accepted now.
    uint256 ownReward;
    /// Rounds of this sequence that failed with an open commitment of the miner, not settled yet.
    uint64[] failedRounds;
    /// The miner's deposit here, and what of it is neither being withdrawn nor reserved.
    uint256 deposit;
    uint256 freeDeposit;
    /// How many of the miner's commitments still hold a reserve that no settling would release, and the most there may be.
    uint64 openCommitments;
    uint64 maximumOpenCommitments;
    /// New sequences and new proofHashes are refused.
    bool paused;
}

/// @notice Configuration of a rollup, given once by the factory.
struct RollupConfig {
    string rollupType;
    DataRule dataRule;
    address admin;
    address sequencer;
    Settings settings;
    /// Blocks between an admin's proposal and its effect.
    uint64 adminDelayBlocks;
    /// Blocks after acceptance in which the shares of late proofs stay earmarked.
    uint64 lateRewardBlocks;
    bytes32 genesisStateRoot;
    bytes genesisData;
}

interface IZkPowRollupEvents {
    /// @notice The rollup's first state, with what its type needs to rebuild it.
    event Genesis(bytes32 stateRoot, bytes data);
    /// @notice A sequence was posted (published name); `numBatch` is its last batch.
    event SequenceBatches(uint64 indexed numBatch);
    /// @notice A sequence was posted; `reward` is what it may earn at most.
    event SequencePosted(
        uint64 indexed firstBatch, uint64 indexed lastBatch, bytes32 indexed accInputHash, uint256 reward
    );
    /// @notice The first proof of a sequence was accepted.
    event SequenceVerified(
        uint64 indexed firstBatch, uint64 indexed lastBatch, address indexed firstProver, bytes32 stateRoot
    );
    /// @notice The first proof of a sequence was accepted (published name).
    event VerifyBatchesTrustedAggregator(uint64 indexed numBatch, bytes32 stateRoot, address indexed aggregator);
    /// @notice An unverified sequence was taken out by the admin.
    event SequenceRolledBack(uint64 indexed firstBatch, uint64 indexed lastBatch, bytes32 indexed accInputHash);

    /// @notice A proofHash was taken (published name and form: nothing indexed).
    event SubmitProofHash(address _prover, uint64 initNumBatch, uint64 finalNewBatch, bytes32 _proofHash);
    /// @notice A proofHash was taken in the round that block `round` opened.
    event CommitmentMade(
        address indexed miner, uint64 indexed finalBatch, uint64 indexed round, bytes32 proofHash, uint256 weight
    );
    /// @notice A miner took its proofHash back.
    event CommitmentTakenBack(address indexed miner, uint64 indexed finalBatch, uint64 indexed round);
    /// @notice What a commitment reserved is free again, without a penalty.
    event CommitmentReleased(address indexed miner, uint64 indexed finalBatch, uint64 indexed round);
    /// @notice A miner's proof was accepted; `late` if another's was first.
    event ProofAccepted(
        address indexed miner, uint64 indexed finalBatch, uint64 indexed round, bool late, uint256 reward
    );
    /// @notice A penalty was taken from a miner's deposit.
    event PenaltyBooked(
        address indexed miner, uint64 indexed finalBatch, uint64 indexed round, PenaltyKind kind, uint256 amount
    );
    /// @notice The reward of a sequence was set aside for the committers of the round.
    event RewardEarmarked(uint64 indexed finalBatch, uint64 indexed round, uint256 amount);
    /// @notice Shares that nobody earned in time went back to the rollup's rewards.
    event LateRewardsReleased(uint64 indexed finalBatch, uint64 indexed round, uint256 amount);

    event SettingsProposed(Settings settings, uint64 effectiveBlock);
    event SettingsApplied(uint256 indexed version, Settings settings);
    event SettingsProposalCancelled();
    event RollbackScheduled(uint64 firstBatch, uint64 effectiveBlock);
    event RollbackCancelled();
    event Paused();
    event Resumed();
    event SequencerChanged(address sequencer);
    event AdminProposed(address newAdmin);
    event AdminChanged(address admin);
}

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
    /// @notice The verifier's gas must be 1 to `limit`, its proofs 1 to 2^32 - 1 bytes.
    error VerifierUnusable(address verifier, uint256 verifierGas, uint256 limit, uint256 proofLength);
    /// @notice An admin's delay must be 1 to `limit` blocks.
    error DelayOutOfRange(uint64 delayBlocks, uint64 limit);
    /// @notice A rule needs recordBytes > 0, maxRecords > 0 and recordBytes * maxRecords <= paddedBytes.
    error DataRuleUnusable(uint32 recordBytes, uint32 maxRecords, uint32 paddedBytes);
    /// @notice Nothing of the kind was proposed.
    error NothingProposed();
    /// @notice A proposal takes effect from `effectiveBlock` on.
    error TooEarly(uint256 blockNumber, uint256 effectiveBlock);

    error EmptySequence();
    error TooManyBatches(uint256 batches, uint256 limit);
    /// @notice A batch must hold whole records, `maxRecords` at most.
    error BatchDataLength(uint256 batchIndex, uint256 length, uint32 recordBytes, uint32 maxRecords);
    /// @notice A batch's time must not be before the last one's, nor after the block's.
    error BatchTimestamp(uint256 batchIndex, uint64 timestamp, uint64 earliest, uint64 latest);
    error ForcedBatchesUnsupported(uint256 batchIndex, uint64 minForcedTimestamp);
    /// @notice A roll back is under way or was made in this very block.
    error RollbackUnderway();
    error NothingToRollBack(uint64 firstBatch, uint64 lastVerifiedBatch, uint64 lastBatchSequenced);
    /// @notice A roll back must begin where a sequence begins.
    error NotTheStartOfASequence(uint64 firstBatch, uint64 sequenceFirstBatch);

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

/// @title One rollup: its posted data, its state, and the two-step submission of proofs
/// @notice Names and signatures of the published system are kept. `initNumBatch` is the first batch less one,
/// `finalNewBatch` the last batch of a sequence. A round is one try at a sequence. With S the block of its first
/// proofHash, P the block in which the predecessor was verified (0 for the first sequence, infinite while it is not):
/// R = max(S + T1, P + 1), E = R + T2; proofHashes are taken in blocks [S, R), proofs in [R, E).
interface IZkPowRollup is IZkPowRollupEvents, IZkPowRollupErrors {
    /// @notice Posts one sequence. Sequencer only.
    function sequenceBatches(BatchData[] calldata batches, address l2Coinbase) external;

    /// @notice Step 1: commits to a final proof. Opens a round where none lives.
    /// @param proofHash keccak256(abi.encodePacked(keccak256(proof), msg.sender))
    function submitProofHash(uint64 initNumBatch, uint64 finalNewBatch, bytes32 proofHash) external;

    /// @notice Step 2: reveals a final proof.
    /// @return accepted false if the proof did not match its hash or did not verify: the wrong-proof penalty is booked
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newLocalExitRoot,
        bytes32 newStateRoot,
        bytes calldata proof
    ) external returns (bool accepted);

    /// @notice Takes the caller's proofHash out of the live round: from block S + T1 on, while the predecessor is not
    /// verified. The caller cannot commit again in that round.
    function takeBackProofHash(uint64 finalNewBatch) external;

    /// @notice Books what is due on one commitment, for anybody who calls: the silence penalty if its round failed,
    /// else gives back what it reserved. Reverts while the commitment is open or if nothing is due.
    function settle(address miner, uint64 finalNewBatch, uint64 round) external;

    /// @notice Settles as many of a miner's commitments as are over, `limit` at most.
    /// @return settled how many
    function settleMany(address miner, uint256 limit) external returns (uint256 settled);

    /// @notice Gives the shares that nobody earned within `lateRewardBlocks` back to the rollup's later rewards.
    function releaseLateRewards(uint64 finalNewBatch) external;

    /// @notice Proposes settings; they may be applied `adminDelayBlocks` later. Rounds that are open keep theirs.
    function proposeSettings(Settings calldata settings) external;
    function applySettings() external;
    function cancelSettings() external;

    /// @notice Schedules the unverified sequences from the one that begins with `firstBatch` to the newest for removal.
    function scheduleRollback(uint64 firstBatch) external;
    /// @notice Removes scheduled sequences, newest first, `limit` at most in this call; posting waits until all are out.
    /// @return removed how many
    function executeRollback(uint256 limit) external returns (uint256 removed);
    function cancelRollback() external;

    /// @notice Refuses new sequences and new proofHashes from now on; reveals are never refused.
    function pause() external;
    function resume() external;
    function setSequencer(address newSequencer) external;
    function proposeAdmin(address newAdmin) external;
    function acceptAdmin() external;

    /// @notice All chain fields of a miner's decision about one sequence.
    function sequenceView(uint64 initNumBatch, uint64 finalNewBatch, address miner)
        external
        view
        returns (SequenceView memory);

    /// @notice Commitments of a miner that still hold a reserve.
    function openCommitments(address miner) external view returns (CommitmentKey[] memory);

    function commitmentState(address miner, uint64 finalNewBatch, uint64 round) external view returns (CommitmentState);
    function roundOutcome(uint64 finalNewBatch, uint64 round) external view returns (RoundOutcome);

    /// @notice What of a miner's reserved deposit settling would release now.
    function releasableReserve(address miner) external view returns (uint256);

    /// @notice A posted sequence by its last batch (published form). `blockNumber` is S of its last round, 0 if none.
    function sequencedBatches(uint64 finalNewBatch)
        external
        view
        returns (
            bytes32 accInputHash,
            uint64 sequencedTimestamp,
            uint64 previousLastBatchSequenced,
            uint256 blockNumber,
            bool proofSubmitted
        );

    /// @notice A miner's commitment in the last round of a sequence (published form).
    function proverCommitProofHash(uint64 finalNewBatch, address miner)
        external
        view
        returns (bytes32 proofHash, uint256 blockNumber, bool proof);

    /// @notice T1, in blocks, of rounds that open now.
    function proofHashCommitEpoch() external view returns (uint64);
    /// @notice T2, in blocks, of rounds that open now.
    function proofCommitEpoch() external view returns (uint64);
    function parameters() external view returns (Parameters memory);

    function lastBatchSequenced() external view returns (uint64);
    function lastVerifiedBatch() external view returns (uint64);
    /// @notice State root after a batch: 0 for one that no verified sequence ends with.
    function batchNumToStateRoot(uint64 batchNumber) external view returns (bytes32);
    function verifier() external view returns (address);
    function pool() external view returns (IZkPowPool);
    function rollupType() external view returns (string memory);
    function dataRule() external view returns (DataRule memory);
    function admin() external view returns (address);
    function sequencer() external view returns (address);
    function paused() external view returns (bool);
    function launchBlock() external view returns (uint64);
    function adminDelayBlocks() external view returns (uint64);
    function lateRewardBlocks() external view returns (uint64);

    /// @notice Called once by the factory.
    function initialize(RollupConfig calldata config) external;
}
