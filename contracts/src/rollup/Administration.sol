// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStatementVerifier} from "../interfaces/IStatementVerifier.sol";
import {IZkPowRollupActions} from "../interfaces/IZkPowRollup.sol";
import {Parameters, Settings} from "../interfaces/RollupTypes.sol";
import {RollupState} from "./RollupState.sol";

/// @title What the admin may do: settings behind a delay, pausing, handing over
abstract contract Administration is RollupState, IZkPowRollupActions {
    /// @dev Longest T1 and T2: two weeks of 12 s blocks.
    uint64 internal constant MAXIMUM_WINDOW_BLOCKS = 100_800;
    /// @dev Longest delay: about two years of 12 s blocks.
    uint64 internal constant MAXIMUM_DELAY_BLOCKS = 5_000_000;
    /// @dev A reveal must fit a block, with room.
    uint256 internal constant MAXIMUM_VERIFIER_GAS = 10_000_000;

    /// @inheritdoc IZkPowRollupActions
    function proposeSettings(Settings calldata settings) external onlyAdmin {
        _checkSettings(settings);
        _readVerifier(settings.verifier);
        uint64 effectiveBlock = uint64(block.number) + adminDelayBlocks;
        _proposal.settings = settings;
        _proposal.effectiveBlock = effectiveBlock;
        emit SettingsProposed(settings, effectiveBlock);
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
        _adoptSettings(settings);
    }

    /// @inheritdoc IZkPowRollupActions
    function cancelSettings() external onlyAdmin {
        if (_proposal.effectiveBlock == 0) revert NothingProposed();
        delete _proposal;
        emit SettingsProposalCancelled();
    }

    /// @inheritdoc IZkPowRollupActions
    function pause() external onlyAdmin whenNotPaused {
        paused = true;
        emit Paused();
    }

    /// @inheritdoc IZkPowRollupActions
    function resume() external onlyAdmin {
        if (!paused) revert NotPaused();
        paused = false;
        emit Resumed();
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
        (uint64 verifierGas, uint32 proofLength) = _readVerifier(settings.verifier);
        _parameters.push(Parameters(settings, verifierGas, proofLength));
        emit SettingsApplied(_parameters.length - 1, settings);
    }

    function _checkSettings(Settings memory settings) internal pure {
        uint64 limit = MAXIMUM_WINDOW_BLOCKS;
        if (settings.t1 == 0 || settings.t1 > limit || settings.t2 == 0 || settings.t2 > limit) {
            revert WindowOutOfRange(settings.t1, settings.t2, limit);
        }
        (uint256 silence, uint256 wrong, uint256 minimum) =
            (settings.silencePenalty, settings.wrongProofPenalty, settings.minimumDeposit);
        if (silence == 0 || silence >= wrong || wrong > minimum) revert PenaltiesOutOfOrder(silence, wrong, minimum);
    }

    function _checkDelay(uint64 delayBlocks) internal pure {
        if (delayBlocks == 0 || delayBlocks > MAXIMUM_DELAY_BLOCKS) {
            revert DelayOutOfRange(delayBlocks, MAXIMUM_DELAY_BLOCKS);
        }
    }

    /// @dev The verifier's own figures, checked, so that they are fixed with the settings.
    function _readVerifier(address verifierAddress) private view returns (uint64, uint32) {
        (uint256 gas, uint256 length) = (0, 0);
        // Without code a call would revert here, not there.
        if (verifierAddress.code.length > 0) {
            IStatementVerifier typeVerifier = IStatementVerifier(verifierAddress);
            try typeVerifier.verifierGas() returns (uint256 gas_) {
                gas = gas_;
            } catch {}
            try typeVerifier.proofLength() returns (uint256 length_) {
                length = length_;
            } catch {}
        }
        if (gas == 0 || gas > MAXIMUM_VERIFIER_GAS || length == 0 || length > type(uint32).max) {
            revert VerifierUnusable(verifierAddress, gas, MAXIMUM_VERIFIER_GAS, length);
        }
        return (uint64(gas), uint32(length));
    }
}
