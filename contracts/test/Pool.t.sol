// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool, IZkPowPoolErrors as Errors, RollupStake, Touch} from "../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "../src/interfaces/IZkPowRollup.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {Reentrant} from "./support/Tokens.sol";

/// @notice Stakes, withdrawals, caps, and books that nobody can reach across.
contract PoolTest is RollupFixture {
    // --- one stake ---

    function test_one_stake_serves_all_rollups() public {
        IZkPowRollup first = rollup;
        deposit(ALICE, 120 ether);
        commitWith(ALICE, post(1), 60 ether);
        rollup = launch(settingsWith(T1, T2));
        uint64 last = post(1);
        checkEqual(viewOf(ALICE, last).freeStake, 60 ether, "what the first holds is not free");
        commitWith(ALICE, last, 60 ether);
        checkEqual(reservedOf(ALICE), 120 ether, "both");
        checkEqual(pool.rollupStakeOf(address(first), ALICE).reserved, 60 ether, "one");
        checkEqual(pool.rollupStakeOf(address(rollup), ALICE).reserved, 60 ether, "the other");
        checkEqual(pool.totalStake(), 120 ether, "counted once");
    }

    function test_what_is_not_reserved_is_withdrawn_at_once() public {
        deposit(ALICE, 120 ether);
        commit(ALICE, post(1));
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.withdraw, (70 ether + 1)),
            abi.encodeWithSelector(Errors.InsufficientFreeStake.selector, ALICE, 70 ether, 70 ether + 1)
        );
        withdraw(ALICE, 70 ether);
        checkEqual(ALICE.balance, 70 ether, "paid");
        checkEqual(stakeOf(ALICE), MINIMUM, "the reserve stays");
        checkEqual(pool.totalStake(), MINIMUM, "in the sum, too");
        refused(ALICE, abi.encodeCall(IZkPowPool.withdraw, (0)), abi.encodeWithSelector(Errors.ZeroAmount.selector));
    }

    function test_withdrawing_everything_does_not_escape_the_silence_penalty() public {
        deposit(ALICE, 60 ether);
        uint64 last = post(1);
        commit(ALICE, last);
        withdraw(ALICE, 10 ether);
        vm.roll(1000 + T1 + T2);
        check(!succeeds(ALICE, address(pool), abi.encodeCall(IZkPowPool.withdraw, (1))), "reserved until settled");
        rollup.settle(ALICE, last, 1000);
        checkEqual(pool.slashed(address(rollup)), SILENCE, "slashed in full");
        withdraw(ALICE, MINIMUM - SILENCE);
        checkEqual(stakeOf(ALICE), 0, "nothing left");
    }

    // --- caps ---

    function test_a_cap_holds_for_one_rollup_and_counts_what_it_holds() public {
        deposit(ALICE, 200 ether);
        setCap(ALICE, 60 ether);
        commit(ALICE, post(1));
        checkEqual(pool.reservableOf(address(rollup), ALICE), 10 ether, "up to the cap");
        setCap(ALICE, 40 ether); // what it holds already stays
        RollupStake memory held = pool.rollupStakeOf(address(rollup), ALICE);
        checkEqual(held.reserved, MINIMUM, "held");
        checkEqual(held.cap, 40 ether, "cap");
        checkEqual(pool.reservableOf(address(rollup), ALICE), 0, "no more");
        rollup = launch(settingsWith(T1, T2));
        checkEqual(pool.reservableOf(address(rollup), ALICE), 150 ether, "no cap for another rollup");
    }

    function test_no_cap_is_shown_as_zero_whatever_was_reserved() public {
        deposit(ALICE, 200 ether);
        commit(ALICE, post(1));
        checkEqual(pool.rollupStakeOf(address(rollup), ALICE).cap, 0, "with a reserve");
        checkEqual(pool.reservableOf(address(rollup), ALICE), 150 ether, "the stake");
        setCap(ALICE, 60 ether);
        checkEqual(pool.rollupStakeOf(address(rollup), ALICE).cap, 60 ether, "with a cap");
        setCap(ALICE, 0);
        commit(ALICE, post(1));
        checkEqual(pool.rollupStakeOf(address(rollup), ALICE).cap, 0, "without it again");
        checkEqual(pool.rollupStakeOf(address(rollup), ALICE).reserved, 2 * MINIMUM, "both");
    }

    function test_a_cap_of_zero_is_no_cap() public {
        deposit(ALICE, 200 ether);
        setCap(ALICE, 60 ether);
        setCap(ALICE, 0);
        commitWith(ALICE, post(1), 200 ether);
        checkEqual(reservedOf(ALICE), 200 ether, "all");
    }

    function test_the_reservable_part_is_the_smaller_of_free_stake_and_cap() public {
        deposit(ALICE, 100 ether);
        setCap(ALICE, 300 ether);
        checkEqual(pool.reservableOf(address(rollup), ALICE), 100 ether, "the stake");
        setCap(ALICE, 30 ether);
        checkEqual(pool.reservableOf(address(rollup), ALICE), 30 ether, "the cap");
    }

    // --- books ---

    function test_only_rollups_move_money_and_only_their_own() public {
        deposit(ALICE, 100 ether);
        fund(10 ether);
        commit(ALICE, post(1));
        address other = address(launch(settingsWith(T1, T2)));
        bytes memory tooMuch = abi.encodeWithSelector(Errors.BooksTooSmall.selector, 0, 1);
        refused(other, abi.encodeCall(IZkPowPool.slash, (ALICE, 1, 1)), tooMuch);
        refused(other, abi.encodeCall(IZkPowPool.release, (ALICE, 1)), tooMuch);
        refused(other, abi.encodeCall(IZkPowPool.accept, (ALICE, 1, 1, 1)), tooMuch);
        refused(other, abi.encodeCall(IZkPowPool.awardLate, (ALICE, 1, 1)), tooMuch);
        refused(other, abi.encodeCall(IZkPowPool.awardEarmarked, (BOB, 1, 0)), tooMuch);
        refused(other, abi.encodeCall(IZkPowPool.awardEarmarked, (BOB, 0, 1)), tooMuch);
        vm.prank(other);
        checkEqual(pool.accept(BOB, 0, 1 ether, 1), 0, "nor does it find this one's rewards");
        vm.prank(other);
        checkEqual(pool.awardLate(BOB, 0, 1 ether), 0, "nor any to give");
    }

    function test_a_rollup_slashes_at_most_what_it_holds() public {
        deposit(ALICE, 100 ether);
        commit(ALICE, post(1));
        refused(
            address(rollup),
            abi.encodeCall(IZkPowPool.slash, (ALICE, 10 ether, 10 ether + 1)),
            abi.encodeWithSelector(Errors.BooksTooSmall.selector, 10 ether, 10 ether + 1)
        );
        refused(
            address(rollup),
            abi.encodeCall(IZkPowPool.slash, (ALICE, MINIMUM + 1, 1)),
            abi.encodeWithSelector(Errors.BooksTooSmall.selector, MINIMUM, MINIMUM + 1)
        );
    }

    function test_only_rollups_keep_books() public {
        bytes[7] memory calls = [
            abi.encodeCall(IZkPowPool.touch, (0, Touch.Posted)),
            abi.encodeCall(IZkPowPool.reserve, (ALICE, 0, 0)),
            abi.encodeCall(IZkPowPool.release, (ALICE, 0)),
            abi.encodeCall(IZkPowPool.slash, (ALICE, 0, 0)),
            abi.encodeCall(IZkPowPool.accept, (ALICE, 0, 0, 0)),
            abi.encodeCall(IZkPowPool.awardEarmarked, (ALICE, 0, 0)),
            abi.encodeCall(IZkPowPool.awardLate, (ALICE, 0, 0))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            refused(BOB, calls[i], abi.encodeWithSelector(Errors.NotARollup.selector, BOB));
        }
    }

    function test_money_and_caps_are_for_rollups_only() public {
        bytes memory expected = abi.encodeWithSelector(Errors.NotARollup.selector, BOB);
        refused(ALICE, abi.encodeCall(IZkPowPool.fund, (BOB, 1)), expected);
        refused(ALICE, abi.encodeCall(IZkPowPool.setCap, (BOB, 1)), expected);
        refused(ALICE, abi.encodeCall(IZkPowPool.reservableOf, (BOB, ALICE)), expected);
    }

    function test_rollups_are_registered_once_and_by_the_factory() public {
        bytes memory call = abi.encodeCall(IZkPowPool.registerRollup, (address(rollup)));
        refused(ADMIN, call, abi.encodeWithSelector(Errors.NotTheFactory.selector, ADMIN, address(factory)));
        refused(address(factory), call, abi.encodeWithSelector(Errors.AlreadyRegistered.selector, address(rollup)));
    }

    function test_value_and_amount_must_agree() public {
        vm.deal(ALICE, 10 ether);
        refusedValue(2 ether, abi.encodeCall(IZkPowPool.deposit, (1 ether)));
        refusedValue(2 ether, abi.encodeCall(IZkPowPool.fund, (address(rollup), 1 ether)));
        bytes memory expected = abi.encodeWithSelector(Errors.ZeroAmount.selector);
        refused(ALICE, abi.encodeCall(IZkPowPool.deposit, (0)), expected);
        refused(ALICE, abi.encodeCall(IZkPowPool.fund, (address(rollup), 0)), expected);
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.claim, (address(rollup))),
            abi.encodeWithSelector(Errors.NothingToClaim.selector, ALICE)
        );
    }

    // --- being paid is no way back in ---

    function test_being_paid_is_no_way_back_in() public {
        Reentrant thief = new Reentrant(address(pool));
        deposit(ALICE, 60 ether);
        bytes memory withdrawCall = abi.encodeCall(IZkPowPool.withdraw, (1 ether));
        bytes memory claimCall = abi.encodeCall(IZkPowPool.claim, (address(rollup)));
        bytes memory depositCall = abi.encodeCall(IZkPowPool.deposit, (1 ether));
        bytes memory fundCall = abi.encodeCall(IZkPowPool.fund, (address(rollup), 1 ether));
        vm.deal(address(thief), 60 ether);
        thief.call(60 ether, abi.encodeCall(IZkPowPool.deposit, (60 ether)));
        reward(address(thief));
        bytes[4] memory inner = [withdrawCall, claimCall, depositCall, fundCall];
        for (uint256 i = 0; i < inner.length; i++) {
            uint256 snapshot = vm.snapshotState();
            tryFromInside(thief, withdrawCall, i < 2 ? 0 : 1 ether, inner[i]);
            tryFromInside(thief, claimCall, i < 2 ? 0 : 1 ether, inner[i]);
            vm.revertToState(snapshot);
        }
    }

    function tryFromInside(Reentrant thief, bytes memory outer, uint256 value, bytes memory inner) private {
        vm.deal(address(thief), 1 ether);
        thief.armWith(value, inner);
        thief.call(0, outer);
        check(thief.called(), "it was paid");
        check(!thief.reenteredSuccessfully(), "the second call fails");
        checkEqual(address(pool).balance, pool.accounted(), "paid once");
    }

    /// @dev As if it had earned something.
    function reward(address miner) private {
        fund(3 ether);
        vm.prank(address(rollup));
        pool.awardLate(miner, 0, 2 ether);
    }

    function withdraw(address miner, uint256 amount) private {
        vm.prank(miner);
        pool.withdraw(amount);
    }

    function setCap(address miner, uint256 cap) private {
        vm.prank(miner);
        pool.setCap(address(rollup), cap);
    }

    function refusedValue(uint256 value, bytes memory call) private {
        vm.prank(ALICE);
        (bool success, bytes memory returned) = address(pool).call{value: value}(call);
        check(!success, "refused");
        bytes memory expected = abi.encodeWithSelector(Errors.WrongValue.selector, value, 1 ether);
        checkEqual(keccak256(returned), keccak256(expected), "with its numbers");
    }

    function refused(address sender, bytes memory call, bytes memory expected) private {
        checkReverts(sender, address(pool), call, expected);
    }
}
