// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowFactory, LaunchConfig, Sample} from "../../src/interfaces/IZkPowFactory.sol";
import {IZkPowPool} from "../../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "../../src/interfaces/IZkPowRollup.sol";
import {Statement} from "../../src/interfaces/ITypeRule.sol";
import {Settings} from "../../src/interfaces/RollupTypes.sol";
import {RollupViews} from "../../src/rollup/RollupViews.sol";
import {SimulatedRule} from "../../src/rules/SimulatedRule.sol";
import {ZkPowFactory} from "../../src/ZkPowFactory.sol";
import {ZkPowPool} from "../../src/ZkPowPool.sol";
import {ZkPowRollup} from "../../src/ZkPowRollup.sol";
import {StubRule} from "./StubRule.sol";
import {TestBase} from "./TestBase.sol";

/// @notice How factories are made, types registered and rollups launched.
abstract contract FactoryFixture is TestBase {
    /// @dev Windows and delays, in blocks of one second.
    uint64 internal constant T1 = 3;
    uint64 internal constant T2 = 5;
    uint64 internal constant ADMIN_DELAY = 10;
    /// @dev What the least reserve loses by silence, and by a wrong proof.
    uint256 internal constant MINIMUM = 50 ether;
    uint256 internal constant SILENCE = 1 ether;
    uint256 internal constant WRONG = 10 ether;
    /// @dev In basis points.
    uint16 internal constant LATE_SHARE = 2500;
    bytes32 internal constant GENESIS_ROOT = bytes32(uint256(0x6e));

    address internal constant ADMIN = address(0xAD);
    address internal constant SEQUENCER = address(0x5E);
    address internal constant ALICE = address(0xA1);
    address internal constant BOB = address(0xB0);
    address internal constant CAROL = address(0xCA);

    ZkPowFactory internal factory;
    IZkPowPool internal pool;
    SimulatedRule internal simulated;
    uint256 private salts;

    /// @notice A factory with all of its parts, owned by the test.
    /// @param asset what its pool keeps
    function deployFactory(address asset) internal returns (ZkPowFactory) {
        (IZkPowPool pool_, ZkPowRollup implementation) = deployParts(asset);
        return new ZkPowFactory(address(this), pool_, implementation);
    }

    /// @notice The parts of a factory that is deployed next.
    function deployParts(address asset) internal returns (IZkPowPool pool_, ZkPowRollup implementation) {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        pool_ = new ZkPowPool(asset, next);
        implementation = new ZkPowRollup(pool_, next, new RollupViews(pool_, next));
    }

    /// @notice A statement, and a right simulated proof of it.
    function sampleOf(SimulatedRule rule) internal view returns (Sample memory) {
        Statement memory statement = anyStatement();
        bytes32 salt = "sample";
        bytes32 seal = sha256(abi.encodePacked("zkpow simulated proof", salt, rule.statementDigest(statement)));
        return Sample(statement, abi.encodePacked(salt, seal));
    }

    function anyStatement() internal pure returns (Statement memory statement) {
        statement.lastBatch = 1;
        statement.newStateRoot = bytes32(uint256(7));
        statement.miner = ALICE;
    }

    function settingsWith(uint64 t1, uint64 t2) internal pure returns (Settings memory) {
        return Settings({
            blockTimeMs: 1000,
            t1Seconds: uint32(t1),
            t2Seconds: uint32(t2),
            tMinSeconds: uint32(t1),
            silenceShare: uint16(SILENCE * 10_000 / MINIMUM),
            wrongProofShare: uint16(WRONG * 10_000 / MINIMUM),
            lateShare: LATE_SHARE,
            minimumReserve: uint112(MINIMUM),
            rewardPerSequence: 2 ether,
            rewardPerBatch: 1 ether,
            rewardCap: 6 ether,
            rule: address(0)
        });
    }

    /// @dev Each with a salt of its own.
    function launchConfig(Settings memory settings) internal returns (LaunchConfig memory) {
        return LaunchConfig({
            rollupType: "transfers",
            admin: ADMIN,
            sequencer: SEQUENCER,
            settings: settings,
            adminDelaySeconds: uint32(ADMIN_DELAY),
            genesisStateRoot: GENESIS_ROOT,
            genesisData: hex"0123",
            salt: bytes32(++salts),
            name: "Pay",
            metadataUri: "ipfs://pay"
        });
    }

    function launch(Settings memory settings) internal returns (IZkPowRollup) {
        return IZkPowRollup(factory.launchRollup(launchConfig(settings)));
    }

    /// @notice A rollup of a type whose rule is a stub.
    function launchStub(string memory name, StubRule rule) internal returns (IZkPowRollup) {
        factory.registerRollupType(name, address(rule), rule.sample());
        return launchType(name, settingsWith(T1, T2));
    }

    function launchType(string memory name, Settings memory settings) internal returns (IZkPowRollup) {
        LaunchConfig memory config = launchConfig(settings);
        config.rollupType = name;
        return IZkPowRollup(factory.launchRollup(config));
    }

    function registerCall(string memory name, address rule, Sample memory sample) internal pure returns (bytes memory) {
        return abi.encodeCall(IZkPowFactory.registerRollupType, (name, rule, sample));
    }
}
