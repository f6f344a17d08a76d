// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Statement} from "./ITypeRule.sol";
import {IZkPowPool} from "./IZkPowPool.sol";
import {Settings} from "./RollupTypes.sol";

/// @notice A right proof, by which a rule shows that it works.
struct Sample {
    Statement statement;
    bytes proof;
}

/// @notice What a launch decides. `settings.rule` must be 0: it comes from the type.
struct LaunchConfig {
    string rollupType;
    address admin;
    address sequencer;
    Settings settings;
    uint32 adminDelaySeconds;
    bytes32 genesisStateRoot;
    bytes genesisData;
    /// With the caller, decides the rollup's address; each may be used once.
    bytes32 salt;
    /// For people.
    string name;
    /// Where more about the rollup can be read; may be empty.
    string metadataUri;
}

/// @title Launches rollups of registered types
interface IZkPowFactory {
    /// @notice A type was registered; `typeId` is keccak256 of its name. Its sample took `measuredGas` to verify.
    event RollupTypeRegistered(bytes32 indexed typeId, string name, address indexed rule, uint256 measuredGas);
    /// @notice No more rollups of a type may be launched or changed to it, or they may again. Rollups that run go on.
    event RollupTypeObsolete(bytes32 indexed typeId, string name, bool obsolete);
    /// @notice A rollup was launched.
    event RollupLaunched(
        address indexed rollup,
        bytes32 indexed typeId,
        address indexed admin,
        string rollupType,
        bytes32 salt,
        string name,
        string metadataUri
    );

    error NotTheOwner(address caller, address owner);
    /// @notice A factory without an owner could register no type.
    error OwnerMissing();
    error EmptyName();
    /// @notice Types are added, never edited.
    error RollupTypeExists(string name);
    /// @notice No type of this name is registered.
    error UnknownRollupType(string name);
    error RollupTypeIsObsolete(string name);
    /// @notice A rule, what it calls, and a token must have code.
    error NotAContract(address account);
    /// @notice A rule must have every function of `ITypeRule`; this one does not answer as one.
    error NotATypeRule(address rule);
    /// @notice A rule needs 1 to `gasLimit` gas, and proofs of 1 to 2^32 - 1 bytes, the least first.
    error RuleFigures(
        address rule, uint256 verificationGas, uint256 gasLimit, uint256 minimumLength, uint256 maximumLength
    );
    /// @notice The rule does not say yes to its sample with the gas that it declares.
    error SampleRefused(address rule, uint256 gasGiven);
    /// @notice The trial of a rule needs more gas than is left. Send the transaction with a higher gas limit.
    error NotEnoughGas(uint256 have, uint256 need);
    /// @notice The rule says yes to its sample with a bit of this byte of the proof changed.
    error BrokenProofAccepted(address rule, uint256 changedByte);
    /// @notice The rule says yes to its sample for a statement with another `field`.
    error StatementNotBound(address rule, string field);
    /// @notice Pool, rollup code and its readings must be made for this factory and for each other.
    error MadeForAnother(address part);
    /// @notice A launch names the type, not its rule.
    error RuleComesFromTheType(address rule);
    /// @notice This caller has launched a rollup with this salt.
    error SaltUsed(address caller, bytes32 salt, address rollup);

    /// @notice Registers a type for ever, once its rule has proved itself by the sample. Owner only.
    function registerRollupType(string calldata name, address rule, Sample calldata sample) external;
    /// @notice Says whether a type is obsolete. Owner only.
    function setObsolete(string calldata name, bool obsolete) external;
    /// @notice Launches a rollup. Anybody may.
    function launchRollup(LaunchConfig calldata config) external returns (address rollup);

    /// @notice Where a caller's launch with a salt puts its rollup.
    function rollupAddress(address caller, bytes32 salt) external view returns (address);
    /// @notice Rule of a registered type, and whether it is obsolete.
    function rollupTypeRule(string calldata name) external view returns (address rule, bool obsolete);
    /// @notice Whether a rule belongs to a registered type that is not obsolete.
    function isCurrentRule(address rule) external view returns (bool);
    /// @notice Registers types; has no say in launched rollups.
    function owner() external view returns (address);
    /// @notice Keeps the money of all rollups launched here.
    function pool() external view returns (IZkPowPool);
    /// @notice The code that every rollup runs.
    function rollupImplementation() external view returns (address);
}
