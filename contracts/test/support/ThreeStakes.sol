// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RollupFixture} from "./RollupFixture.sol";

/// @notice Three miners with stakes of 2 to 5 to 3, and a sequence that is posted.
abstract contract ThreeStakes is RollupFixture {
    uint64 internal last;

    function setUp() public virtual override {
        super.setUp();
        deposit(ALICE, 200 ether);
        deposit(BOB, 500 ether);
        deposit(CAROL, 300 ether);
        last = post(1); // reward: 2 + 1 ether
    }

    function commitAll() internal {
        commitWith(ALICE, last, 200 ether);
        commitWith(BOB, last, 500 ether);
        commitWith(CAROL, last, 300 ether);
    }

    /// @dev From E on, for whoever has something to settle.
    function settleAll() internal {
        vm.roll(1000 + T1 + T2);
        rollup.settleMany(ALICE, 10);
        rollup.settleMany(BOB, 10);
        rollup.settleMany(CAROL, 10);
    }
}
