// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {PostedSequence} from "./support/PostedSequence.sol";

/// @notice No call's cost grows with the number of miners, and what grows with a miner's own list is bounded.
contract GasBoundsTest is PostedSequence {
    address private constant MINER = address(0x9009);
    /// @dev What the sender gives a commitment (activities/sender/step-calls.ts), less what the transaction itself takes.
    uint256 private constant COMMIT_GAS = 500_000 - 35_000;
    uint256 private constant GAS_PER_OPEN_COMMITMENT = 13_000;
    uint256 private constant GAS_PER_ENDED_COMMITMENT = 50_000;

    uint64 private second;

    function setUp() public override {
        super.setUp();
        second = post(1);
        commit(ALICE, last);
        commit(CAROL, last);
        commit(ALICE, second);
    }

    /// @dev Every call that has to do with a round costs the same beside 2 and beside 200 other committers.
    function test_no_call_costs_more_for_many_committers() public {
        uint256[12] memory few = costsOfOneMiner();
        for (uint160 i = 0; i < 200; i++) {
            this.commitToBoth(address(0x2000 + i));
        }
        uint256[12] memory many = costsOfOneMiner();
        for (uint256 i = 0; i < few.length; i++) {
            // One cold slot a committer would be 420,000.
            check(
                many[i] <= few[i] + 200,
                string.concat("call ", vm.toString(i), ": ", vm.toString(many[i]), " beside ", vm.toString(few[i]))
            );
        }
    }

    /// @dev In a call of its own: memory that has grown makes the calls that are measured dearer.
    function commitToBoth(address miner) external {
        deposit(miner, 2 * MINIMUM);
        commit(miner, last);
        commit(miner, second);
    }

    function costsOfOneMiner() private returns (uint256[12] memory costs) {
        uint256 start = vm.snapshotState();
        costs[0] = costOf(BOB, boundCall(BOB, last, MINIMUM));
        commit(BOB, second);
        uint256 committed = vm.snapshotState();
        vm.roll(1000 + T1 + T2);
        costs[1] = costOf(CAROL, settleCall(BOB, last, 1000));
        costs[2] = costOf(BOB, boundCall(BOB, last, MINIMUM));
        vm.revertToState(committed);
        vm.roll(1000 + T1);
        costs[3] = costOf(BOB, takeBackCall(second));
        costs[4] = costOf(CAROL, revealCallWith(last, new bytes(64)));
        costs[5] = costOf(ALICE, revealCall(ALICE, last));
        uint256 accepted = vm.snapshotState();
        costs[6] = costOf(BOB, revealCall(BOB, last));
        vm.roll(1000 + T1 + T2);
        costs[7] = costOf(CAROL, settleCall(BOB, last, 1000));
        vm.revertToState(accepted);
        vm.roll(1000 + T1 + T2);
        costs[8] = costOf(BOB, revealCall(BOB, last));
        vm.revertToState(committed);
        vm.prank(ADMIN);
        rollup.scheduleRollback(second);
        vm.roll(1000 + ADMIN_DELAY);
        costs[9] = costOf(ADMIN, abi.encodeCall(IZkPowRollupActions.executeRollback, (1)));
        costs[10] = costOf(CAROL, settleCall(BOB, second, 1000));
        vm.roll(block.number + 1);
        costs[11] = costOf(SEQUENCER, postCall(1, new bytes(160), 0));
        vm.revertToState(start);
    }

    /// @dev The longest work there is on a miner's own list: looking for one place in it, and then for one reserve that
    /// can be freed, passes over all that is open.
    function test_a_commitment_with_a_full_list_stays_within_its_bound() public {
        deposit(MINER, 255 * MINIMUM);
        uint64[] memory posted = new uint64[](254);
        for (uint256 i = 0; i < posted.length; i++) {
            posted[i] = post(1);
        }
        for (uint256 i = 1; i < posted.length; i++) {
            commit(MINER, posted[i]);
        }
        commit(MINER, last);
        commit(MINER, second);
        vm.roll(1000 + T1);
        reveal(MINER, last);
        commit(MINER, posted[0]); // with what its proof freed
        vm.roll(1000 + T1 + 1);
        reveal(ALICE, second);
        vm.roll(1000 + T1 + 1 + T2);
        // What it revealed in time holds the last place that it may have, and what it did not reveal the last reserve.
        checkEqual(rollup.openCommitments(MINER).length, 256, "the list is full");
        checkEqual(viewOf(MINER, posted[0]).openCommitments, 254, "and two have ended");
        checkEqual(pool.reservableOf(address(rollup), MINER), 0, "nothing is free");
        uint64 newest = post(1);
        uint256 cost = costOf(MINER, boundCall(MINER, newest, MINIMUM));
        checkEqual(rollup.openCommitments(MINER).length, 255, "both are settled");
        check(cost <= COMMIT_GAS + 254 * GAS_PER_OPEN_COMMITMENT + 2 * GAS_PER_ENDED_COMMITMENT, vm.toString(cost));
    }

    /// @dev The most that one commitment may have to settle: all that it reserves is held by others that have ended.
    function test_a_commitment_that_settles_many_silences_stays_within_its_bound() public {
        uint256 ended = 50;
        deposit(MINER, ended * MINIMUM);
        for (uint256 i = 0; i < ended; i++) {
            commit(MINER, last); // rounds of one sequence that fail one after the other
            vm.roll(block.number + T1 + T2);
        }
        settlesAllOf(ended, ended * (MINIMUM - SILENCE));
    }

    function test_a_commitment_that_settles_many_releases_stays_within_its_bound() public {
        uint256 ended = 50;
        deposit(MINER, ended * MINIMUM);
        uint64[] memory posted = new uint64[](ended);
        deposit(ALICE, ended * MINIMUM);
        for (uint256 i = 0; i < ended; i++) {
            posted[i] = post(1);
            commit(MINER, posted[i]);
            commit(ALICE, posted[i]);
        }
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        vm.roll(block.number + 1);
        reveal(ALICE, second);
        for (uint256 i = 0; i < ended; i++) {
            vm.roll(block.number + 1);
            reveal(ALICE, posted[i]);
        }
        vm.roll(block.number + T2);
        settlesAllOf(ended, ended * MINIMUM);
    }

    function settlesAllOf(uint256 ended, uint256 reserve) private {
        checkEqual(rollup.openCommitments(MINER).length, ended, "not settled yet");
        checkEqual(pool.reservableOf(address(rollup), MINER), 0, "nothing is free");
        uint256 cost = costOf(MINER, boundCall(MINER, post(1), reserve));
        checkEqual(rollup.openCommitments(MINER).length, 1, "all others are settled");
        check(cost <= COMMIT_GAS + ended * GAS_PER_ENDED_COMMITMENT, vm.toString(cost));
    }

    /// @dev Settling in parts: a call is bounded by its own limit, whatever the list holds.
    function test_settling_many_costs_no_more_than_so_many_times_one() public {
        deposit(MINER, 60 * MINIMUM);
        for (uint256 i = 0; i < 60; i++) {
            commit(MINER, last);
            vm.roll(block.number + T1 + T2);
        }
        uint256 cost = costOf(CAROL, abi.encodeCall(IZkPowRollupActions.settleMany, (MINER, 20)));
        checkEqual(rollup.openCommitments(MINER).length, 40, "others wait");
        check(cost <= 20 * GAS_PER_ENDED_COMMITMENT, vm.toString(cost));
    }

    /// @dev With nothing warm.
    function costOf(address sender, bytes memory call) private returns (uint256 cost) {
        vm.cool(address(rollup));
        vm.cool(address(pool));
        vm.prank(sender);
        cost = gasleft();
        (bool success, bytes memory returned) = address(rollup).call(call);
        cost -= gasleft();
        if (!success) revert CallFailed(returned);
    }
}
