// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "../src/interfaces/IZkPowPool.sol";
import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {Settings} from "../src/interfaces/RollupTypes.sol";
import {Shares} from "../src/libraries/Shares.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Who earns what, to the wei.
contract RewardsTest is RollupFixture {
    uint64 private last;

    function setUp() public override {
        super.setUp();
        deposit(ALICE, 200 ether);
        deposit(BOB, 500 ether);
        deposit(CAROL, 300 ether);
        last = post(1); // reward: 2 + 1 ether
    }

    function test_shares_are_deposit_shares_whoever_is_first() public {
        fund(100 ether);
        commitAll();
        vm.roll(1000 + T1);
        reveal(BOB, last);
        reveal(ALICE, last);
        vm.roll(1000 + T1 + T2 + 50);
        reveal(CAROL, last);
        checkEqual(owed(ALICE), 0.6 ether, "20 %");
        checkEqual(owed(BOB), 1.5 ether, "50 %");
        checkEqual(owed(CAROL), 0.9 ether, "30 %");
        checkEqual(pool.rewardsOf(address(rollup)).free, 97 ether, "free");
        checkEqual(pool.rewardsOf(address(rollup)).earmarked, 0, "nothing left aside");
        uint256 before = ALICE.balance;
        vm.prank(ALICE);
        checkEqual(pool.claim(address(rollup)), 0.6 ether, "claimed");
        checkEqual(ALICE.balance - before, 0.6 ether, "paid");
        checkReverts(
            ALICE,
            address(pool),
            abi.encodeCall(IZkPowPool.claim, (address(rollup))),
            abi.encodeWithSignature("NothingToClaim(address)", ALICE)
        );
    }

    function test_the_share_of_a_wrong_or_silent_committer_is_not_given_to_others() public {
        fund(100 ether);
        commit(ALICE, last);
        commitTo(BOB, last, new bytes(64));
        commit(CAROL, last);
        vm.roll(1000 + T1);
        revealThis(BOB, last, new bytes(64)); // wrong
        reveal(ALICE, last);
        checkEqual(owed(ALICE), 0.6 ether, "20 % as before");
        vm.roll(1000 + T1 + LATE_REWARD_BLOCKS);
        rollup.releaseLateRewards(last);
        checkEqual(pool.rewardsOf(address(rollup)).free, 99.4 ether, "the rest went back");
        checkEqual(pool.rewardsOf(address(rollup)).earmarked, 0, "nothing left aside");
    }

    function test_weight_is_the_whole_deposit_less_what_is_being_withdrawn() public {
        fund(100 ether);
        uint64 second = post(1);
        commit(BOB, second); // reserves, and counts all the same
        vm.prank(BOB);
        pool.requestWithdrawal(address(rollup), 300 ether);
        commitAll();
        checkEqual(viewOf(BOB, last).totalWeight, 200 ether + 200 ether + 300 ether, "weights");
    }

    function test_after_its_deadline_a_late_proof_is_paid_from_what_is_free() public {
        fund(100 ether);
        commitAll();
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.releaseLateRewards, (last)),
            abi.encodeWithSelector(Errors.LateRewardsStillDue.selector, 1000 + T1, 1000 + T1 + LATE_REWARD_BLOCKS)
        );
        vm.roll(1000 + T1 + LATE_REWARD_BLOCKS);
        rollup.releaseLateRewards(last);
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.releaseLateRewards, (last)),
            abi.encodeWithSelector(Errors.NothingToRelease.selector, last)
        );
        checkEqual(viewOf(BOB, last).ownReward, 1.5 ether, "the view says what it would earn");
        reveal(BOB, last);
        checkEqual(owed(BOB), 1.5 ether, "its share");
        checkEqual(pool.rewardsOf(address(rollup)).free, 97.9 ether, "from the free rewards");
    }

    function test_after_its_deadline_a_late_proof_may_find_nothing_free() public {
        fund(3 ether);
        uint64 second = post(1);
        commitAll();
        commit(ALICE, second);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        vm.roll(1001 + T1);
        commit(CAROL, post(1));
        vm.roll(1000 + T1 + LATE_REWARD_BLOCKS);
        rollup.releaseLateRewards(last);
        commit(ALICE, second); // the second's first round has failed
        vm.roll(block.number + T1);
        reveal(ALICE, second); // takes all that is free
        checkEqual(viewOf(BOB, last).ownReward, 0, "the view says so");
        check(reveal(BOB, last), "accepted all the same");
        checkEqual(owed(BOB), 0, "unpaid");
    }

    function test_an_empty_pool_earns_nothing_and_stops_nothing() public {
        commitAll();
        vm.roll(1000 + T1);
        check(reveal(ALICE, last), "accepted");
        checkEqual(owed(ALICE), 0, "nothing earmarked");
        fund(100 ether);
        reveal(BOB, last);
        checkEqual(owed(BOB), 0, "what comes later belongs to later sequences");
    }

    function test_a_short_pool_earmarks_what_there_is() public {
        fund(1 ether);
        commitAll();
        checkEqual(viewOf(BOB, last).ownReward, 0.5 ether, "the view knows");
        vm.roll(1000 + T1);
        reveal(BOB, last);
        checkEqual(owed(BOB), 0.5 ether, "half of what there was");
        checkEqual(pool.rewardsOf(address(rollup)).free, 0, "all set aside");
    }

    function test_the_reward_is_fixed_when_the_sequence_is_posted() public {
        fund(100 ether);
        uint64 second = post(10); // capped at 6 ether
        uint64 third = post(1, ""); // no data: 2 ether
        commitAll();
        commit(BOB, second);
        commit(BOB, third);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        vm.roll(1001 + T1);
        reveal(BOB, second);
        checkEqual(owed(BOB), 6 ether, "capped");
        vm.roll(1002 + T1);
        reveal(BOB, third);
        checkEqual(owed(BOB), 8 ether, "an empty batch earns nothing of its own");
    }

    function test_new_settings_leave_promised_rewards_alone() public {
        fund(100 ether);
        Settings memory settings = settingsWith(T1, T2);
        settings.verifier = address(simulated);
        (settings.rewardPerSequence, settings.rewardPerBatch, settings.rewardCap) = (0, 0, 0);
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
        vm.roll(1000 + ADMIN_DELAY);
        vm.prank(ADMIN);
        rollup.applySettings();
        commit(BOB, last);
        uint64 second = post(1);
        commit(BOB, second);
        vm.roll(1000 + ADMIN_DELAY + T1);
        reveal(BOB, last);
        checkEqual(owed(BOB), 3 ether, "as promised when it was posted");
        vm.roll(1001 + ADMIN_DELAY + T1);
        reveal(BOB, second);
        checkEqual(owed(BOB), 3 ether, "the next one has the new reward");
    }

    function testFuzz_shares_never_exceed_the_reward(uint128 amount, uint64 a, uint64 b, uint64 c) public pure {
        uint256 total = uint256(a) + b + c;
        uint256 sum = Shares.share(amount, a, total) + Shares.share(amount, b, total) + Shares.share(amount, c, total);
        check(sum <= amount, "no more than there is");
        if (total != 0) check(amount - sum <= 2, "less than one wei a committer is lost");
    }

    function testFuzz_shares_are_exact_on_the_chain(uint64 alice, uint64 bob, uint128 free) public {
        deposit(ALICE, uint256(alice) + 1);
        deposit(BOB, uint256(bob) + 1);
        if (free > 0) fund(free);
        commitAll();
        uint256 reward = free < 3 ether ? free : 3 ether;
        uint256 aliceWeight = 200 ether + uint256(alice) + 1;
        uint256 bobWeight = 500 ether + uint256(bob) + 1;
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        reveal(BOB, last);
        uint256 total = aliceWeight + bobWeight + 300 ether;
        checkEqual(owed(ALICE), reward * aliceWeight / total, "alice");
        checkEqual(owed(BOB), reward * bobWeight / total, "bob");
    }

    function commitAll() private {
        commit(ALICE, last);
        commit(BOB, last);
        commit(CAROL, last);
    }

    function owed(address miner) private view returns (uint256) {
        return pool.owed(address(rollup), miner);
    }
}
