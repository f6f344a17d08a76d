// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollup} from "../../src/interfaces/IZkPowRollup.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @notice Rollups that have run for a while, with miners that have committed before, and what a transaction takes there.
abstract contract SteadyState is RollupFixture {
    /// @dev With no, one and two other commitments open.
    address internal constant IDLE = address(0x9000);
    address internal constant BUSY = address(0x9001);
    address internal constant BUSIER = address(0x9002);
    /// @dev Has a stake and has never committed.
    address internal constant NEWCOMER = address(0x9003);

    /// @dev The next sequences in order: `first` and `third` have rounds that ALICE opened, `second` has none.
    uint64 internal first;
    uint64 internal second;
    uint64 internal third;
    /// @dev As `rollup`, and the first proof of `first` is accepted.
    IZkPowRollup internal verified;
    /// @dev As `rollup`, and `first` is rolled back.
    IZkPowRollup internal rolledBack;
    /// @dev S of all its rounds.
    mapping(IZkPowRollup => uint64) internal openedAt;

    function setUp() public virtual override {
        super.setUp();
        IZkPowRollup running = rollup;
        verified = launch(settingsWith(T1, T2));
        rolledBack = launch(settingsWith(T1, T2));
        address[6] memory miners = [ALICE, CAROL, IDLE, BUSY, BUSIER, NEWCOMER];
        for (uint256 i = 0; i < miners.length; i++) {
            deposit(miners[i], 5000 ether);
        }
        vm.deal(ALICE, 100 ether);

        rollup = rolledBack;
        passSomeTime();
        beginSomeRounds();
        vm.prank(ADMIN);
        rollup.scheduleRollback(first);
        vm.roll(block.number + ADMIN_DELAY);
        vm.prank(ADMIN);
        rollup.executeRollback(1000);

        rollup = verified;
        passSomeTime();
        beginSomeRounds();
        vm.roll(block.number + T1);
        check(reveal(ALICE, first), "the first proof");

        rollup = running;
        uint256 present = block.number;
        vm.roll(present - T1 - T2 - 10);
        passSomeTime();
        vm.roll(present);
        beginSomeRounds();
    }

    /// @dev Three sequences, to which all commit; two of them reveal.
    function passSomeTime() private {
        fund(100 ether);
        uint64[3] memory posted = [post(1), post(1), post(1)];
        address[5] memory miners = [ALICE, CAROL, IDLE, BUSY, BUSIER];
        for (uint256 i = 0; i < posted.length; i++) {
            for (uint256 m = 0; m < miners.length; m++) {
                commit(miners[m], posted[i]);
            }
        }
        vm.roll(block.number + T1);
        for (uint256 i = 0; i < posted.length; i++) {
            check(reveal(ALICE, posted[i]) && reveal(CAROL, posted[i]), "accepted");
            vm.roll(block.number + 1);
        }
        vm.roll(block.number + T2);
        for (uint256 m = 0; m < miners.length; m++) {
            checkEqual(rollup.settleMany(miners[m], 10), 3, "all are settled");
        }
    }

    function beginSomeRounds() private {
        first = post(1);
        second = post(1);
        third = post(1);
        uint64 fourth = post(1);
        openedAt[rollup] = uint64(block.number);
        commit(ALICE, first);
        commit(CAROL, first);
        commit(ALICE, third);
        commit(BUSY, third);
        commit(BUSIER, third);
        commit(BUSIER, fourth);
    }

    /// @return gas that a chain charges for a transaction: forge makes one of each call, where it is told to isolate them
    function transaction(address sender, address to, uint256 value, bytes memory call) internal returns (uint256 gas) {
        vm.prank(sender);
        (bool success, bytes memory returned) = to.call{value: value}(call);
        gas = vm.lastCallGas().gasTotalUsed;
        if (!success) revert CallFailed(returned);
        check(gas > 21_000, "a transaction of its own");
    }
}
