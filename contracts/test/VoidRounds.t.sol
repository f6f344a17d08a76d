// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {CommitmentState, RoundOutcome} from "../src/interfaces/RollupTypes.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice What a roll back does to rounds: one that lives is void, one that has failed stays so.
contract VoidRoundsTest is RollupFixture {
    function setUp() public override {
        super.setUp();
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
    }

    function test_roll_back_voids_live_rounds_and_leaves_failed_ones() public {
        uint64 first = post(1);
        uint64 second = post(1);
        commit(ALICE, first);
        commit(BOB, second);
        scheduleAndWait(1); // the first round fails meanwhile
        vm.prank(ADMIN);
        rollup.executeRollback(10);
        checkEqual(uint256(rollup.roundOutcome(first, 1000)), uint256(RoundOutcome.Failed), "failed before");
        checkEqual(uint256(rollup.roundOutcome(second, 1000)), uint256(RoundOutcome.RolledBack), "void");
        checkEqual(viewOf(BOB, second).freeStake, 200 ether, "free at once");
        rollup.settle(ALICE, first, 1000);
        rollup.settle(BOB, second, 1000);
        checkEqual(stakeOf(ALICE), 200 ether - SILENCE, "penalty fixed before stays");
        checkEqual(stakeOf(BOB), 200 ether, "no penalty in a void round");
        checkEqual(reservedOf(BOB), 0, "reserve released");
    }

    function test_a_commitment_is_made_with_what_a_roll_back_frees() public {
        post(1);
        uint64 second = post(1);
        commitWith(ALICE, second, 200 ether); // all that she has
        scheduleAndWait(1);
        vm.prank(ADMIN);
        rollup.executeRollback(10);
        vm.roll(block.number + 1);
        uint64 last = post(1);
        commitWith(ALICE, last, 200 ether);
        checkEqual(rollup.openCommitments(ALICE).length, 1, "the other is settled");
        checkEqual(uint256(rollup.commitmentState(ALICE, second, 1000)), uint256(CommitmentState.RolledBack), "as void");
        checkEqual(stakeOf(ALICE), 200 ether, "without a penalty");
    }

    function test_roll_back_voids_rounds_in_both_of_their_windows() public {
        uint64 first = post(1);
        uint64 second = post(1);
        vm.prank(ADMIN);
        rollup.scheduleRollback(1);
        vm.roll(1000 + ADMIN_DELAY - 1);
        commit(ALICE, first);
        vm.roll(1000 + ADMIN_DELAY - 1 + T1); // its reveals have begun, the other's hashes
        commit(BOB, second);
        vm.prank(ADMIN);
        rollup.executeRollback(10);
        checkVoid(ALICE, first, 1000 + ADMIN_DELAY - 1);
        checkVoid(BOB, second, 1000 + ADMIN_DELAY - 1 + T1);
    }

    function test_roll_back_voids_a_round_whose_windows_are_known() public {
        uint64 first = post(1);
        uint64 second = post(1);
        commit(ALICE, first);
        vm.roll(1000 + T1);
        reveal(ALICE, first);
        vm.prank(ADMIN);
        rollup.scheduleRollback(second);
        vm.roll(1000 + T1 + ADMIN_DELAY);
        commit(BOB, second);
        vm.roll(1000 + T1 + ADMIN_DELAY + 1); // its hashes may still come
        vm.prank(ADMIN);
        rollup.executeRollback(10);
        checkVoid(BOB, second, 1000 + T1 + ADMIN_DELAY);
    }

    function test_a_void_round_stays_void_when_other_data_is_posted_in_its_place() public {
        post(1);
        uint64 second = post(1);
        commit(BOB, second);
        scheduleAndWait(1);
        vm.prank(ADMIN);
        rollup.executeRollback(10);
        vm.roll(block.number + 1);
        post(1);
        post(1);
        commit(ALICE, 1);
        commit(ALICE, second);
        vm.roll(block.number + T1);
        reveal(ALICE, 1);
        vm.roll(block.number + 1);
        checkRollupReverts(
            BOB,
            revealCall(BOB, second),
            abi.encodeWithSelector(
                Errors.NoOpenCommitment.selector, BOB, second, viewOf(ALICE, second).roundStart, CommitmentState.None
            )
        );
        vm.roll(block.number + 100);
        rollup.settle(BOB, second, 1000);
        checkEqual(stakeOf(BOB), 200 ether, "not penalised in the new one's windows");
    }

    function test_a_failed_round_stays_failed_when_the_batches_are_cut_otherwise() public {
        uint64 last = post(2);
        commit(ALICE, last);
        vm.roll(1000 + T1 + T2);
        commit(ALICE, last);
        scheduleAndWait(1); // the second round fails meanwhile
        vm.prank(ADMIN);
        rollup.executeRollback(10);
        vm.roll(block.number + 1);
        post(1);
        checkEqual(post(1), last, "the same last batch, after another predecessor");
        checkEqual(uint256(rollup.roundOutcome(last, 1000)), uint256(RoundOutcome.Failed), "first round");
        checkEqual(rollup.settleMany(ALICE, 10), 2, "both settled");
        checkEqual(pool.slashed(address(rollup)), 2 * SILENCE, "both penalties stay");
    }

    /// @dev Long after all windows, too: nobody pays for a round that was taken away.
    function checkVoid(address miner, uint64 finalBatch, uint64 round) private {
        uint256 snapshot = vm.snapshotState();
        vm.roll(block.number + 100);
        checkEqual(uint256(rollup.roundOutcome(finalBatch, round)), uint256(RoundOutcome.RolledBack), "void");
        rollup.settle(miner, finalBatch, round);
        checkEqual(stakeOf(miner), 200 ether, "no penalty");
        checkEqual(reservedOf(miner), 0, "nothing reserved");
        vm.revertToState(snapshot);
    }

    function scheduleAndWait(uint64 firstBatch) private {
        vm.prank(ADMIN);
        rollup.scheduleRollback(firstBatch);
        vm.roll(block.number + ADMIN_DELAY);
    }
}
