// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool, IZkPowPoolErrors} from "../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {Settings} from "../src/interfaces/RollupTypes.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Ways to earn or deny by money alone that once worked, and that they fail now.
contract StakeAttacksTest is RollupFixture {
    address private constant WHALE = address(0x3A1E);
    uint256 private constant SEQUENCES = 40;

    enum Whale {
        Absent,
        /// Opens every round, and never reveals.
        Silent,
        /// Joins in the last block, and never reveals.
        SilentLast,
        /// Reveals after the window.
        Late
    }

    function setUp() public override {
        super.setUp();
        deposit(ALICE, MINIMUM);
        deposit(BOB, MINIMUM);
        fund(1000 ether);
    }

    // --- the silent whale ---

    function test_a_silent_whale_costs_honest_miners_nothing() public {
        (uint256 alone,) = incomeBeside(Whale.Absent);
        checkEqual(alone, SEQUENCES * 3 ether, "all there is");
        (uint256 income, uint256 whales) = incomeBeside(Whale.Silent);
        checkEqual(income, alone, "as without it");
        checkEqual(whales, 0, "and it earns nothing");
    }

    function test_joining_silently_in_the_last_block_costs_honest_miners_nothing() public {
        (uint256 income, uint256 whales) = incomeBeside(Whale.SilentLast);
        checkEqual(income, SEQUENCES * 3 ether, "as without it");
        checkEqual(whales, 0, "and it earns nothing");
    }

    function test_a_late_whale_earns_a_part_and_costs_honest_miners_nothing() public {
        (uint256 income, uint256 whales) = incomeBeside(Whale.Late);
        checkEqual(income, SEQUENCES * 3 ether, "as without it");
        check(whales <= SEQUENCES * 3 ether * uint256(LATE_SHARE) / 10_000, "within the late budget");
        check(whales > 0, "a late proof is paid");
    }

    /// @return income of ALICE and BOB over 40 sequences, and of a whale with 99 times their stake
    function incomeBeside(Whale whale) private returns (uint256 income, uint256 whales) {
        uint256 snapshot = vm.snapshotState();
        deposit(WHALE, 99 * 2 * MINIMUM);
        for (uint256 i = 0; i < SEQUENCES; i++) {
            mineOne(whale);
        }
        (income, whales) = (owed(ALICE) + owed(BOB), owed(WHALE));
        vm.revertToState(snapshot);
    }

    function mineOne(Whale whale) private {
        uint64 last = post(1);
        uint64 start = uint64(block.number);
        if (whale == Whale.Silent || whale == Whale.Late) commitWith(WHALE, last, 99 * 2 * MINIMUM);
        commit(ALICE, last);
        vm.roll(start + T1 - 1);
        commit(BOB, last);
        if (whale == Whale.SilentLast) commitWith(WHALE, last, 99 * 2 * MINIMUM);
        vm.roll(start + T1);
        reveal(ALICE, last);
        reveal(BOB, last);
        vm.roll(start + T1 + T2);
        rollup.settle(ALICE, last, start);
        rollup.settle(BOB, last, start);
        if (whale == Whale.Late) reveal(WHALE, last);
        else rollup.settleMany(WHALE, 1);
    }

    function test_silence_costs_a_share_of_what_is_at_risk() public {
        deposit(WHALE, 1_000_000 ether);
        uint64 last = post(1);
        commitWith(WHALE, last, 1_000_000 ether);
        vm.roll(1000 + T1 + T2);
        rollup.settle(WHALE, last, 1000);
        checkEqual(pool.slashed(address(rollup)), 20_000 ether, "2 % of a million, not one coin");
    }

    // --- coins that weigh more than once ---

    function test_recycled_coins_weigh_once() public {
        post(1);
        uint64 held = post(1);
        uint256 coins = 201 ether;
        for (uint160 i = 0; i < 4; i++) {
            address miner = address(0x4ec1c1e0 + i);
            deposit(miner, coins);
            commitWith(miner, held, coins);
            checkEqual(viewOf(miner, held).totalWeight, coins, "those of one address");
            checkReverts(
                miner,
                address(pool),
                abi.encodeCall(IZkPowPool.withdraw, (1)),
                abi.encodeWithSelector(IZkPowPoolErrors.InsufficientFreeStake.selector, miner, 0, 1)
            );
            vm.roll(block.number + T1);
            vm.prank(miner);
            rollup.takeBackProofHash(held);
            vm.prank(miner);
            pool.withdraw(coins);
        }
    }

    function test_one_stake_cannot_weigh_in_two_rollups() public {
        uint64 last = post(1);
        commit(ALICE, last);
        rollup = launch(settingsWith(T1, T2));
        last = post(1);
        checkRollupReverts(
            ALICE,
            commitCall(ALICE, last),
            abi.encodeWithSelector(Errors.InsufficientFreeStake.selector, ALICE, 0, MINIMUM)
        );
    }

    // --- escaping a penalty, and taking more than one ---

    function test_withdrawing_first_does_not_lessen_a_wrong_proof() public {
        deposit(WHALE, 200 ether);
        uint64 last = post(1);
        bytes memory wrong = new bytes(64);
        bytes32 accInputHash = viewOf(WHALE, last).accInputHash;
        vm.prank(WHALE);
        rollup.submitProofHash(0, last, hashOf(WHALE, wrong), accInputHash, 1, 100 ether);
        vm.prank(WHALE);
        pool.withdraw(100 ether);
        vm.roll(1000 + T1);
        check(!revealThis(WHALE, last, wrong), "wrong");
        checkEqual(pool.slashed(address(rollup)), 20 ether, "20 % of what was at risk");
        checkEqual(stakeOf(WHALE), 80 ether, "the rest is free again");
        checkEqual(reservedOf(WHALE), 0, "all of it");
    }

    function test_a_wrong_proof_takes_no_more_than_its_own_reserve_from_a_stake_behind_many() public {
        deposit(WHALE, 3 * MINIMUM);
        IZkPowRollup[3] memory rollups = [rollup, launch(settingsWith(T1, T2)), launch(harshest())];
        for (uint256 i = 0; i < 3; i++) {
            rollup = rollups[i];
            commitTo(WHALE, post(1), new bytes(64));
        }
        vm.roll(1000 + T1);
        check(!revealThis(WHALE, 1, new bytes(64)), "wrong, on the harshest");
        checkEqual(stakeOf(WHALE), 2 * MINIMUM, "one reserve, all of it");
        checkEqual(reservedOf(WHALE), 2 * MINIMUM, "the others stay");
        for (uint256 i = 0; i < 2; i++) {
            checkEqual(pool.rollupStakeOf(address(rollups[i]), WHALE).reserved, MINIMUM, "each");
        }
    }

    function test_a_cap_bounds_what_a_rollup_may_hold_at_any_time() public {
        deposit(WHALE, 500 ether);
        vm.prank(WHALE);
        pool.setCap(address(rollup), 2 * MINIMUM);
        uint64 first = post(1);
        commit(WHALE, first);
        commit(WHALE, post(1));
        uint64 third = post(1);
        checkRollupReverts(
            WHALE,
            commitCall(WHALE, third),
            abi.encodeWithSelector(
                Errors.CapReached.selector, WHALE, address(rollup), 2 * MINIMUM, MINIMUM, 2 * MINIMUM
            )
        );
        vm.roll(1000 + T1 + T2); // the first round has failed
        commit(WHALE, third);
        checkEqual(pool.rollupStakeOf(address(rollup), WHALE).reserved, 2 * MINIMUM, "settled on the way");
    }

    // --- what is paid ---

    /// @dev Eight miners with any weights, each in time, late, or silent.
    function testFuzz_what_is_paid_never_exceeds_the_pot_and_the_late_budget(uint64[8] memory weights, uint16 how)
        public
    {
        uint64 last = post(1);
        for (uint160 i = 0; i < 8; i++) {
            uint256 weight = MINIMUM + weights[i];
            deposit(address(0x100 + i), weight);
            commitWith(address(0x100 + i), last, weight);
        }
        vm.roll(1000 + T1);
        commitsReveal(last, how, 0);
        vm.roll(1000 + T1 + T2);
        commitsReveal(last, how, 1);
        (uint256 paid, uint256 late) = (0, 0);
        for (uint160 i = 0; i < 8; i++) {
            address miner = address(0x100 + i);
            rollup.settleMany(miner, 1);
            if ((how >> (2 * i)) & 3 == 1) late += owed(miner);
            else paid += owed(miner);
        }
        bool accepted = rollup.lastVerifiedBatch() == last;
        check(paid <= 3 ether && (!accepted || paid + 8 >= 3 ether), "the pot");
        check(late <= 3 ether * uint256(LATE_SHARE) / 10_000, "the late budget");
        checkEqual(paid + late + freeRewards(), 1000 ether, "from what was set aside, to the wei");
        checkEqual(pool.rewardsOf(address(rollup)).earmarked, 0, "nothing is left aside");
    }

    /// @dev Those whose two bits say so: 0 in time, 1 late, else never.
    function commitsReveal(uint64 last, uint16 how, uint256 when) private {
        if (when == 1 && rollup.lastVerifiedBatch() != last) return;
        for (uint160 i = 0; i < 8; i++) {
            if ((how >> (2 * i)) & 3 == when) reveal(address(0x100 + i), last);
        }
    }

    function harshest() private pure returns (Settings memory settings) {
        settings = settingsWith(T1, T2);
        (settings.silenceShare, settings.wrongProofShare) = (9999, 10_000);
    }
}
