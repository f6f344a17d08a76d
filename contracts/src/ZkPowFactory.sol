// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IZkPowFactory, LaunchConfig, RollupTypeRule} from "./interfaces/IZkPowFactory.sol";
import {IZkPowPool} from "./interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "./interfaces/IZkPowRollup.sol";
import {RollupConfig} from "./interfaces/RollupTypes.sol";
import {RollupViews} from "./rollup/RollupViews.sol";
import {ZkPowRollup} from "./ZkPowRollup.sol";

/// @title Launches rollups of registered types, all with one pool
/// @notice Pool and rollup code are deployed before it, each in a transaction of its own, for the address that it will
/// have: one transaction with all of their code would not fit a block everywhere.
contract ZkPowFactory is IZkPowFactory {
    /// @inheritdoc IZkPowFactory
    address public immutable owner;
    /// @inheritdoc IZkPowFactory
    IZkPowPool public immutable pool;
    /// @inheritdoc IZkPowFactory
    address public immutable rollupImplementation;
    mapping(bytes32 typeId => RollupTypeRule) private _types;

    /// @param owner_ registers rollup types
    /// @param pool_ made for this address
    /// @param implementation code of all rollups, made for this address and pool
    constructor(address owner_, IZkPowPool pool_, ZkPowRollup implementation) {
        if (owner_ == address(0)) revert OwnerMissing();
        address asset = pool_.asset();
        if (asset != address(0) && asset.code.length == 0) revert NotAContract(asset);
        if (pool_.factory() != address(this)) revert MadeForAnother(address(pool_));
        if (implementation.pool() != pool_) revert MadeForAnother(address(implementation));
        address views = implementation.views();
        if (RollupViews(views).pool() != pool_) revert MadeForAnother(views);
        owner = owner_;
        pool = pool_;
        rollupImplementation = address(implementation);
    }

    /// @inheritdoc IZkPowFactory
    function registerRollupType(string calldata name, RollupTypeRule calldata rule) external {
        if (msg.sender != owner) revert NotTheOwner(msg.sender, owner);
        if (bytes(name).length == 0) revert EmptyName();
        if (rule.verifier.code.length == 0) revert NotAContract(rule.verifier);
        bytes32 typeId = _typeId(name);
        if (_types[typeId].verifier != address(0)) revert RollupTypeExists(name);
        _types[typeId] = rule;
        emit RollupTypeRegistered(typeId, name, rule.verifier, rule.dataRule);
    }

    /// @inheritdoc IZkPowFactory
    function launchRollup(LaunchConfig calldata config) external returns (address rollup) {
        if (config.settings.verifier != address(0)) revert VerifierComesFromTheType(config.settings.verifier);
        RollupTypeRule memory rule = rollupTypeRule(config.rollupType);
        RollupConfig memory rollupConfig = RollupConfig({
            rollupType: config.rollupType,
            dataRule: rule.dataRule,
            admin: config.admin,
            sequencer: config.sequencer,
            settings: config.settings,
            adminDelayBlocks: config.adminDelayBlocks,
            lateRewardBlocks: config.lateRewardBlocks,
            genesisStateRoot: config.genesisStateRoot,
            genesisData: config.genesisData
        });
        rollupConfig.settings.verifier = rule.verifier;
        rollup = Clones.clone(rollupImplementation);
        pool.registerRollup(rollup);
        emit RollupLaunched(rollup, _typeId(config.rollupType), config.admin, config.rollupType);
        IZkPowRollup(rollup).initialize(rollupConfig);
    }

    /// @inheritdoc IZkPowFactory
    function rollupTypeRule(string calldata name) public view returns (RollupTypeRule memory rule) {
        rule = _types[_typeId(name)];
        if (rule.verifier == address(0)) revert UnknownRollupType(name);
    }

    function _typeId(string calldata name) private pure returns (bytes32) {
        return keccak256(bytes(name));
    }
}
