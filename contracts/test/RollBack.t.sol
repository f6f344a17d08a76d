// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {CommitmentState, RoundOutcome} from "../src/interfaces/RollupTypes.sol";
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
        checkEqual(pool.freeDepositOf(address(rollup), BOB), 200 ether, "free at once");
        rollup.settle(ALICE, first, 1000);
        rollup.settle(BOB, second, 1000);
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, 200 ether - SILENCE, "penalty fixed before stays");
        checkEqual(pool.depositOf(address(rollup), BOB).amount, 200 ether, "no penalty in a void round");
        checkEqual(pool.depositOf(address(rollup), BOB).reserved, 0, "reserve released");
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
        checkEqual(pool.depositOf(address(rollup), BOB).amount, 200 ether, "not penalised in the new one's windows");
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

    /// @dev Long after all windows, too: nobody pays for a round that was taken away.
    function checkVoid(address miner, uint64 finalBatch, uint64 round) private {
        uint256 snapshot = vm.snapshotState();
        vm.roll(block.number + 100);
        checkEqual(uint256(rollup.roundOutcome(finalBatch, round)), uint256(RoundOutcome.RolledBack), "void");
        rollup.settle(miner, finalBatch, round);
        checkEqual(pool.depositOf(address(rollup), miner).amount, 200 ether, "no penalty");
        checkEqual(pool.depositOf(address(rollup), miner).reserved, 0, "nothing reserved");
        vm.revertToState(snapshot);
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
