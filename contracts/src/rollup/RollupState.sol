// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "../interfaces/IZkPowPool.sol";
import {IZkPowRollupState} from "../interfaces/IZkPowRollup.sol";
import {
    CommitmentKey,
    CommitmentState,
    DataRule,
    Parameters,
    RoundOutcome,
    Settings
} from "../interfaces/RollupTypes.sol";
import {RoundWindows} from "../libraries/RoundWindows.sol";

/// @title What a rollup remembers, and the readings of it that all its parts share
abstract contract RollupState is IZkPowRollupState {
    using RoundWindows for RoundWindows.Windows;

    struct Sequence {
        bytes32 accInputHash;
        uint64 previousLastBatch;
        uint64 postedBlock;
        /// 0 while no proof is accepted.
        uint64 verifiedBlock;
        /// S of the newest round, 0 if there is none with a commitment.
        uint64 roundStart;
        uint64 acceptedRound;
        /// Timestamp of its last batch.
        uint64 sequencedTimestamp;
        /// Fixed when posted.
        uint128 reward;
    }

    /// Rounds that are not the newest of a posted sequence have their outcome written down, or no commitment left.
    struct Round {
        RoundOutcome outcome;
        bool lateRewardsReleased;
        uint32 parametersVersion;
        /// Commitments that were not taken back.
        uint32 committers;
        address firstProver;
        /// Sum of the weights of those.
        uint256 totalWeight;
        /// Reward set aside at acceptance, and what of it is neither owed nor released yet.
        uint128 earmarked;
        uint128 remaining;
    }

    struct Commitment {
        bytes32 proofHash;
        uint128 weight;
        /// Its place in the miner's list while it holds a reserve.
        uint32 listIndex;
        /// As written down: `Open` until its miner ends it; what ends with the round is not written down.
        CommitmentState state;
        bool holdsReserve;
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

    /// @dev Most commitments with a reserve that one miner may have: bounds the work on its list.
    uint256 internal constant MAXIMUM_OPEN_COMMITMENTS = 256;

    /// @inheritdoc IZkPowRollupState
    IZkPowPool public immutable pool;
    address internal immutable _factory;

    /// @inheritdoc IZkPowRollupState
    address public admin;
    address internal _proposedAdmin;
    /// @inheritdoc IZkPowRollupState
    address public sequencer;
    /// @inheritdoc IZkPowRollupState
    bool public paused;
    /// @inheritdoc IZkPowRollupState
    uint64 public launchBlock;
    /// @inheritdoc IZkPowRollupState
    uint64 public adminDelayBlocks;
    /// @inheritdoc IZkPowRollupState
    uint64 public lateRewardBlocks;
    /// @inheritdoc IZkPowRollupState
    uint64 public lastBatchSequenced;
    /// @inheritdoc IZkPowRollupState
    uint64 public lastVerifiedBatch;
    /// @inheritdoc IZkPowRollupState
    string public rollupType;
    DataRule internal _dataRule;
    Rollback internal _rollback;
    SettingsProposal internal _proposal;
    /// @dev Version 0 stays empty, so that a round with version 0 is no round.
    Parameters[] internal _parameters;

    /// @inheritdoc IZkPowRollupState
    mapping(uint64 batchNumber => bytes32) public batchNumToStateRoot;
    mapping(uint64 finalBatch => Sequence) internal _sequences;
    mapping(uint64 finalBatch => mapping(uint64 start => Round)) internal _rounds;
    mapping(uint64 finalBatch => mapping(uint64 start => mapping(address miner => Commitment))) internal _commitments;
    mapping(address miner => CommitmentKey[]) internal _reserving;

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

    function _currentParameters() internal view returns (Parameters storage) {
        return _parameters[_parameters.length - 1];
    }

    function _parametersOf(Round storage round) internal view returns (Parameters storage) {
        return _parameters[round.parametersVersion];
    }

    /// @dev The posted sequence with exactly these batches.
    function _sequence(uint64 initNumBatch, uint64 finalNewBatch) internal view returns (Sequence storage sequence) {
        sequence = _sequences[finalNewBatch];
        if (sequence.postedBlock == 0) revert NoSuchSequence(finalNewBatch);
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

    function _windows(Sequence storage sequence, uint64 start, Settings storage settings)
        internal
        view
        returns (RoundWindows.Windows memory)
    {
        return RoundWindows.windows(start, settings.t1, settings.t2, _predecessorVerifiedBlock(sequence));
    }

    /// @dev How a round stands at a block, whether that was written down already or not.
    function _outcomeAt(uint64 finalBatch, uint64 start, uint256 blockNumber) internal view returns (RoundOutcome) {
        Round storage round = _rounds[finalBatch][start];
        if (round.outcome != RoundOutcome.Undecided || round.committers == 0) return round.outcome;
        Settings storage settings = _parametersOf(round).settings;
        bool over = _windows(_sequences[finalBatch], start, settings).isOver(blockNumber);
        return over ? RoundOutcome.Failed : RoundOutcome.Undecided;
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
}
