// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "./IZkPowPool.sol";
import {DataRule, Settings} from "./RollupTypes.sol";

/// @notice A family of rollups: which data its batches hold and who verifies its proofs.
struct RollupTypeRule {
    address verifier;
    DataRule dataRule;
}

/// @notice What a launch decides. `settings.verifier` must be 0: it comes from the type.
struct LaunchConfig {
    string rollupType;
    address admin;
    address sequencer;
    Settings settings;
    uint64 adminDelayBlocks;
    uint64 lateRewardBlocks;
    bytes32 genesisStateRoot;
    bytes genesisData;
}

/// @title Launches rollups of registered types
interface IZkPowFactory {
    /// @notice A type was registered; `typeId` is keccak256 of its name.
    event RollupTypeRegistered(bytes32 indexed typeId, string name, address indexed verifier, DataRule dataRule);
    /// @notice A rollup was launched.
    event RollupLaunched(address indexed rollup, bytes32 indexed typeId, address indexed admin, string rollupType);

    error NotTheOwner(address caller, address owner);
    /// @notice A factory without an owner could register no type.
    error OwnerMissing();
    error EmptyName();
    /// @notice Types are added, never edited.
    error RollupTypeExists(string name);
    /// @notice No type of this name is registered.
    error UnknownRollupType(string name);
    /// @notice A verifier or token must have code.
    error NotAContract(address account);
    /// @notice Pool, rollup code and its readings must be made for this factory and for each other.
    error MadeForAnother(address part);
    /// @notice A launch names the type, not its verifier.
    error VerifierComesFromTheType(address verifier);

    /// @notice Registers a type for ever. Owner only.
    function registerRollupType(string calldata name, RollupTypeRule calldata rule) external;
    /// @notice Launches a rollup. Anybody may.
    function launchRollup(LaunchConfig calldata config) external returns (address rollup);

    /// @notice Verifier and data rule of a registered type.
    function rollupTypeRule(string calldata name) external view returns (RollupTypeRule memory rule);
    /// @notice Registers types; has no say in launched rollups.
    function owner() external view returns (address);
    /// @notice Keeps the money of all rollups launched here.
    function pool() external view returns (IZkPowPool);
    /// @notice The code that every rollup runs.
    function rollupImplementation() external view returns (address);
}
