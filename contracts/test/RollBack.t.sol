// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Rolling back: what is taken out, what stays, and when a schedule lapses.
contract RollBackTest is RollupFixture {
    function setUp() public override {
        super.setUp();
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
    }

    function test_roll_back_takes_out_the_unverified_sequences_from_one_on() public {
        uint64 first = post(2);
        post(1);
        post(3);
        scheduleAndWait(first + 1);
        vm.prank(ADMIN);
        checkEqual(rollup.executeRollback(10), 2, "two sequences");
        checkEqual(rollup.lastBatchSequenced(), first, "back to the first");
        (bytes32 accInputHash,,,,) = rollup.sequencedBatches(first + 1);
        checkEqual(accInputHash, 0, "gone");
        vm.roll(block.number + 1);
        checkEqual(post(1), first + 1, "posted anew");
    }

    function test_roll_back_goes_in_parts_and_posting_waits_for_its_end() public {
        post(1);
        post(1);
        post(1);
        scheduleAndWait(1);
        vm.prank(ADMIN);
        rollup.executeRollback(2);
        vm.roll(block.number + 1);
        refused(postCall(1, "", 0), abi.encodeWithSelector(Errors.RollbackUnderway.selector));
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.cancelRollback, ()),
            abi.encodeWithSelector(Errors.RollbackUnderway.selector)
        );
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.scheduleRollback, (1)),
            abi.encodeWithSelector(Errors.RollbackUnderway.selector)
        );
        vm.prank(ADMIN);
        checkEqual(rollup.executeRollback(2), 1, "the last one");
        refused(postCall(1, "", 0), abi.encodeWithSelector(Errors.RollbackUnderway.selector));
        vm.roll(block.number + 1);
        post(1);
    }

    function test_a_schedule_in_place_of_another_has_its_whole_delay() public {
        post(1);
        uint64 second = post(1);
        vm.prank(ADMIN);
        rollup.scheduleRollback(second);
        vm.roll(1000 + ADMIN_DELAY - 1);
        vm.prank(ADMIN);
        rollup.scheduleRollback(1);
        vm.roll(1000 + ADMIN_DELAY);
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.executeRollback, (10)),
            abi.encodeWithSelector(Errors.TooEarly.selector, 1000 + ADMIN_DELAY, 1000 + 2 * ADMIN_DELAY - 1)
        );
    }

    function test_a_roll_back_of_nothing_begins_nothing() public {
        post(1);
        scheduleAndWait(1);
        vm.prank(ADMIN);
        checkEqual(rollup.executeRollback(0), 0, "nothing removed");
        checkSchedule(1, 1000 + ADMIN_DELAY, false);
        post(1);
        vm.prank(ADMIN);
        rollup.cancelRollback();
    }

    function test_a_schedule_lapses_when_its_first_sequence_is_verified() public {
        uint64 first = post(1);
        post(1);
        commit(ALICE, first);
        vm.prank(ADMIN);
        rollup.scheduleRollback(1);
        checkSchedule(1, 1000 + ADMIN_DELAY, false);
        vm.roll(1000 + T1);
        reveal(ALICE, first);
        checkSchedule(0, 0, false);
        vm.roll(1000 + ADMIN_DELAY);
        uint64 third = post(1); // without any notice
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.executeRollback, (10)),
            abi.encodeWithSelector(Errors.NothingToRollBack.selector, 1, first, third)
        );
        scheduleAndWait(first + 1);
        vm.prank(ADMIN);
        checkEqual(rollup.executeRollback(10), 2, "after a notice of their own");
        checkEqual(rollup.lastBatchSequenced(), first, "the first stays");
    }

    function test_verified_sequences_are_never_rolled_back() public {
        uint64 first = post(1);
        post(1);
        post(1);
        commit(ALICE, first);
        vm.prank(ADMIN);
        rollup.scheduleRollback(1);
        vm.roll(1000 + ADMIN_DELAY);
        commit(ALICE, first); // the first round has failed
        vm.prank(ADMIN);
        rollup.executeRollback(1);
        checkSchedule(1, 1000 + ADMIN_DELAY, true);
        vm.roll(block.number + T1);
        reveal(ALICE, first); // with one of the three out
        checkSchedule(1, 1000 + ADMIN_DELAY, true);
        vm.prank(ADMIN);
        checkEqual(rollup.executeRollback(10), 1, "only the second");
        checkEqual(rollup.lastBatchSequenced(), first, "the first stays");
        checkEqual(rollup.batchNumToStateRoot(first), rootAfter(first), "with its state");
        checkSchedule(0, 0, false);
        vm.roll(block.number + 1);
        post(1);
    }

    function test_posting_goes_on_when_all_that_was_left_of_a_roll_back_is_verified() public {
        uint64 first = post(1);
        post(1);
        scheduleAndWait(1);
        commit(ALICE, first);
        vm.prank(ADMIN);
        rollup.executeRollback(1);
        vm.roll(block.number + T1);
        reveal(ALICE, first);
        vm.prank(ADMIN);
        checkEqual(rollup.executeRollback(10), 0, "nothing is left");
        vm.roll(block.number + 1);
        checkEqual(post(1), first + 1, "posted anew");
    }

    function test_roll_back_refusals_name_their_numbers() public {
        post(2);
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.scheduleRollback, (1)),
            abi.encodeWithSelector(Errors.NotAllowed.selector, ALICE, ADMIN)
        );
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.scheduleRollback, (3)),
            abi.encodeWithSelector(Errors.NothingToRollBack.selector, 3, 0, 2)
        );
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.scheduleRollback, (2)),
            abi.encodeWithSelector(Errors.NotTheStartOfASequence.selector, 2)
        );
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.executeRollback, (1)),
            abi.encodeWithSelector(Errors.NothingProposed.selector)
        );
        vm.prank(ADMIN);
        rollup.scheduleRollback(1);
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.executeRollback, (1)),
            abi.encodeWithSelector(Errors.TooEarly.selector, 1000, 1000 + ADMIN_DELAY)
        );
        vm.prank(ADMIN);
        rollup.cancelRollback();
        vm.roll(1000 + ADMIN_DELAY);
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.executeRollback, (1)),
            abi.encodeWithSelector(Errors.NothingProposed.selector)
        );
    }

    function checkSchedule(uint64 firstBatch, uint256 effectiveBlock, bool begun) private view {
        (uint64 first, uint64 effective, bool hasBegun) = rollup.scheduledRollback();
        checkEqual(first, firstBatch, "first batch of the schedule");
        checkEqual(effective, effectiveBlock, "its block");
        check(hasBegun == begun, "whether it has begun");
    }

    function scheduleAndWait(uint64 firstBatch) private {
        vm.prank(ADMIN);
        rollup.scheduleRollback(firstBatch);
        vm.roll(block.number + ADMIN_DELAY);
    }

    function refused(bytes memory call, bytes memory expected) private {
        checkRollupReverts(SEQUENCER, call, expected);
    }
}
