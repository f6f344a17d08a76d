// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommitmentState} from "../../src/interfaces/RollupTypes.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @notice Three miners with deposits, and one sequence that is posted.
abstract contract PostedSequence is RollupFixture {
    /// @notice Last batch of the sequence.
    uint64 internal last;

    function setUp() public virtual override {
        super.setUp();
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
        deposit(CAROL, 200 ether);
        fund(100 ether);
        last = post(1);
    }

    function state(address miner) internal view returns (CommitmentState) {
        return rollup.commitmentState(miner, last, 1000);
    }
}
