// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IZkPowPool} from "./interfaces/IZkPowPool.sol";
import {IZkPowRollupActions} from "./interfaces/IZkPowRollup.sol";
import {RollupConfig} from "./interfaces/RollupTypes.sol";
import {RollupState} from "./rollup/RollupState.sol";
import {RollupViews} from "./rollup/RollupViews.sol";
import {Verification} from "./rollup/Verification.sol";

/// @title One rollup
/// @notice The factory deploys this code once; every rollup is a minimal proxy to it with its own storage.
contract ZkPowRollup is Verification {
    /// @notice Code of the readings that this contract has not itself.
    address public immutable views;

    /// @param views_ code of the readings, made with the same pool and factory
    constructor(IZkPowPool pool_, address factory_, RollupViews views_) RollupState(pool_, factory_) {
        views = address(views_);
    }

    /// @inheritdoc IZkPowRollupActions
    function initialize(RollupConfig calldata config) external {
        if (msg.sender != _factory) revert NotAllowed(msg.sender, _factory);
        if (launchBlock != 0) revert AlreadyInitialized();
        if (config.admin == address(0) || config.sequencer == address(0)) revert ZeroAddress();
        _checkSettings(config.settings);

        launchBlock = uint64(block.number);
        rollupType = config.rollupType;
        admin = config.admin;
        sequencer = config.sequencer;
        adminDelayBlocks = _delayBlocks(config.adminDelaySeconds, config.settings.blockTimeMs);
        _adoptSettings(config.settings);
        batchNumToStateRoot[0] = config.genesisStateRoot;
        emit Genesis(config.genesisStateRoot, config.genesisData);
    }

    /// @dev Functions that are not found here are looked for in `RollupViews`, which changes nothing.
    fallback(bytes calldata call) external returns (bytes memory) {
        return Address.functionDelegateCall(views, call);
    }
}
