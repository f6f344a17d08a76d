// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollup, IZkPowRollupActions} from "../../src/interfaces/IZkPowRollup.sol";
import {Statement} from "../../src/interfaces/ITypeRule.sol";
import {BatchData, SequenceView} from "../../src/interfaces/RollupTypes.sol";
import {SimulatedRule} from "../../src/rules/SimulatedRule.sol";
import {FactoryFixture} from "./FactoryFixture.sol";

/// @notice A launched rollup with simulated proofs, and what sequencer and miners do with it.
abstract contract RollupFixture is FactoryFixture {
    IZkPowRollup internal rollup;

    function setUp() public virtual {
        vm.roll(1000);
        vm.warp(1_700_000_000);
        simulated = new SimulatedRule(160, 8, 1280);
        factory = deployFactory(address(0));
        factory.registerRollupType("transfers", address(simulated), sampleOf(simulated));
        pool = factory.pool();
        rollup = launch(settingsWith(T1, T2));
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
        pool.deposit{value: amount}(amount);
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

    /// @notice Commits with a reserve of the miner's choice, bound to posting and terms as the view gives them.
    function commitWith(address miner, uint64 finalBatch, uint256 reserve) internal {
        (bool success, bytes memory returned) = tryFrom(miner, address(rollup), boundCall(miner, finalBatch, reserve));
        if (!success) revert CallFailed(returned);
    }

    function commitTo(address miner, uint64 finalBatch, bytes memory proof) internal {
        commitHash(miner, finalBatch, hashOf(miner, proof));
    }

    /// @notice Commits with the least reserve, bound to posting and terms as the view gives them.
    function commitHash(address miner, uint64 finalBatch, bytes32 proofHash) internal {
        bytes memory call = hashCall(miner, finalBatch, proofHash, viewOf(miner, finalBatch).terms.minimumReserve);
        (bool success, bytes memory returned) = tryFrom(miner, address(rollup), call);
        if (!success) revert CallFailed(returned);
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
            newLocalExitRoot: 0,
            miner: miner
        });
    }

    function viewOf(address miner, uint64 finalBatch) internal view returns (SequenceView memory) {
        return rollup.sequenceView(firstBefore(finalBatch), finalBatch, miner);
    }

    function stakeOf(address miner) internal view returns (uint256) {
        return pool.stakeOf(miner).amount;
    }

    function reservedOf(address miner) internal view returns (uint256) {
        return pool.stakeOf(miner).reserved;
    }

    function owed(address miner) internal view returns (uint256) {
        return pool.owed(address(rollup), miner);
    }

    function freeRewards() internal view returns (uint256) {
        return pool.rewardsOf(address(rollup)).free;
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
        return boundCall(miner, finalBatch, viewOf(miner, finalBatch).terms.minimumReserve);
    }

    function boundCall(address miner, uint64 finalBatch, uint256 reserve) internal view returns (bytes memory) {
        return hashCall(miner, finalBatch, hashOf(miner, proofOf(miner, finalBatch)), reserve);
    }

    function hashCall(address miner, uint64 finalBatch, bytes32 proofHash, uint256 reserve)
        internal
        view
        returns (bytes memory)
    {
        SequenceView memory v = viewOf(miner, finalBatch);
        uint64 init = firstBefore(finalBatch);
        return abi.encodeCall(
            IZkPowRollupActions.submitProofHash, (init, finalBatch, proofHash, v.accInputHash, v.termsVersion, reserve)
        );
    }

    function boundCallTo(address miner, uint64 finalBatch, bytes32 accInputHash, uint256 version, uint256 reserve)
        internal
        view
        returns (bytes memory)
    {
        bytes32 proofHash = hashOf(miner, proofOf(miner, finalBatch));
        return abi.encodeCall(
            IZkPowRollupActions.submitProofHash,
            (firstBefore(finalBatch), finalBatch, proofHash, accInputHash, version, reserve)
        );
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

    function checkRollupReverts(address sender, bytes memory call, bytes memory expected) internal {
        checkReverts(sender, address(rollup), call, expected);
    }
}
