// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "../interfaces/IZkPowPool.sol";
import {IZkPowRollupState} from "../interfaces/IZkPowRollup.sol";
import {CommitmentKey, CommitmentState, RoundOutcome, Settings, Terms} from "../interfaces/RollupTypes.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";

/// @title What a rollup remembers, and the readings of it that all its parts share
abstract contract RollupState is IZkPowRollupState {
    using RoundWindows for RoundWindows.Windows;

    /// @dev Most unsettled commitments that one miner may have: bounds the work on its list.
    uint256 internal constant MAXIMUM_OPEN_COMMITMENTS = 256;

    struct Sequence {
        bytes32 accInputHash;
        uint64 previousLastBatch;
        /// Block from which Tmin counts for the newest round: that of the posting, or a later one that ended a pause before
        /// the round was opened. 0 if nothing is posted.
        uint64 tMinStart;
        /// 0 while no proof is accepted.
        uint64 verifiedBlock;
        /// S of the newest round, 0 if there is none with a commitment; of the accepted one, once a proof is accepted.
        uint64 roundStart;
        /// Timestamp of its last batch.
        uint64 sequencedTimestamp;
        uint64 postedBlock;
        /// Fixed when posted.
        uint112 reward;
    }

    /// Rounds that are not the newest of a posted sequence have their outcome written down, or no commitment left.
    struct Round {
        RoundOutcome outcome;
        uint32 termsVersion;
        /// Commitments that were not taken back.
        uint32 committers;
        /// Proofs accepted in time whose shares are not booked yet.
        uint32 unbooked;
        /// Sum of the weights of the commitments that were not taken back.
        uint128 totalWeight;
        /// Set aside at the first acceptance; divided by weight among the proofs accepted before E.
        uint128 pot;
        uint128 acceptedWeight;
        /// Shares of the pot that are booked, while others are not yet.
        uint128 booked;
        /// Paid to late proofs, out of free rewards.
        uint128 paidLate;
    }

    struct Commitment {
        bytes32 proofHash;
        /// What was reserved: its weight, and the most it can lose.
        uint128 reserve;
        /// Its place in the miner's list while it is listed.
        uint16 listIndex;
        /// As written down: `Open` until its miner ends it; what ends with the round is not written down.
        CommitmentState state;
        bool holdsReserve;
        /// Not settled: holds a reserve, or its share is not booked.
        bool listed;
    }

    /// @dev What lies beyond `count` is left there, and a list that was used stays marked: to write a slot anew costs
    /// 17,100 gas more than to change it.
    struct List {
        uint16 count;
        bool used;
        /// Last batch, then S; two a slot.
        uint128[MAXIMUM_OPEN_COMMITMENTS] keys;
    }

    struct SettingsProposal {
        Settings settings;
        /// 0 if there is no proposal.
        uint64 effectiveBlock;
    }

    struct Rollback {
        /// 0 if none is scheduled. Not above `lastVerifiedBatch` and not begun: lapsed.
        uint64 firstBatch;
        uint64 effectiveBlock;
        bool begun;
        /// Block of the last removal.
        uint64 lastBlock;
    }

    /// @inheritdoc IZkPowRollupState
    IZkPowPool public immutable pool;
    address internal immutable _factory;

    // One slot for what every commitment and reveal reads.
    /// @inheritdoc IZkPowRollupState
    bool public paused;
    /// @dev Version 0 is no version.
    uint32 internal _termsVersion;
    /// @inheritdoc IZkPowRollupState
    uint64 public lastBatchSequenced;
    /// @inheritdoc IZkPowRollupState
    uint64 public lastVerifiedBatch;
    /// @dev Block that ended the last pause.
    uint64 internal _resumedBlock;

    /// @inheritdoc IZkPowRollupState
    address public admin;
    /// @inheritdoc IZkPowRollupState
    uint64 public adminDelayBlocks;
    address internal _proposedAdmin;
    /// @inheritdoc IZkPowRollupState
    address public sequencer;
    /// @inheritdoc IZkPowRollupState
    uint64 public launchBlock;
    /// @inheritdoc IZkPowRollupState
    string public rollupType;
    Rollback internal _rollback;
    SettingsProposal internal _proposal;
    mapping(uint256 version => Terms) internal _terms;

    /// @inheritdoc IZkPowRollupState
    mapping(uint64 batchNumber => bytes32) public batchNumToStateRoot;
    /// @inheritdoc IZkPowRollupState
    mapping(uint64 batchNumber => bytes32) public batchNumToLocalExitRoot;
    mapping(uint64 finalBatch => Sequence) internal _sequences;
    mapping(uint64 finalBatch => mapping(uint64 start => Round)) internal _rounds;
    mapping(uint64 finalBatch => mapping(uint64 start => mapping(address miner => Commitment))) internal _commitments;
    /// @dev A miner's unsettled commitments.
    mapping(address miner => List) internal _listed;

    constructor(IZkPowPool pool_, address factory_) {
        pool = pool_;
        _factory = factory_;
    }

    modifier onlyAdmin() {
        if (msg.sender != admin) revert NotAllowed(msg.sender, admin);
        _;
    }

    modifier whenNotPaused() {
        if (paused) revert RollupPaused();
        _;
    }

    function _currentTerms() internal view returns (Terms storage) {
        return _terms[_termsVersion];
    }

    function _termsOfRound(Round storage round) internal view returns (Terms storage) {
        return _terms[round.termsVersion];
    }

    /// @dev The posted sequence with exactly these batches.
    function _sequence(uint64 initNumBatch, uint64 finalNewBatch) internal view returns (Sequence storage sequence) {
        sequence = _sequences[finalNewBatch];
        if (sequence.tMinStart == 0) revert NoSuchSequence(finalNewBatch);
        if (sequence.previousLastBatch != initNumBatch) {
            revert NotAWholeSequence(initNumBatch, finalNewBatch, sequence.previousLastBatch);
        }
    }

    /// @dev P: 0 for the first sequence, `NEVER` while the predecessor is not verified.
    function _predecessorVerifiedBlock(Sequence storage sequence) internal view returns (uint64) {
        if (sequence.previousLastBatch == 0) return 0;
        uint64 verifiedBlock = _sequences[sequence.previousLastBatch].verifiedBlock;
        return verifiedBlock == 0 ? RoundWindows.NEVER : verifiedBlock;
    }

    /// @dev Of the newest round.
    function _windows(Sequence storage sequence, uint64 start, Terms storage terms)
        internal
        view
        returns (RoundWindows.Windows memory)
    {
        RoundWindows.Lengths memory lengths = RoundWindows.Lengths(terms.t1, terms.t2, terms.tMin);
        return RoundWindows.windows(start, lengths, sequence.tMinStart, _predecessorVerifiedBlock(sequence));
    }

    /// @dev How a round stands at a block, whether that was written down already or not.
    function _outcomeAt(uint64 finalBatch, uint64 start, uint256 blockNumber) internal view returns (RoundOutcome) {
        Round storage round = _rounds[finalBatch][start];
        if (round.outcome != RoundOutcome.Undecided || round.committers == 0) return round.outcome;
        bool over = _windows(_sequences[finalBatch], start, _termsOfRound(round)).isOver(blockNumber);
        return over ? RoundOutcome.Failed : RoundOutcome.Undecided;
    }

    /// @dev As `_outcomeAt`, but undecided until the last block in which a proof may be accepted in time.
    function _outcomeOnceOver(uint64 finalBatch, uint64 start, uint256 blockNumber)
        internal
        view
        returns (RoundOutcome outcome)
    {
        outcome = _outcomeAt(finalBatch, start, blockNumber);
        if (outcome == RoundOutcome.Accepted && blockNumber < _roundEnd(finalBatch, start)) {
            return RoundOutcome.Undecided;
        }
    }

    /// @dev E of a round of a posted sequence.
    function _roundEnd(uint64 finalBatch, uint64 start) internal view returns (uint64) {
        return _windows(_sequences[finalBatch], start, _termsOfRound(_rounds[finalBatch][start])).revealEnd;
    }

    function _commitmentStateAt(address miner, uint64 finalBatch, uint64 start, uint256 blockNumber)
        internal
        view
        returns (CommitmentState)
    {
        CommitmentState state = _commitments[finalBatch][start][miner].state;
        if (state != CommitmentState.Open) return state;
        RoundOutcome outcome = _outcomeAt(finalBatch, start, blockNumber);
        if (outcome == RoundOutcome.Accepted) return CommitmentState.Late;
        if (outcome == RoundOutcome.Failed) return CommitmentState.Failed;
        if (outcome == RoundOutcome.RolledBack) return CommitmentState.RolledBack;
        return CommitmentState.Open;
    }

    /// @dev Block from which Tmin counts for a round that opens now: what passes in a pause is nobody's time.
    function _tMinStartOfNewRound(Sequence storage sequence) internal view returns (uint64) {
        return RoundWindows.later(sequence.tMinStart, _resumedBlock);
    }

    function _keyOf(uint64 finalBatch, uint64 start) internal pure returns (uint128) {
        return (uint128(finalBatch) << 64) | start;
    }

    function _toKey(uint128 key) internal pure returns (CommitmentKey memory) {
        return CommitmentKey({finalBatch: uint64(key >> 64), round: uint64(key)});
    }
}
