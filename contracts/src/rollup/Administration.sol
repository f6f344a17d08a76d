// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITypeRule} from "../interfaces/ITypeRule.sol";
import {IZkPowFactory} from "../interfaces/IZkPowFactory.sol";
import {Touch} from "../interfaces/IZkPowPool.sol";
import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {Settings, Terms} from "../interfaces/RollupTypes.sol";
import {Shares} from "../libraries/Shares.sol";
import {RollupState} from "./RollupState.sol";

/// @title What the admin may do: settings behind a delay, pausing, handing over
abstract contract Administration is RollupState, IZkPowRollupActions {
    uint32 private constant MINIMUM_BLOCK_TIME_MS = 50;
    uint32 private constant MAXIMUM_BLOCK_TIME_MS = 60_000;
    uint32 private constant MAXIMUM_T2_SECONDS = 14 days;
    /// @dev T1 is at most Tmin.
    uint32 private constant MAXIMUM_T_MIN_SECONDS = 1 days;
    uint32 private constant MAXIMUM_DELAY_SECONDS = 730 days;
    /// @dev Silence must cost something, and less than all; what a late proof earns must not be worth waiting for.
    uint16 private constant MINIMUM_SILENCE_SHARE = 100;
    uint16 private constant MAXIMUM_LATE_SHARE = 5_000;

    /// @inheritdoc IZkPowRollupActions
    function proposeSettings(Settings calldata settings) external onlyAdmin {
        _checkSettings(settings);
        uint64 effectiveBlock = uint64(block.number) + adminDelayBlocks;
        _proposal.settings = settings;
        _proposal.effectiveBlock = effectiveBlock;
        emit SettingsProposed(settings, effectiveBlock);
        pool.touch(0, Touch.SettingsProposed);
    }

    /// @inheritdoc IZkPowRollupActions
    function applySettings() external onlyAdmin {
        if (_proposal.effectiveBlock == 0) revert NothingProposed();
        if (block.number < _proposal.effectiveBlock) revert TooEarly(block.number, _proposal.effectiveBlock);
        // Else settings announced once could be kept, and put in force right before somebody's commitment.
        uint64 lastBlock = _proposal.effectiveBlock + adminDelayBlocks;
        if (block.number > lastBlock) revert ProposalLapsed(block.number, lastBlock);
        Settings memory settings = _proposal.settings;
        delete _proposal;
        // What was posted for one rule may be unprovable under another.
        if (settings.rule != _currentTerms().rule && lastVerifiedBatch != lastBatchSequenced) {
            revert UnverifiedSequences(lastVerifiedBatch, lastBatchSequenced);
        }
        _checkSettings(settings); // its rule may have become obsolete
        _adoptSettings(settings);
        pool.touch(0, Touch.SettingsApplied);
    }

    /// @inheritdoc IZkPowRollupActions
    function cancelSettings() external onlyAdmin {
        if (_proposal.effectiveBlock == 0) revert NothingProposed();
        delete _proposal;
        emit SettingsProposalCancelled();
        pool.touch(0, Touch.SettingsCancelled);
    }

    /// @inheritdoc IZkPowRollupActions
    function pause() external onlyAdmin whenNotPaused {
        paused = true;
        emit Paused();
        pool.touch(0, Touch.Paused);
    }

    /// @inheritdoc IZkPowRollupActions
    function resume() external onlyAdmin {
        if (!paused) revert NotPaused();
        paused = false;
        _resumedBlock = uint64(block.number);
        emit Resumed();
        pool.touch(0, Touch.Resumed);
    }

    /// @inheritdoc IZkPowRollupActions
    function setSequencer(address newSequencer) external onlyAdmin {
        if (newSequencer == address(0)) revert ZeroAddress();
        sequencer = newSequencer;
        emit SequencerChanged(newSequencer);
    }

    /// @inheritdoc IZkPowRollupActions
    function proposeAdmin(address newAdmin) external onlyAdmin {
        _proposedAdmin = newAdmin;
        emit AdminProposed(newAdmin);
    }

    /// @inheritdoc IZkPowRollupActions
    function acceptAdmin() external {
        if (msg.sender != _proposedAdmin) revert NotAllowed(msg.sender, _proposedAdmin);
        admin = msg.sender;
        _proposedAdmin = address(0);
        emit AdminChanged(msg.sender);
    }

    /// @dev Puts checked settings in force for the rounds and sequences that begin from now on.
    function _adoptSettings(Settings memory settings) internal {
        ITypeRule rule = ITypeRule(settings.rule);
        (uint256 minimumLength, uint256 maximumLength) = rule.proofLengths();
        uint32 version = ++_termsVersion;
        _terms[version] = Terms({
            t1: _blocks(settings.t1Seconds, settings.blockTimeMs),
            t2: _blocks(settings.t2Seconds, settings.blockTimeMs),
            tMin: _blocks(settings.tMinSeconds, settings.blockTimeMs),
            silenceShare: settings.silenceShare,
            wrongProofShare: settings.wrongProofShare,
            lateShare: settings.lateShare,
            minimumReserve: settings.minimumReserve,
            rule: settings.rule,
            verificationGas: uint32(rule.verificationGas()), // checked at registration, as are the lengths
            minimumProofLength: uint32(minimumLength),
            maximumProofLength: uint32(maximumLength),
            rewardPerSequence: settings.rewardPerSequence,
            rewardPerBatch: settings.rewardPerBatch,
            hasExitRoots: rule.hasExitRoots(),
            rewardCap: settings.rewardCap,
            blockTimeMs: settings.blockTimeMs
        });
        emit SettingsApplied(version, settings);
    }

    function _checkSettings(Settings memory settings) internal view {
        _checkBlockTime(settings.blockTimeMs);
        (uint32 t1, uint32 t2, uint32 tMin) = (settings.t1Seconds, settings.t2Seconds, settings.tMinSeconds);
        if (t1 == 0 || t2 == 0 || t2 > MAXIMUM_T2_SECONDS || tMin < t1 || tMin > MAXIMUM_T_MIN_SECONDS) {
            revert WindowOutOfRange(t1, t2, tMin, MAXIMUM_T2_SECONDS, MAXIMUM_T_MIN_SECONDS);
        }
        (uint16 silence, uint16 wrong, uint16 late) =
            (settings.silenceShare, settings.wrongProofShare, settings.lateShare);
        if (silence < MINIMUM_SILENCE_SHARE || silence >= wrong || wrong > Shares.WHOLE || late > MAXIMUM_LATE_SHARE) {
            revert SharesOutOfRange(silence, wrong, late);
        }
        uint112 reserve = settings.minimumReserve;
        if (Shares.part(reserve, silence) == 0) revert SilenceWouldBeFree(reserve, silence);
        // A rollup that runs keeps its rule, obsolete or not.
        if (settings.rule != _currentTerms().rule && !IZkPowFactory(_factory).isCurrentRule(settings.rule)) {
            revert RuleNotRegistered(settings.rule);
        }
    }

    /// @return blocks that an admin's proposals wait
    function _delayBlocks(uint32 delaySeconds, uint32 blockTimeMs) internal pure returns (uint64 blocks) {
        _checkBlockTime(blockTimeMs);
        if (delaySeconds == 0 || delaySeconds > MAXIMUM_DELAY_SECONDS) {
            revert DelayOutOfRange(delaySeconds, MAXIMUM_DELAY_SECONDS);
        }
        return _blocks(delaySeconds, blockTimeMs);
    }

    function _checkBlockTime(uint32 blockTimeMs) private pure {
        if (blockTimeMs < MINIMUM_BLOCK_TIME_MS || blockTimeMs > MAXIMUM_BLOCK_TIME_MS) {
            revert BlockTimeOutOfRange(blockTimeMs, MINIMUM_BLOCK_TIME_MS, MAXIMUM_BLOCK_TIME_MS);
        }
    }

    /// @dev Rounded up; fits 32 bits for two years of 50 ms blocks.
    function _blocks(uint32 durationSeconds, uint32 blockTimeMs) private pure returns (uint32) {
        return uint32((uint256(durationSeconds) * 1000 + blockTimeMs - 1) / blockTimeMs);
    }
}
