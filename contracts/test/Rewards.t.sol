// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "../src/interfaces/IZkPowPool.sol";
import {Settings} from "../src/interfaces/RollupTypes.sol";
import {Shares} from "../src/libraries/Shares.sol";
import {ThreeStakes} from "./support/ThreeStakes.sol";

/// @notice Who earns what, to the wei.
contract RewardsTest is ThreeStakes {
    // --- in time ---

    function test_shares_are_shares_of_the_weight_whoever_is_first() public {
        fund(100 ether);
        commitAll();
        vm.roll(1000 + T1);
        reveal(BOB, last);
        vm.roll(1000 + T1 + T2 - 1);
        reveal(ALICE, last);
        reveal(CAROL, last);
        checkEqual(owed(ALICE), 0, "nothing is booked before E");
        settleAll();
        checkEqual(owed(ALICE), 0.6 ether, "20 %");
        checkEqual(owed(BOB), 1.5 ether, "50 %");
        checkEqual(owed(CAROL), 0.9 ether, "30 %");
        checkEqual(freeRewards(), 97 ether, "free");
        checkEqual(earmarked(), 0, "nothing left aside");
        vm.prank(ALICE);
        checkEqual(pool.claim(address(rollup)), 0.6 ether, "claimed");
        checkEqual(ALICE.balance, 0.6 ether, "paid");
        checkReverts(
            ALICE,
            address(pool),
            abi.encodeCall(IZkPowPool.claim, (address(rollup))),
            abi.encodeWithSignature("NothingToClaim(address)", ALICE)
        );
    }

    function test_the_whole_pot_goes_to_those_who_revealed_in_time() public {
        fund(100 ether);
        commitWith(ALICE, last, 200 ether);
        commitTo(BOB, last, new bytes(64));
        commitWith(CAROL, last, 300 ether);
        vm.roll(1000 + T1);
        revealThis(BOB, last, new bytes(64)); // wrong
        reveal(ALICE, last); // CAROL stays silent
        checkEqual(viewOf(ALICE, last).ownReward, 3 ether, "the view says so");
        settleAll();
        checkEqual(owed(ALICE), 3 ether, "all of it");
        checkEqual(freeRewards(), 97 ether, "free");
        checkEqual(earmarked(), 0, "nothing left aside");
    }

    function test_weight_is_what_a_commitment_reserves_and_nothing_else() public {
        fund(100 ether);
        commit(ALICE, last); // 50 of 200
        commitWith(BOB, last, 150 ether); // of 500
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        reveal(BOB, last);
        settleAll();
        checkEqual(owed(ALICE), 0.75 ether, "a quarter");
        checkEqual(owed(BOB), 2.25 ether, "three quarters");
    }

    function test_the_last_share_booked_puts_back_what_rounding_left_over() public {
        fund(100);
        deposit(ALICE, 1);
        commitWith(ALICE, last, 50 ether + 1);
        commit(BOB, last);
        commit(CAROL, last);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        reveal(BOB, last);
        reveal(CAROL, last);
        checkEqual(freeRewards(), 0, "all set aside");
        vm.roll(1000 + T1 + T2);
        rollup.settle(ALICE, last, 1000);
        rollup.settle(CAROL, last, 1000);
        checkEqual(earmarked(), 100 - 33 - 33, "for the third, and dust");
        rollup.settle(BOB, last, 1000);
        checkEqual(owed(ALICE) + owed(BOB) + owed(CAROL), 99, "33 each");
        checkEqual(freeRewards(), 1, "free again");
        checkEqual(earmarked(), 0, "nothing left aside");
    }

    function test_the_view_and_the_list_foretell_what_settling_books() public {
        fund(100 ether);
        commitAll();
        checkEqual(viewOf(BOB, last).ownReward, 3 ether, "alone");
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        checkEqual(viewOf(BOB, last).ownReward, 3 ether * uint256(5) / 7, "beside hers");
        checkEqual(viewOf(BOB, last).acceptedWeight, 200 ether, "accepted so far");
        reveal(BOB, last);
        checkSettleable(BOB, 0, 0, 0);
        vm.roll(1000 + T1 + T2);
        checkSettleable(BOB, 0, 3 ether * uint256(5) / 7, 1);
        checkSettleable(CAROL, 300 ether, 0, 1);
        rollup.settle(BOB, last, 1000);
        checkEqual(owed(BOB), 3 ether * uint256(5) / 7, "as foretold");
        checkEqual(viewOf(BOB, last).ownReward, 0, "booked");
    }

    // --- the pot ---

    function test_an_empty_pool_earns_nothing_and_stops_nothing() public {
        commitAll();
        vm.roll(1000 + T1);
        check(reveal(ALICE, last), "accepted");
        fund(100 ether);
        reveal(BOB, last);
        settleAll();
        checkEqual(owed(ALICE) + owed(BOB), 0, "what comes later belongs to later sequences");
    }

    function test_a_short_pool_earmarks_what_there_is() public {
        fund(1 ether);
        commitAll();
        checkEqual(viewOf(BOB, last).pot, 1 ether, "the view knows");
        vm.roll(1000 + T1);
        reveal(BOB, last);
        checkEqual(freeRewards(), 0, "all set aside");
        reveal(ALICE, last);
        settleAll();
        checkEqual(owed(BOB), uint256(1 ether) * 5 / 7, "of what there was");
    }

    /// @dev Else a rollup with money for one sequence would show it to the miners of each.
    function test_a_short_pool_is_shown_to_the_sequences_that_it_will_last_for() public {
        rollup = launch(settingsWith(T1, T2));
        fund(4 ether);
        deposit(BOB, 200 ether);
        uint64 first = post(1);
        uint64 second = post(1);
        uint64 third = post(1);
        checkEqual(viewOf(ALICE, first).pot, 3 ether, "the first has all of its own");
        checkEqual(viewOf(ALICE, second).pot, 1 ether, "the second what is left");
        checkEqual(viewOf(ALICE, third).pot, 0, "the third nothing");
        commit(BOB, first);
        vm.roll(block.number + T1);
        reveal(BOB, first);
        checkEqual(viewOf(ALICE, second).pot, 1 ether, "as before");
        fund(5 ether);
        checkEqual(viewOf(ALICE, third).pot, 3 ether, "now there is enough");
    }

    function test_the_reward_is_fixed_when_the_sequence_is_posted() public {
        fund(100 ether);
        uint64 second = post(10); // capped at 6 ether
        uint64 third = post(1, ""); // no data: 2 ether
        commit(BOB, last);
        commit(BOB, second);
        commit(BOB, third);
        uint256[3] memory expected = [uint256(3 ether), 9 ether, 11 ether];
        uint64[3] memory order = [last, second, third];
        for (uint64 i = 0; i < 3; i++) {
            vm.roll(1000 + T1 + i);
            reveal(BOB, order[i]);
        }
        for (uint256 i = 0; i < 3; i++) {
            vm.roll(1000 + T1 + T2 + i);
            rollup.settle(BOB, order[i], 1000);
            checkEqual(owed(BOB), expected[i], "three, capped at six, and two for an empty batch");
        }
    }

    function test_new_settings_leave_promised_rewards_alone() public {
        fund(100 ether);
        Settings memory settings = settingsWith(T1, T2);
        settings.rule = address(simulated);
        (settings.rewardPerSequence, settings.rewardPerBatch, settings.rewardCap) = (0, 0, 0);
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
        vm.roll(1000 + ADMIN_DELAY);
        vm.prank(ADMIN);
        rollup.applySettings();
        checkEqual(viewOf(BOB, last).pot, 3 ether, "as promised when it was posted");
        checkEqual(viewOf(BOB, post(1)).pot, 0, "the next one has the new reward");
    }

    // --- fuzz ---

    function testFuzz_shares_never_exceed_the_reward(uint128 amount, uint64 a, uint64 b, uint64 c) public pure {
        uint256 total = uint256(a) + b + c;
        uint256 sum = Shares.share(amount, a, total) + Shares.share(amount, b, total) + Shares.share(amount, c, total);
        check(sum <= amount, "no more than there is");
        if (total != 0) check(amount - sum <= 2, "less than one wei a committer is left over");
    }

    function testFuzz_shares_are_exact_on_the_chain(uint64 alice, uint64 bob, uint128 free) public {
        uint256 aliceWeight = MINIMUM + bound(alice, 0, 150 ether);
        uint256 bobWeight = MINIMUM + bound(bob, 0, 450 ether);
        if (free > 0) fund(free);
        commitWith(ALICE, last, aliceWeight);
        commitWith(BOB, last, bobWeight);
        commitWith(CAROL, last, 300 ether); // silent
        uint256 reward = free < 3 ether ? free : 3 ether;
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        reveal(BOB, last);
        settleAll();
        checkEqual(owed(ALICE), reward * aliceWeight / (aliceWeight + bobWeight), "alice");
        checkEqual(owed(BOB), reward * bobWeight / (aliceWeight + bobWeight), "bob");
        checkEqual(freeRewards() + owed(ALICE) + owed(BOB), free, "and not a wei is lost");
    }

    // --- help ---

    function checkSettleable(address miner, uint256 reserve, uint256 reward, uint256 count) private view {
        (uint256 reserve_, uint256 reward_, uint256 count_) = rollup.settleable(miner);
        checkEqual(reserve_, reserve, "reserve freed");
        checkEqual(reward_, reward, "reward booked");
        checkEqual(count_, count, "commitments closed");
    }

    function earmarked() private view returns (uint256) {
        return pool.rewardsOf(address(rollup)).earmarked;
    }
}
