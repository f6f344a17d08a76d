// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool, IZkPowPoolErrors as Errors} from "../src/interfaces/IZkPowPool.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {HookThief, HookToken, OldToken, TestToken} from "./support/Tokens.sol";

/// @notice A pool that keeps an ERC-20 token credits what it got, and nothing else.
contract TokenPoolTest is RollupFixture {
    function test_a_token_pool_credits_exactly_what_it_got() public {
        TestToken token = withTokenPool();
        token.mint(ALICE, 200 ether);
        approve(token, ALICE);
        vm.prank(ALICE);
        pool.deposit(100 ether);
        checkEqual(pool.accounted(), 100 ether, "booked");
        vm.prank(ALICE);
        pool.withdraw(100 ether);
        checkEqual(token.balanceOf(ALICE), 200 ether, "all back");
        checkEqual(pool.accounted(), 0, "books closed");
    }

    function test_tokens_that_answer_nothing_are_taken_and_given_back() public {
        OldToken token = new OldToken();
        withPoolOf(address(token));
        token.mint(ALICE, 200e6);
        vm.prank(ALICE);
        token.approve(address(pool), 150e6);
        vm.prank(ALICE);
        pool.deposit(150e6);
        checkEqual(token.balanceOf(ALICE), 50e6, "paid");
        vm.prank(ALICE);
        pool.withdraw(150e6);
        checkEqual(token.balanceOf(ALICE), 200e6, "all back");
    }

    function test_tokens_with_fees_or_changing_balances_are_refused() public {
        TestToken token = withTokenPool();
        token.mint(ALICE, 200 ether);
        approve(token, ALICE);
        vm.prank(ALICE);
        pool.deposit(50 ether);
        token.setFee(1);
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.deposit, (50 ether)),
            abi.encodeWithSelector(Errors.TokenAmountMismatch.selector, 50 ether - 1, 50 ether)
        );
        token.setFee(0);
        token.burn(address(pool), 1);
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.deposit, (50 ether)),
            abi.encodeWithSelector(Errors.TokenBalanceShort.selector, 50 ether - 1, 50 ether)
        );
    }

    function test_a_token_pool_takes_no_value() public {
        withTokenPool();
        vm.deal(ALICE, 1 ether);
        vm.prank(ALICE);
        (bool success, bytes memory returned) = address(pool).call{value: 1}(abi.encodeCall(IZkPowPool.deposit, (1)));
        check(!success, "refused");
        bytes memory expected = abi.encodeWithSelector(Errors.WrongValue.selector, 1, 0);
        checkEqual(keccak256(returned), keccak256(expected), "with its numbers");
    }

    function test_rewards_are_funded_and_claimed_in_the_token() public {
        TestToken token = withTokenPool();
        token.mint(ALICE, 200 ether);
        approve(token, ALICE);
        vm.prank(ALICE);
        pool.deposit(100 ether);
        vm.prank(ALICE);
        pool.fund(address(rollup), 100 ether);
        uint64 last = post(1);
        commit(ALICE, last);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        vm.roll(1000 + T1 + T2);
        rollup.settle(ALICE, last, 1000);
        vm.prank(ALICE);
        pool.claim(address(rollup));
        checkEqual(token.balanceOf(ALICE), 3 ether, "her reward");
        checkEqual(token.balanceOf(address(pool)), pool.accounted(), "the rest is booked");
    }

    /// @dev A token that calls its sender and receiver: neither can come back in while books are open.
    function test_a_token_with_hooks_is_no_way_back_in() public {
        HookToken token = new HookToken();
        withPoolOf(address(token));
        HookThief thief = new HookThief(address(pool), address(token));
        token.mint(address(thief), 100 ether);
        bytes memory depositCall = abi.encodeCall(IZkPowPool.deposit, (10 ether));
        bytes memory withdrawCall = abi.encodeCall(IZkPowPool.withdraw, (10 ether));
        bytes memory fundCall = abi.encodeCall(IZkPowPool.fund, (address(rollup), 10 ether));
        thief.call(depositCall);
        thief.call(depositCall);
        bytes[3] memory calls = [depositCall, withdrawCall, fundCall];
        for (uint256 outer = 0; outer < calls.length; outer++) {
            for (uint256 inner = 0; inner < calls.length; inner++) {
                thief.armWith(calls[inner]);
                thief.call(calls[outer]);
                check(thief.called(), "its hook was called");
                check(!thief.reentered(), string.concat(vm.toString(outer), " in ", vm.toString(inner)));
                checkEqual(token.balanceOf(address(pool)), pool.accounted(), "books exact");
            }
        }
    }

    function withTokenPool() private returns (TestToken token) {
        token = new TestToken();
        withPoolOf(address(token));
    }

    function withPoolOf(address token) private {
        factory = deployFactory(token);
        factory.registerRollupType("transfers", address(simulated), sampleOf(simulated));
        pool = factory.pool();
        rollup = launch(settingsWith(T1, T2));
    }

    function approve(TestToken token, address miner) private {
        vm.prank(miner);
        token.approve(address(pool), type(uint256).max);
    }

    function refused(address sender, bytes memory call, bytes memory expected) private {
        checkReverts(sender, address(pool), call, expected);
    }
}
