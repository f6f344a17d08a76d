// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice One call a test: contracts/.gas-snapshot keeps what each takes (with a simulated proof; the verifier of
/// `transfers` adds its own).
contract GasTest is RollupFixture {
    uint64 private first;
    uint64 private second;

    function setUp() public override {
        super.setUp();
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
        deposit(CAROL, 200 ether);
        fund(100 ether);
        first = post(1);
        second = post(1);
        commit(ALICE, first);
        commit(CAROL, first);
    }

    function test_gas_post_one_batch_of_eight_records() public {
        post(1, new bytes(1280));
    }

    function test_gas_post_eight_batches_of_eight_records() public {
        post(8, new bytes(1280));
    }

    function test_gas_commit_opening_a_round() public {
        commit(BOB, second);
    }

    function test_gas_commit_joining_a_round() public {
        commit(BOB, first);
    }

    function test_gas_first_reveal() public {
        vm.roll(1000 + T1);
        reveal(ALICE, first);
    }

    function test_gas_first_and_late_reveal() public {
        vm.roll(1000 + T1);
        reveal(ALICE, first);
        reveal(CAROL, first);
    }

    function test_gas_wrong_reveal() public {
        vm.roll(1000 + T1);
        revealThis(ALICE, first, new bytes(64));
    }

    function test_gas_settle_silence() public {
        vm.roll(1000 + T1 + T2);
        rollup.settle(ALICE, first, 1000);
    }

    /// @dev Every call that has to do with a round costs the same beside 2 and beside 200 other committers.
    function test_no_call_costs_more_for_many_committers() public {
        uint256[8] memory few = costsOfOneMiner();
        for (uint160 i = 0; i < 200; i++) {
            address miner = address(0x2000 + i);
            deposit(miner, 60 ether);
            commit(miner, first);
            commit(miner, second);
        }
        uint256[8] memory many = costsOfOneMiner();
        for (uint256 i = 0; i < few.length; i++) {
            // One cold slot a committer would be 420,000; the test's own memory has grown, too.
            check(many[i] <= few[i] + 1000, string.concat("call ", vm.toString(i)));
        }
    }

    /// @dev The longest work there is on a miner's own list: 255 open commitments are passed over to find the one whose
    /// reserve another's proof has freed.
    function test_a_commitment_with_a_full_list_stays_within_its_bound() public {
        address tight = address(0x9009);
        deposit(tight, MINIMUM + 256 * SILENCE);
        uint64[] memory posted = new uint64[](256);
        for (uint256 i = 0; i < 256; i++) {
            posted[i] = post(1);
        }
        for (uint256 i = 0; i < 255; i++) {
            commit(tight, posted[i]);
        }
        commit(tight, first);
        vm.roll(1000 + T1);
        reveal(ALICE, first);
        bytes memory call = commitCall(tight, posted[255]);
        vm.cool(address(rollup));
        vm.cool(address(pool));
        uint256 cost = costOf(tight, call);
        // What a miner's transaction is given (activities/sender/step-calls.ts), less what the transaction itself takes.
        check(cost <= 500_000 - 25_000 + 256 * 13_000, vm.toString(cost));
    }

    /// @dev The most that one commitment may have to settle: all that it needs lies in reserves that another's proofs have
    /// freed, and what was free beside them is being withdrawn.
    function test_a_commitment_that_settles_many_others_stays_within_its_bound() public {
        uint256 freed = (MINIMUM + SILENCE) / SILENCE;
        address tight = address(0x9009);
        deposit(tight, MINIMUM + freed * SILENCE);
        commit(ALICE, second);
        for (uint256 i = 0; i < freed; i++) {
            uint64 posted = post(1);
            commit(ALICE, posted);
            commit(tight, posted);
        }
        vm.roll(1000 + T1);
        for (uint64 batch = first; batch <= rollup.lastBatchSequenced(); batch++) {
            reveal(ALICE, batch);
            vm.roll(block.number + 1);
        }
        vm.prank(tight);
        pool.requestWithdrawal(address(rollup), MINIMUM);
        bytes memory call = commitCall(tight, post(1));
        vm.cool(address(rollup));
        vm.cool(address(pool));
        uint256 cost = costOf(tight, call);
        checkEqual(rollup.openCommitments(tight).length, 1, "all others are settled");
        check(cost <= 500_000 - 25_000 + freed * 50_000, vm.toString(cost));
    }

    function costsOfOneMiner() private returns (uint256[8] memory costs) {
        uint256 snapshot = vm.snapshotState();
        costs[0] = costOf(BOB, commitCall(BOB, first));
        commit(BOB, second);
        uint256 committed = vm.snapshotState();
        vm.roll(1000 + T1 + T2);
        costs[1] = costOf(CAROL, settleCall(BOB, first, 1000));
        vm.revertToState(committed);
        vm.roll(1000 + T1);
        costs[2] = costOf(BOB, takeBackCall(second));
        costs[3] = costOf(CAROL, revealCallWith(first, new bytes(64)));
        costs[4] = costOf(BOB, revealCall(BOB, first));
        costs[5] = costOf(ALICE, revealCall(ALICE, first));
        vm.roll(1000 + T1 + LATE_REWARD_BLOCKS);
        costs[6] = costOf(BOB, abi.encodeCall(IZkPowRollupActions.releaseLateRewards, (first)));
        vm.revertToState(committed);
        vm.prank(ADMIN);
        rollup.scheduleRollback(second);
        vm.roll(1000 + ADMIN_DELAY);
        costs[7] = costOf(ADMIN, abi.encodeCall(IZkPowRollupActions.executeRollback, (1)));
        vm.revertToState(snapshot);
    }

    function costOf(address sender, bytes memory call) private returns (uint256) {
        vm.prank(sender);
        uint256 before = gasleft();
        (bool success,) = address(rollup).call(call);
        uint256 cost = before - gasleft();
        check(success, "the call works");
        return cost;
    }
}
