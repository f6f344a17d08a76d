// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Settings} from "../src/interfaces/RollupTypes.sol";
import {ThreeStakes} from "./support/ThreeStakes.sol";

/// @notice What a proof earns that comes after the reveal window.
contract LateRewardsTest is ThreeStakes {
    function test_a_late_proof_earns_a_part_of_its_share_and_out_of_what_is_free() public {
        fund(100 ether);
        commitAll();
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        vm.roll(1000 + T1 + T2 - 1);
        // In time it would have had 5 of 7 parts.
        uint256 expected = 3 ether * uint256(5) / 7 * LATE_SHARE / 10_000;
        checkEqual(viewOf(BOB, last).ownReward, expected, "the view says what it would earn");
        vm.roll(1000 + T1 + T2);
        check(reveal(BOB, last), "accepted");
        checkEqual(owed(BOB), expected, "a quarter of its share, at once");
        checkEqual(freeRewards(), 97 ether - expected, "from the free rewards");
        settleAll();
        checkEqual(owed(ALICE), 3 ether, "nothing of hers");
    }

    function test_all_late_proofs_together_earn_no_more_than_the_late_budget() public {
        fund(100 ether);
        commitWith(ALICE, last, 50 ether);
        vm.roll(1001);
        address[10] memory late;
        for (uint160 i = 0; i < 10; i++) {
            late[i] = address(0x1a7e0 + i);
            deposit(late[i], 5000 ether);
            commitWith(late[i], last, 5000 ether);
        }
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        vm.roll(5000);
        uint256 paid = 0;
        for (uint256 i = 0; i < 10; i++) {
            reveal(late[i], last);
            paid += owed(late[i]);
        }
        checkEqual(paid, 3 ether * uint256(LATE_SHARE) / 10_000, "the budget");
        check(owed(late[0]) > 0 && owed(late[1]) < owed(late[0]), "as much of it as is left");
        checkEqual(owed(late[2]), 0, "nothing");
    }

    function test_a_late_proof_may_find_nothing_free() public {
        fund(3 ether);
        commitAll();
        vm.roll(1000 + T1);
        reveal(ALICE, last); // takes all that is free
        vm.roll(1000 + T1 + T2);
        checkEqual(viewOf(BOB, last).ownReward, 0, "the view says so");
        check(reveal(BOB, last), "accepted all the same");
        checkEqual(owed(BOB), 0, "unpaid");
        fund(0.01 ether);
        reveal(CAROL, last);
        checkEqual(owed(CAROL), 0.01 ether, "what there is");
    }

    function test_a_late_proof_earns_nothing_where_the_late_share_is_zero() public {
        Settings memory settings = settingsWith(T1, T2);
        settings.lateShare = 0;
        rollup = launch(settings);
        fund(100 ether);
        last = post(1);
        commitAll();
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        vm.roll(1000 + T1 + T2);
        check(reveal(BOB, last), "accepted");
        checkEqual(owed(BOB), 0, "unpaid");
    }
}
