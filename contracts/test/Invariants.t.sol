// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Deposit, IZkPowPool, Rewards} from "../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "../src/interfaces/IZkPowRollup.sol";
import {MiningHandler} from "./support/MiningHandler.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice What holds after any run of calls by sequencer, miners, admin and anybody, on two rollups with one pool.
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

    /// @dev One campaign for all: each names what it found broken.
    function invariant_all_hold() public view {
        books_equal_what_was_paid_in_less_what_was_paid_out();
        sums_agree_with_their_parts();
        the_state_moves_only_by_accepted_proofs_and_only_forward();
        no_silence_penalty_in_a_round_with_an_accepted_proof();
        no_reward_without_an_own_accepted_proof();
        verification_is_never_blocked();
        right_proofs_are_never_punished();
        the_view_foretells_what_a_call_does();
    }

    function books_equal_what_was_paid_in_less_what_was_paid_out() private view {
        uint256 booked = 0;
        for (uint256 r = 0; r < 2; r++) {
            address rollup_ = address(handler.rollups(r));
            Rewards memory rewards = pool.rewardsOf(rollup_);
            uint256 sum =
                pool.totalDeposits(rollup_) + rewards.free + rewards.earmarked + rewards.owed + pool.slashed(rollup_);
            checkEqual(sum, handler.paidIn(r) - handler.paidOut(r), "each rollup's books");
            booked += sum;
        }
        checkEqual(pool.accounted(), booked, "the pool's own sum");
        checkEqual(address(pool).balance, booked, "the coins are there");
    }

    function sums_agree_with_their_parts() private view {
        for (uint256 r = 0; r < 2; r++) {
            address rollup_ = address(handler.rollups(r));
            (uint256 deposits, uint256 owed) = (0, 0);
            for (uint256 m = 0; m < handler.MINERS(); m++) {
                Deposit memory account = pool.depositOf(rollup_, handler.miner(m));
                check(account.withdrawing + account.reserved <= account.amount, "nothing is promised twice");
                uint256 open = handler.rollups(r).openCommitments(handler.miner(m)).length;
                checkEqual(account.reserved, open * SILENCE, "one reserve an open commitment");
                deposits += account.amount;
                owed += pool.owed(rollup_, handler.miner(m));
            }
            checkEqual(pool.totalDeposits(rollup_), deposits, "deposits");
            checkEqual(pool.rewardsOf(rollup_).owed, owed, "owed");
        }
    }

    function the_state_moves_only_by_accepted_proofs_and_only_forward() private view {
        for (uint256 r = 0; r < 2; r++) {
            checkEqual(handler.rollups(r).lastVerifiedBatch(), handler.lastAccepted(r), "last accepted proof");
            check(!handler.wentBackwards(), "never back");
        }
    }

    /// @dev Whoever settled, and on whatever way; a penalty that no log tells of would show in the sum.
    function no_silence_penalty_in_a_round_with_an_accepted_proof() private view {
        check(!handler.penalisedBesideAcceptance(), "penalised beside an accepted proof");
        for (uint256 r = 0; r < 2; r++) {
            address rollup_ = address(handler.rollups(r));
            checkEqual(pool.slashed(rollup_), handler.penalties(rollup_), "each penalty is told of");
        }
    }

    /// @dev One reward for each proof at most, owed by the very call that brought it; no reward is owed untold.
    function no_reward_without_an_own_accepted_proof() private view {
        check(!handler.rewardedWithoutAcceptance(), "a reward without a proof");
        check(!handler.acceptedTwice(), "a proof was accepted twice");
        for (uint256 r = 0; r < 2; r++) {
            address rollup_ = address(handler.rollups(r));
            for (uint256 m = 0; m < handler.MINERS(); m++) {
                address who = handler.miner(m);
                uint256 earned = pool.owed(rollup_, who) + handler.claimed(r, m);
                checkEqual(earned, handler.rewards(rollup_, who), "each reward is told of");
            }
        }
    }

    /// @dev A right proof of an open commitment in its window was accepted every time, whatever the pool held.
    function verification_is_never_blocked() private view {
        check(!handler.rightProofRefused(), "a right proof was refused");
    }

    function right_proofs_are_never_punished() private view {
        check(!handler.rightProofPunished(), "a right proof was punished");
    }

    function the_view_foretells_what_a_call_does() private view {
        checkEqual(handler.viewDisagreements(), 0, handler.firstDisagreement());
    }

    /// @dev The properties hold on runs in which everything happens: this one shows that such runs are met.
    function test_in_a_long_run_everything_happens_and_all_hold() public {
        for (uint256 i = 0; i < 2500; i++) {
            step(uint256(keccak256(abi.encode("long run", i))));
            if (i % 25 == 0) this.invariant_all_hold();
        }
        check(handler.accepted() > 10, "proofs accepted");
        check(handler.acceptedLate() > 3, "late proofs accepted");
        check(handler.wrong() > 3, "wrong proofs");
        check(handler.silent() > 3, "silent miners");
        check(handler.takenBack() > 3, "hashes taken back");
        check(handler.rolledBack() > 3, "sequences rolled back");
    }

    /// @dev Nobody calls `settle` here, and the penalty is on record all the same.
    function test_a_penalty_booked_on_the_way_to_a_withdrawal_is_recorded() public {
        handler.commit(0, 0, 0, 1);
        handler.commit(0, 1, 0, 1);
        vm.roll(block.number + T1);
        handler.reveal(0, 1, 0); // the first miner's reserve may be released
        handler.commit(0, 0, 0, 1);
        vm.roll(block.number + T1 + T2);
        handler.requestWithdrawal(0, 0, 0);
        checkEqual(handler.accepted(), 1, "one proof accepted");
        checkEqual(handler.silentOnWithdrawal(), 1, "one penalty booked");
        checkEqual(handler.silent(), 1, "and recorded");
        checkEqual(handler.penalties(address(rollup)), SILENCE, "with its amount");
        this.invariant_all_hold();
    }

    function step(uint256 random) private {
        uint256 choice = random % 16;
        (uint8 a, uint8 b, uint8 c, uint8 d) =
            (uint8(random >> 8), uint8(random >> 16), uint8(random >> 24), uint8(random >> 32));
        if (choice == 0) handler.mine(a);
        else if (choice == 1) handler.post(a, b);
        else if (choice == 2) handler.scheduleRollback(a, b);
        else if (choice == 3) handler.executeRollback(a, b);
        else if (choice == 4) handler.pauseOrResume(a, b);
        else if (choice == 5) handler.deposit(a, b, uint96(random));
        else if (choice == 6) handler.fund(a, uint96(random));
        else if (choice == 7) handler.requestWithdrawal(a, b, uint96(random >> 24));
        else if (choice == 8) handler.withdraw(a, b, c % 2 == 0);
        else if (choice == 9) handler.claim(a, b);
        else if (choice == 10) handler.takeBack(a, b, c);
        else if (choice == 11) handler.settle(a, b, c);
        else if (choice == 12) handler.releaseLateRewards(a, b);
        else if (choice == 13) handler.commit(a, b, c, d);
        else if (choice == 14) handler.compete(a, b, c);
        else handler.reveal(a, b, c);
    }
}
