// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Rewards, Stake} from "../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "../src/interfaces/IZkPowRollup.sol";
import {MiningHandler} from "./support/MiningHandler.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice What holds after any run of calls by sequencer, miners, admin and anybody, on two rollups with one pool. Much is
/// noted while it happens (`MiningRecord`, `MiningHandler`): no silence penalty in a round with an accepted proof, no penalty
/// without or beyond an own reserve, no right proof refused or punished, no share beyond the pot, no late reward beyond its
/// budget, no call that the view did not foretell.
contract InvariantsTest is RollupFixture {
    MiningHandler private handler;

    function setUp() public override {
        super.setUp();
        IZkPowRollup other = launch(settingsWith(8, 12));
        handler = new MiningHandler(pool, simulated, [rollup, other], ADMIN, SEQUENCER);
        handler.start();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev One campaign for all: each names what it found broken. Notes and books keep what is, so not every call is
    /// followed by a look at them.
    /// forge-config: default.invariant.check-interval = 10
    function invariant_all_hold() public view {
        check(bytes(handler.broken()).length == 0, handler.broken());
        books_equal_what_was_paid_in_less_what_was_paid_out();
        stakes_change_by_deposits_withdrawals_and_own_penalties_only();
        reserves_are_those_of_commitments_that_have_not_ended();
        rewards_are_those_that_were_earned();
        the_state_moves_only_by_accepted_proofs();
    }

    function books_equal_what_was_paid_in_less_what_was_paid_out() private view {
        uint256 booked = pool.totalStake();
        for (uint256 r = 0; r < 2; r++) {
            address rollup_ = address(handler.rollups(r));
            Rewards memory rewards = pool.rewardsOf(rollup_);
            uint256 claimed = 0;
            for (uint256 m = 0; m < handler.MINERS(); m++) {
                claimed += handler.claimed(r, m);
            }
            uint256 sum = uint256(rewards.free) + rewards.earmarked + rewards.owed;
            checkEqual(sum, handler.funded(r) - claimed, "each rollup's rewards");
            checkEqual(pool.slashed(rollup_), handler.penalties(rollup_), "each penalty is told of");
            booked += sum + pool.slashed(rollup_);
        }
        checkEqual(pool.accounted(), booked, "the pool's own sum");
        checkEqual(address(pool).balance, booked, "the coins are there");
    }

    function stakes_change_by_deposits_withdrawals_and_own_penalties_only() private view {
        uint256 sum = 0;
        for (uint256 m = 0; m < handler.MINERS(); m++) {
            address who = handler.miner(m);
            uint256 amount = pool.stakeOf(who).amount;
            checkEqual(amount, handler.deposited(who) - handler.withdrawn(who) - handler.lost(who), "a stake");
            sum += amount;
        }
        checkEqual(pool.totalStake(), sum, "sum of stakes");
    }

    function reserves_are_those_of_commitments_that_have_not_ended() private view {
        for (uint256 m = 0; m < handler.MINERS(); m++) {
            address who = handler.miner(m);
            uint256 held = 0;
            for (uint256 r = 0; r < 2; r++) {
                IZkPowRollup rollup_ = handler.rollups(r);
                uint256 reserved = pool.rollupStakeOf(address(rollup_), who).reserved;
                checkEqual(reserved, handler.reserves(address(rollup_), who), "reserves of open commitments");
                uint256 listed = rollup_.openCommitments(who).length;
                checkEqual(listed, handler.unsettled(address(rollup_), who), "commitments that are not settled");
                held += reserved;
            }
            Stake memory stake = pool.stakeOf(who);
            checkEqual(stake.reserved, held, "over both rollups");
            check(stake.reserved <= stake.amount, "nothing is promised twice");
        }
    }

    function rewards_are_those_that_were_earned() private view {
        for (uint256 r = 0; r < 2; r++) {
            address rollup_ = address(handler.rollups(r));
            uint256 owed = 0;
            for (uint256 m = 0; m < handler.MINERS(); m++) {
                address who = handler.miner(m);
                uint256 earned = pool.owed(rollup_, who) + handler.claimed(r, m);
                checkEqual(earned, handler.rewards(rollup_, who), "each reward is told of");
                checkEqual(earned, handler.bookedRewards(rollup_, who), "and is that of a proof");
                owed += pool.owed(rollup_, who);
            }
            checkEqual(pool.rewardsOf(rollup_).owed, owed, "owed");
            checkEqual(pool.rewardsOf(rollup_).earmarked, handler.earmarked(rollup_), "set aside for accepted rounds");
        }
    }

    function the_state_moves_only_by_accepted_proofs() private view {
        for (uint256 r = 0; r < 2; r++) {
            checkEqual(handler.rollups(r).lastVerifiedBatch(), handler.lastAccepted(r), "last accepted proof");
        }
    }

    /// @dev The properties hold on runs in which everything happens: this one shows that such runs are met.
    function test_in_a_long_run_everything_happens_and_all_hold() public {
        for (uint256 i = 0; i < 4000; i++) {
            step(uint256(keccak256(abi.encode("long run", i))));
            if (i % 25 == 0) this.invariant_all_hold();
        }
        check(handler.accepted() > 10, "proofs accepted");
        check(handler.sharesBooked() > 10, "shares booked");
        check(handler.acceptedLate() > 3, "late proofs accepted");
        check(handler.paidLate() > 1, "and paid");
        check(handler.wrong() > 3, "wrong proofs");
        check(handler.refusedAfterAcceptance() > 0, "wrong proofs after another's acceptance");
        check(handler.silent() > 3, "silent miners");
        check(handler.takenBack() > 3, "hashes taken back");
        check(handler.rolledBack() > 3, "sequences rolled back");
        check(handler.settingsApplied() > 3, "settings changed");
        check(handler.cappedCommitments() > 3, "commitments under a cap");
    }

    function step(uint256 random) private {
        uint256 choice = random % 20;
        (uint8 a, uint8 b, uint8 c, uint8 d) =
            (uint8(random >> 8), uint8(random >> 16), uint8(random >> 24), uint8(random >> 32));
        uint96 amount = uint96(random >> 40);
        if (choice == 0) handler.mine(a);
        else if (choice == 1) handler.post(a, b);
        else if (choice == 2) handler.scheduleRollback(a, b);
        else if (choice == 3) handler.executeRollback(a, b);
        else if (choice == 4) handler.pauseOrResume(a, b);
        else if (choice == 5) handler.deposit(a, amount);
        else if (choice == 6) handler.fund(a, amount);
        else if (choice == 7) handler.withdraw(a, amount);
        else if (choice == 8) handler.setCap(a, b, amount);
        else if (choice == 9) handler.claim(a, b);
        else if (choice == 10) handler.takeBack(a, b, c);
        else if (choice == 11) handler.settle(a, b, c);
        else if (choice == 12) handler.changeSettings(a, uint32(amount));
        else if (choice < 15) handler.commit(a, b, c, d, amount);
        else if (choice == 15) handler.compete(a, b, c, amount);
        else if (choice == 16) handler.revealInOrder(a, b);
        else if (choice == 17) handler.mineToEdge(a, b, c);
        else handler.reveal(a, b, c);
    }
}
