// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

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
