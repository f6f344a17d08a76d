// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LaunchConfig, RollupTypeRule} from "../../src/interfaces/IZkPowFactory.sol";
import {IZkPowPool} from "../../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup, IZkPowRollupActions} from "../../src/interfaces/IZkPowRollup.sol";
import {Statement} from "../../src/interfaces/IStatementVerifier.sol";
import {BatchData, DataRule, SequenceView, Settings} from "../../src/interfaces/RollupTypes.sol";
import {SimulatedVerifier} from "../../src/verifiers/SimulatedVerifier.sol";
import {RollupViews} from "../../src/rollup/RollupViews.sol";
import {ZkPowFactory} from "../../src/ZkPowFactory.sol";
import {ZkPowPool} from "../../src/ZkPowPool.sol";
import {ZkPowRollup} from "../../src/ZkPowRollup.sol";
import {TestBase} from "./TestBase.sol";

/// @notice A launched rollup with simulated proofs, and what sequencer and miners do with it.
abstract contract RollupFixture is TestBase {
    uint64 internal constant T1 = 3;
    uint64 internal constant T2 = 5;
    uint64 internal constant ADMIN_DELAY = 10;
    uint64 internal constant LATE_REWARD_BLOCKS = 100;
    uint64 internal constant WITHDRAWAL_DELAY = 20;
    uint256 internal constant SILENCE = 1 ether;
    uint256 internal constant WRONG = 10 ether;
    uint256 internal constant MINIMUM = 50 ether;
    bytes32 internal constant GENESIS_ROOT = bytes32(uint256(0x6e));

    address internal constant ADMIN = address(0xAD);
    address internal constant SEQUENCER = address(0x5E);
    address internal constant ALICE = address(0xA1);
    address internal constant BOB = address(0xB0);
    address internal constant CAROL = address(0xCA);

    error WrongRevert(bytes returned, bytes expected);

    ZkPowFactory internal factory;
    IZkPowPool internal pool;
    IZkPowRollup internal rollup;
    SimulatedVerifier internal simulated;

    function setUp() public virtual {
        vm.roll(1000);
        vm.warp(1_700_000_000);
        simulated = new SimulatedVerifier();
        factory = deployFactory(address(0));
        factory.registerRollupType("transfers", RollupTypeRule(address(simulated), transfersRule()));
        pool = factory.pool();
        rollup = launch(settingsWith(T1, T2));
    }

    /// @notice A factory with all of its parts, owned by the test.
    /// @param asset what its pool keeps
    function deployFactory(address asset) internal returns (ZkPowFactory) {
        (IZkPowPool pool_, ZkPowRollup implementation) = deployParts(asset);
        return new ZkPowFactory(address(this), pool_, implementation);
    }

    /// @notice The parts of a factory that is deployed next.
    function deployParts(address asset) internal returns (IZkPowPool pool_, ZkPowRollup implementation) {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        pool_ = new ZkPowPool(asset, WITHDRAWAL_DELAY, next);
        implementation = new ZkPowRollup(pool_, next, new RollupViews(pool_, next));
    }

    function transfersRule() internal pure returns (DataRule memory) {
        return DataRule({recordBytes: 160, maxRecords: 8, paddedBytes: 1280});
    }

    function settingsWith(uint64 t1, uint64 t2) internal pure returns (Settings memory) {
        return Settings({
            t1: t1,
            t2: t2,
            silencePenalty: uint128(SILENCE),
            wrongProofPenalty: uint128(WRONG),
            minimumDeposit: uint128(MINIMUM),
            rewardPerSequence: 2 ether,
            rewardPerBatch: 1 ether,
            rewardCap: 6 ether,
            verifier: address(0)
        });
    }

    function launchConfig(Settings memory settings) internal pure returns (LaunchConfig memory) {
        return LaunchConfig({
            rollupType: "transfers",
            admin: ADMIN,
            sequencer: SEQUENCER,
            settings: settings,
            adminDelayBlocks: ADMIN_DELAY,
            lateRewardBlocks: LATE_REWARD_BLOCKS,
            genesisStateRoot: GENESIS_ROOT,
            genesisData: hex"0123"
        });
    }

    function launch(Settings memory settings) internal returns (IZkPowRollup) {
        return IZkPowRollup(factory.launchRollup(launchConfig(settings)));
    }

    // --- sequencer ---

    /// @return lastBatch of a sequence of `batches` batches with one record each
    function post(uint256 batches) internal returns (uint64 lastBatch) {
        return post(batches, new bytes(160));
    }

    function post(uint256 batches, bytes memory transactions) internal returns (uint64 lastBatch) {
        BatchData[] memory data = new BatchData[](batches);
        for (uint256 i = 0; i < batches; i++) {
            data[i] = BatchData(transactions, bytes32(0), uint64(block.timestamp), 0);
        }
        vm.prank(SEQUENCER);
        rollup.sequenceBatches(data, SEQUENCER);
        return rollup.lastBatchSequenced();
    }

    // --- miners ---

    function deposit(address miner, uint256 amount) internal {
        vm.deal(miner, miner.balance + amount);
        vm.prank(miner);
        pool.deposit{value: amount}(address(rollup), amount);
    }

    function fund(uint256 amount) internal {
        vm.deal(address(this), address(this).balance + amount);
        pool.fund{value: amount}(address(rollup), amount);
    }

    function firstBefore(uint64 finalBatch) internal view returns (uint64 previousLastBatch) {
        (,, previousLastBatch,,) = rollup.sequencedBatches(finalBatch);
    }

    function commit(address miner, uint64 finalBatch) internal {
        commitTo(miner, finalBatch, proofOf(miner, finalBatch));
    }

    function commitTo(address miner, uint64 finalBatch, bytes memory proof) internal {
        uint64 init = firstBefore(finalBatch);
        vm.prank(miner);
        rollup.submitProofHash(init, finalBatch, hashOf(miner, proof));
    }

    function reveal(address miner, uint64 finalBatch) internal returns (bool) {
        return revealThis(miner, finalBatch, proofOf(miner, finalBatch));
    }

    function revealThis(address miner, uint64 finalBatch, bytes memory proof) internal returns (bool) {
        uint64 init = firstBefore(finalBatch);
        vm.prank(miner);
        return rollup.verifyBatches(init, finalBatch, 0, rootAfter(finalBatch), proof);
    }

    function rootAfter(uint64 finalBatch) internal pure returns (bytes32) {
        return finalBatch == 0 ? GENESIS_ROOT : keccak256(abi.encode("state root", finalBatch));
    }

    function hashOf(address miner, bytes memory proof) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(proof), miner));
    }

    /// @dev A simulated proof with a salt that depends on miner and sequence only.
    function proofOf(address miner, uint64 finalBatch) internal view returns (bytes memory) {
        bytes32 salt = keccak256(abi.encode(miner, finalBatch));
        bytes32 digest = simulated.statementDigest(statementOf(miner, finalBatch));
        return abi.encodePacked(salt, sha256(abi.encodePacked("zkpow simulated proof", salt, digest)));
    }

    function statementOf(address miner, uint64 finalBatch) internal view returns (Statement memory) {
        uint64 previous = firstBefore(finalBatch);
        (bytes32 oldAccInputHash,,,,) = rollup.sequencedBatches(previous);
        (bytes32 newAccInputHash,,,,) = rollup.sequencedBatches(finalBatch);
        return Statement({
            chainId: block.chainid,
            rollup: address(rollup),
            firstBatch: previous + 1,
            lastBatch: finalBatch,
            oldStateRoot: rootAfter(previous),
            newStateRoot: rootAfter(finalBatch),
            oldAccInputHash: oldAccInputHash,
            newAccInputHash: newAccInputHash,
            miner: miner
        });
    }

    function viewOf(address miner, uint64 finalBatch) internal view returns (SequenceView memory) {
        return rollup.sequenceView(firstBefore(finalBatch), finalBatch, miner);
    }

    // --- calls to be tried ---

    function postCall(uint256 count, bytes memory transactions, uint64 minForcedTimestamp)
        internal
        view
        returns (bytes memory)
    {
        BatchData[] memory batches = new BatchData[](count);
        for (uint256 i = 0; i < count; i++) {
            batches[i] = BatchData(transactions, 0, uint64(block.timestamp), minForcedTimestamp);
        }
        return abi.encodeCall(IZkPowRollupActions.sequenceBatches, (batches, SEQUENCER));
    }

    function commitCall(address miner, uint64 finalBatch) internal view returns (bytes memory) {
        bytes32 proofHash = hashOf(miner, proofOf(miner, finalBatch));
        return abi.encodeCall(IZkPowRollupActions.submitProofHash, (firstBefore(finalBatch), finalBatch, proofHash));
    }

    function revealCall(address miner, uint64 finalBatch) internal view returns (bytes memory) {
        return revealCallWith(finalBatch, proofOf(miner, finalBatch));
    }

    function revealCallWith(uint64 finalBatch, bytes memory proof) internal view returns (bytes memory) {
        return abi.encodeCall(
            IZkPowRollupActions.verifyBatches, (firstBefore(finalBatch), finalBatch, 0, rootAfter(finalBatch), proof)
        );
    }

    function takeBackCall(uint64 finalBatch) internal pure returns (bytes memory) {
        return abi.encodeCall(IZkPowRollupActions.takeBackProofHash, (finalBatch));
    }

    function settleCall(address miner, uint64 finalBatch, uint64 round) internal pure returns (bytes memory) {
        return abi.encodeCall(IZkPowRollupActions.settle, (miner, finalBatch, round));
    }

    /// @dev Whether a call from `sender` would succeed now; changes nothing.
    function succeeds(address sender, address target, bytes memory call) internal returns (bool success) {
        uint256 snapshot = vm.snapshotState();
        vm.prank(sender);
        (success,) = target.call(call);
        vm.revertToState(snapshot);
    }

    /// @dev The call must revert with exactly this error.
    function checkReverts(address sender, address target, bytes memory call, bytes memory expected) internal {
        vm.prank(sender);
        (bool success, bytes memory returned) = target.call(call);
        check(!success, "the call must revert");
        if (keccak256(returned) != keccak256(expected)) revert WrongRevert(returned, expected);
    }

    function checkRollupReverts(address sender, bytes memory call, bytes memory expected) internal {
        checkReverts(sender, address(rollup), call, expected);
    }
}
