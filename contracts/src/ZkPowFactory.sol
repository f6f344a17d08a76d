// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ITypeRule} from "./interfaces/ITypeRule.sol";
import {IZkPowFactory, LaunchConfig, Sample} from "./interfaces/IZkPowFactory.sol";
import {IZkPowPool} from "./interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "./interfaces/IZkPowRollup.sol";
import {RollupConfig} from "./interfaces/RollupTypes.sol";
import {RuleTrial} from "./libraries/RuleTrial.sol";
import {RollupViews} from "./rollup/RollupViews.sol";
import {ZkPowRollup} from "./ZkPowRollup.sol";

/// @title Launches rollups of registered types, all with one pool
/// @notice Pool and rollup code are deployed before it, each in a transaction of its own, for the address that it will
/// have: one transaction with all of their code would not fit a block everywhere.
contract ZkPowFactory is IZkPowFactory {
    struct RollupType {
        address rule;
        bool obsolete;
    }

    /// @inheritdoc IZkPowFactory
    address public immutable owner;
    /// @inheritdoc IZkPowFactory
    IZkPowPool public immutable pool;
    /// @inheritdoc IZkPowFactory
    address public immutable rollupImplementation;
    mapping(bytes32 typeId => RollupType) private _types;
    /// @dev How many types that are not obsolete have a rule.
    mapping(address rule => uint256) private _currentTypes;

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

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotTheOwner(msg.sender, owner);
        _;
    }

    /// @inheritdoc IZkPowFactory
    function registerRollupType(string calldata name, address rule, Sample calldata sample) external onlyOwner {
        if (bytes(name).length == 0) revert EmptyName();
        bytes32 typeId = _typeId(name);
        if (_types[typeId].rule != address(0)) revert RollupTypeExists(name);
        uint256 measuredGas = RuleTrial.run(ITypeRule(rule), sample);
        _types[typeId].rule = rule;
        _currentTypes[rule]++;
        emit RollupTypeRegistered(typeId, name, rule, measuredGas);
    }

    /// @inheritdoc IZkPowFactory
    function setObsolete(string calldata name, bool obsolete) external onlyOwner {
        (address rule, bool before) = rollupTypeRule(name);
        if (obsolete == before) return;
        _types[_typeId(name)].obsolete = obsolete;
        if (obsolete) _currentTypes[rule]--;
        else _currentTypes[rule]++;
        emit RollupTypeObsolete(_typeId(name), name, obsolete);
    }

    /// @inheritdoc IZkPowFactory
    function launchRollup(LaunchConfig calldata config) external returns (address rollup) {
        if (config.settings.rule != address(0)) revert RuleComesFromTheType(config.settings.rule);
        (address rule, bool obsolete) = rollupTypeRule(config.rollupType);
        if (obsolete) revert RollupTypeIsObsolete(config.rollupType);
        RollupConfig memory rollupConfig = RollupConfig({
            rollupType: config.rollupType,
            admin: config.admin,
            sequencer: config.sequencer,
            settings: config.settings,
            adminDelaySeconds: config.adminDelaySeconds,
            genesisStateRoot: config.genesisStateRoot,
            genesisData: config.genesisData
        });
        rollupConfig.settings.rule = rule;
        rollup = _createRollup(config.salt);
        pool.registerRollup(rollup);
        _emitLaunched(rollup, config);
        IZkPowRollup(rollup).initialize(rollupConfig);
    }

    /// @inheritdoc IZkPowFactory
    function rollupAddress(address caller, bytes32 salt) public view returns (address) {
        return Clones.predictDeterministicAddress(rollupImplementation, _callerSalt(caller, salt));
    }

    /// @inheritdoc IZkPowFactory
    function rollupTypeRule(string calldata name) public view returns (address rule, bool obsolete) {
        RollupType storage rollupType = _types[_typeId(name)];
        (rule, obsolete) = (rollupType.rule, rollupType.obsolete);
        if (rule == address(0)) revert UnknownRollupType(name);
    }

    /// @inheritdoc IZkPowFactory
    function isCurrentRule(address rule) external view returns (bool) {
        return _currentTypes[rule] > 0;
    }

    function _createRollup(bytes32 salt) private returns (address rollup) {
        rollup = rollupAddress(msg.sender, salt);
        if (rollup.code.length > 0) revert SaltUsed(msg.sender, salt, rollup);
        Clones.cloneDeterministic(rollupImplementation, _callerSalt(msg.sender, salt));
    }

    function _emitLaunched(address rollup, LaunchConfig calldata config) private {
        emit RollupLaunched(
            rollup,
            _typeId(config.rollupType),
            config.admin,
            config.rollupType,
            config.salt,
            config.name,
            config.metadataUri
        );
    }

    function _callerSalt(address caller, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(caller, salt));
    }

    function _typeId(string calldata name) private pure returns (bytes32) {
        return keccak256(bytes(name));
    }
}
