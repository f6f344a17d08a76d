// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice One batch as the sequencer posts it.
struct BatchData {
    /// The rollup's own data, as its type rule reads it.
    bytes transactions;
    /// Bound into the accumulated input hash by the type rule.
    bytes32 globalExitRoot;
    /// Seconds since 1970; not decreasing, not in the future.
    uint64 timestamp;
    /// As the type rule reads it; 0 for types without forced batches.
    uint64 minForcedTimestamp;
}

/// @notice What the admin sets, as it proposes it: times in seconds, which become blocks by `blockTimeMs`, rounded up.
struct Settings {
    /// Mean time between blocks of this chain, in milliseconds.
    uint32 blockTimeMs;
    /// T1: how long proofHashes are taken, from the first one on.
    uint32 t1Seconds;
    /// T2: how long proofs are taken.
    uint32 t2Seconds;
    /// Tmin: no reveal window opens sooner after the posting, or after a pause that ended between it and the round's opening.
    uint32 tMinSeconds;
    /// Part of its reserve that a silent committer of a failed round loses, in basis points.
    uint16 silenceShare;
    /// Part of its reserve that a miner loses for a wrong proof, in basis points.
    uint16 wrongProofShare;
    /// Part of what a late proof would have earned in time that it still earns, in basis points.
    uint16 lateShare;
    /// Least that a commitment must reserve.
    uint112 minimumReserve;
    /// Reward of a sequence.
    uint112 rewardPerSequence;
    /// Reward added for each of its batches that holds something.
    uint112 rewardPerBatch;
    /// Most that one sequence may be rewarded.
    uint112 rewardCap;
    /// Type rule: checks data and verifies proofs.
    address rule;
}

/// @notice Settings in force, in blocks, with the rule's own figures read once. A round keeps the version it began with.
/// @dev Two slots for what every commitment and reveal reads, two for what a posting reads.
struct Terms {
    /// T1, T2 and Tmin, in blocks.
    uint32 t1;
    uint32 t2;
    uint32 tMin;
    uint16 silenceShare;
    uint16 wrongProofShare;
    uint16 lateShare;
    uint112 minimumReserve;
    address rule;
    /// Gas that the rule's `verify` needs at least.
    uint32 verificationGas;
    /// Length of a proof, in bytes.
    uint32 minimumProofLength;
    uint32 maximumProofLength;
    uint112 rewardPerSequence;
    uint112 rewardPerBatch;
    bool hasExitRoots;
    uint112 rewardCap;
    uint32 blockTimeMs;
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
    /// `block.number` as the contract sees it, and the hash of the block before it.
    uint64 blockNumber;
    bytes32 parentHash;
    /// Whether a sequence with exactly these batches is posted.
    bool posted;
    /// Block of its posting.
    uint64 postedBlock;
    /// Block from which Tmin counts for that round, or for one opened now: that of the posting, or a later one that ended a
    /// pause before the round was opened.
    uint64 tMinStart;
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
    bytes32 acceptedStateRoot;
    /// S of the accepted round, else of the one that lives at the next block, else 0; R and E, 2^64 - 1 while the
    /// predecessor is not verified.
    uint64 roundStart;
    uint64 revealStart;
    uint64 revealEnd;
    /// Number of standing commitments of that round, the sum of their weights, and of those accepted before E.
    uint64 committers;
    uint256 totalWeight;
    uint256 acceptedWeight;
    /// What the accepted proofs share; before acceptance, what they would share now.
    uint256 pot;
    /// Terms of that round, else those a new round would get.
    uint256 termsVersion;
    Terms terms;
    /// The miner's commitment in the accepted round, else in the live one, else in the last one that failed.
    uint64 ownRound;
    bytes32 ownProofHash;
    CommitmentState ownState;
    uint256 ownWeight;
    /// What the miner would be paid if its proof were accepted now, and no other after it.
    uint256 ownReward;
    /// Rounds of this sequence that failed with an open commitment of the miner, not settled yet.
    uint64[] failedRounds;
    /// The miner's stake in the pool, and what of it a commitment here may reserve: neither reserved nor over the miner's
    /// cap for this rollup, counting reserves that settling here would free.
    uint256 stake;
    uint256 freeStake;
    /// How many of the miner's commitments here have not ended, and the most there may be.
    uint64 openCommitments;
    uint64 maximumOpenCommitments;
    /// No round can be opened.
    bool paused;
    /// A roll back may take out all from this batch on, from this block on; 0 if none is scheduled.
    uint64 rollbackFirstBatch;
    uint64 rollbackBlock;
    /// Proposed settings may be applied from this block on; 0 if none are proposed.
    uint64 settingsBlock;
}

/// @notice Configuration of a rollup, given once by the factory.
struct RollupConfig {
    string rollupType;
    address admin;
    address sequencer;
    Settings settings;
    /// Time between an admin's proposal and its effect.
    uint32 adminDelaySeconds;
    bytes32 genesisStateRoot;
    bytes genesisData;
}
