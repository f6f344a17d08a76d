// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool, IZkPowPoolErrors as Errors} from "../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "../src/interfaces/IZkPowRollup.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {Reentrant} from "./support/Tokens.sol";

/// @notice Deposits, withdrawals, and books that nobody can reach across.
contract PoolTest is RollupFixture {
    // --- withdrawing ---

    function test_a_withdrawal_takes_its_delay_and_counts_for_nothing_meanwhile() public {
        deposit(ALICE, 200 ether);
        request(ALICE, 150 ether);
        checkEqual(pool.freeDepositOf(address(rollup), ALICE), 50 ether, "does not count");
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.withdraw, (address(rollup))),
            abi.encodeWithSelector(Errors.WithdrawalTooEarly.selector, 1000, 1000 + WITHDRAWAL_DELAY)
        );
        vm.roll(1000 + WITHDRAWAL_DELAY - 1);
        check(!succeeds(ALICE, address(pool), abi.encodeCall(IZkPowPool.withdraw, (address(rollup)))), "not yet");
        vm.roll(1000 + WITHDRAWAL_DELAY);
        vm.prank(ALICE);
        checkEqual(pool.withdraw(address(rollup)), 150 ether, "withdrawn");
        checkEqual(ALICE.balance, 150 ether, "paid");
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, 50 ether, "the rest stays");
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.withdraw, (address(rollup))),
            abi.encodeWithSelector(Errors.NothingToWithdraw.selector, ALICE)
        );
    }

    function test_asking_again_starts_the_delay_anew() public {
        deposit(ALICE, 200 ether);
        request(ALICE, 100 ether);
        vm.roll(1000 + WITHDRAWAL_DELAY - 1);
        request(ALICE, 1 ether);
        vm.roll(1000 + WITHDRAWAL_DELAY);
        check(!succeeds(ALICE, address(pool), abi.encodeCall(IZkPowPool.withdraw, (address(rollup)))), "not yet");
    }

    function test_a_cancelled_withdrawal_counts_again() public {
        deposit(ALICE, 200 ether);
        request(ALICE, 150 ether);
        vm.prank(ALICE);
        pool.cancelWithdrawal(address(rollup));
        checkEqual(pool.freeDepositOf(address(rollup), ALICE), 200 ether, "free again");
    }

    function test_reserves_cannot_leave() public {
        deposit(ALICE, 60 ether);
        commit(ALICE, post(1));
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.requestWithdrawal, (address(rollup), 60 ether)),
            abi.encodeWithSelector(Errors.InsufficientFreeDeposit.selector, ALICE, 59 ether, 60 ether)
        );
        request(ALICE, 59 ether);
    }

    function test_withdrawing_everything_does_not_escape_the_silence_penalty() public {
        deposit(ALICE, 60 ether);
        uint64 last = post(1);
        commit(ALICE, last);
        request(ALICE, 59 ether);
        vm.roll(1000 + WITHDRAWAL_DELAY);
        vm.prank(ALICE);
        pool.withdraw(address(rollup));
        rollup.settle(ALICE, last, 1000);
        checkEqual(pool.slashed(address(rollup)), SILENCE, "slashed in full");
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, 0, "nothing left");
    }

    function test_what_is_being_withdrawn_can_be_slashed() public {
        deposit(ALICE, 60 ether);
        uint64 last = post(1);
        commitTo(ALICE, last, new bytes(64));
        request(ALICE, 59 ether);
        vm.roll(1000 + T1);
        revealThis(ALICE, last, new bytes(64));
        checkEqual(pool.slashed(address(rollup)), WRONG, "in full");
        vm.roll(1000 + WITHDRAWAL_DELAY);
        vm.prank(ALICE);
        checkEqual(pool.withdraw(address(rollup)), 50 ether, "what is left");
    }

    function test_a_wrong_proof_never_takes_the_reserve_of_another_commitment() public {
        deposit(ALICE, MINIMUM + 2 * SILENCE);
        deposit(BOB, 60 ether);
        (uint64 first, uint64 second, uint64 third) = (post(1), post(1), post(1));
        commitTo(ALICE, second, new bytes(64));
        commit(ALICE, third);
        request(ALICE, MINIMUM);
        vm.roll(1000 + WITHDRAWAL_DELAY); // the first is not verified: both are still open
        vm.prank(ALICE);
        pool.withdraw(address(rollup));
        commit(BOB, first);
        vm.roll(block.number + T1);
        reveal(BOB, first);
        vm.roll(block.number + 1);
        check(!revealThis(ALICE, second, new bytes(64)), "wrong");
        checkEqual(pool.slashed(address(rollup)), SILENCE, "all that was not reserved for the other");
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, SILENCE, "its reserve stays");
    }

    function test_a_finished_commitment_does_not_hold_a_withdrawal() public {
        deposit(ALICE, 60 ether);
        deposit(BOB, 60 ether);
        uint64 last = post(1);
        commit(ALICE, last);
        commit(BOB, last);
        vm.roll(1000 + T1);
        reveal(BOB, last);
        request(ALICE, 60 ether); // settles by itself
        checkEqual(pool.depositOf(address(rollup), ALICE).reserved, 0, "released");
    }

    // --- books ---

    function test_only_rollups_move_money_and_only_their_own() public {
        IZkPowRollup other = launch(settingsWith(T1, T2));
        deposit(ALICE, 100 ether);
        fund(10 ether);
        refused(
            BOB,
            abi.encodeCall(IZkPowPool.slash, (ALICE, 1 ether, 0)),
            abi.encodeWithSelector(Errors.NotARollup.selector, BOB)
        );
        vm.prank(address(other));
        checkEqual(pool.slash(ALICE, 1 ether, 0), 0, "another rollup finds nothing of hers");
        vm.prank(address(other));
        checkEqual(pool.earmark(1 ether), 0, "nor of this one's rewards");
        vm.prank(address(other));
        checkEqual(pool.awardFree(BOB, 1 ether), 0, "none to give");
        refused(
            address(other),
            abi.encodeCall(IZkPowPool.awardEarmarked, (BOB, 1)),
            abi.encodeWithSelector(Errors.BooksTooSmall.selector, 0, 1)
        );
        refused(
            address(other),
            abi.encodeCall(IZkPowPool.release, (ALICE, 1)),
            abi.encodeWithSelector(Errors.BooksTooSmall.selector, 0, 1)
        );
        refused(
            ADMIN,
            abi.encodeCall(IZkPowPool.registerRollup, (BOB)),
            abi.encodeWithSelector(Errors.NotTheFactory.selector, ADMIN, address(factory))
        );
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.requestWithdrawal, (BOB, 1)),
            abi.encodeWithSelector(Errors.NotARollup.selector, BOB)
        );
        refused(
            ALICE, abi.encodeCall(IZkPowPool.deposit, (BOB, 0)), abi.encodeWithSelector(Errors.NotARollup.selector, BOB)
        );
    }

    function test_only_rollups_keep_books() public {
        bytes[7] memory calls = [
            abi.encodeCall(IZkPowPool.reserve, (ALICE, 0, 0)),
            abi.encodeCall(IZkPowPool.release, (ALICE, 0)),
            abi.encodeCall(IZkPowPool.slash, (ALICE, 0, 0)),
            abi.encodeCall(IZkPowPool.earmark, (0)),
            abi.encodeCall(IZkPowPool.releaseEarmark, (0)),
            abi.encodeCall(IZkPowPool.awardEarmarked, (ALICE, 0)),
            abi.encodeCall(IZkPowPool.awardFree, (ALICE, 0))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            refused(BOB, calls[i], abi.encodeWithSelector(Errors.NotARollup.selector, BOB));
        }
    }

    function test_value_and_amount_must_agree() public {
        vm.deal(ALICE, 10 ether);
        vm.prank(ALICE);
        (bool success, bytes memory returned) =
            address(pool).call{value: 2 ether}(abi.encodeCall(IZkPowPool.deposit, (address(rollup), 1 ether)));
        check(!success, "refused");
        checkEqual(
            keccak256(returned),
            keccak256(abi.encodeWithSelector(Errors.WrongValue.selector, 2 ether, 1 ether)),
            "with its numbers"
        );
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.deposit, (address(rollup), 0)),
            abi.encodeWithSelector(Errors.ZeroAmount.selector)
        );
    }

    function test_being_paid_is_no_way_back_in() public {
        Reentrant thief = new Reentrant(address(pool));
        vm.deal(address(thief), 60 ether);
        thief.call(60 ether, abi.encodeCall(IZkPowPool.deposit, (address(rollup), 60 ether)));
        deposit(ALICE, 60 ether);
        thief.call(0, abi.encodeCall(IZkPowPool.requestWithdrawal, (address(rollup), 60 ether)));
        vm.roll(1000 + WITHDRAWAL_DELAY);
        thief.armWith(abi.encodeCall(IZkPowPool.withdraw, (address(rollup))));
        thief.call(0, abi.encodeCall(IZkPowPool.withdraw, (address(rollup))));
        check(!thief.reenteredSuccessfully(), "the second call fails");
        checkEqual(address(thief).balance, 60 ether, "paid once");
        checkEqual(address(pool).balance, 60 ether, "the others' money stays");
    }

    function request(address miner, uint256 amount) private {
        vm.prank(miner);
        pool.requestWithdrawal(address(rollup), amount);
    }

    function refused(address sender, bytes memory call, bytes memory expected) private {
        checkReverts(sender, address(pool), call, expected);
    }
}
