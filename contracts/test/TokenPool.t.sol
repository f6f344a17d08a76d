// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool, IZkPowPoolErrors as Errors} from "../src/interfaces/IZkPowPool.sol";
import {RollupTypeRule} from "../src/interfaces/IZkPowFactory.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {OldToken, TestToken} from "./support/Tokens.sol";

/// @notice A pool that keeps an ERC-20 token credits what it got, and nothing else.
contract TokenPoolTest is RollupFixture {
    function test_a_token_pool_credits_exactly_what_it_got() public {
        TestToken token = withTokenPool();
        token.mint(ALICE, 200 ether);
        approve(token, ALICE);
        vm.prank(ALICE);
        pool.deposit(address(rollup), 100 ether);
        checkEqual(pool.accounted(), 100 ether, "booked");
        request(ALICE, 100 ether);
        vm.roll(1000 + WITHDRAWAL_DELAY);
        vm.prank(ALICE);
        pool.withdraw(address(rollup));
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
        pool.deposit(address(rollup), 150e6);
        checkEqual(token.balanceOf(ALICE), 50e6, "paid");
        request(ALICE, 150e6);
        vm.roll(1000 + WITHDRAWAL_DELAY);
        vm.prank(ALICE);
        pool.withdraw(address(rollup));
        checkEqual(token.balanceOf(ALICE), 200e6, "all back");
    }

    function test_tokens_with_fees_or_changing_balances_are_refused() public {
        TestToken token = withTokenPool();
        token.mint(ALICE, 200 ether);
        approve(token, ALICE);
        vm.prank(ALICE);
        pool.deposit(address(rollup), 50 ether);
        token.setFee(1);
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.deposit, (address(rollup), 50 ether)),
            abi.encodeWithSelector(Errors.TokenAmountMismatch.selector, 50 ether - 1, 50 ether)
        );
        token.setFee(0);
        token.burn(address(pool), 1);
        refused(
            ALICE,
            abi.encodeCall(IZkPowPool.deposit, (address(rollup), 50 ether)),
            abi.encodeWithSelector(Errors.TokenBalanceShort.selector, 50 ether - 1, 50 ether)
        );
    }

    function test_a_token_pool_takes_no_value() public {
        withTokenPool();
        vm.deal(ALICE, 1 ether);
        vm.prank(ALICE);
        (bool success,) = address(pool).call{value: 1}(abi.encodeCall(IZkPowPool.deposit, (address(rollup), 1)));
        check(!success, "refused");
    }

    function withTokenPool() private returns (TestToken token) {
        token = new TestToken();
        withPoolOf(address(token));
    }

    function withPoolOf(address token) private {
        factory = deployFactory(token);
        factory.registerRollupType("transfers", RollupTypeRule(address(simulated), transfersRule()));
        pool = factory.pool();
        rollup = launch(settingsWith(T1, T2));
    }

    function approve(TestToken token, address miner) private {
        vm.prank(miner);
        token.approve(address(pool), type(uint256).max);
    }

    function request(address miner, uint256 amount) private {
        vm.prank(miner);
        pool.requestWithdrawal(address(rollup), amount);
    }

    function refused(address sender, bytes memory call, bytes memory expected) private {
        checkReverts(sender, address(pool), call, expected);
    }
}
