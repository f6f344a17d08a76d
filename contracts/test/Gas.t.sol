// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "../src/interfaces/IZkPowPool.sol";
import {SteadyState} from "./support/SteadyState.sol";

/// @notice What a whole transaction takes in steady state, a call a test; contracts/.gas-snapshot keeps what each test takes.
/// Proofs are simulated: the rule of `transfers` adds its own gas and the calldata of its proofs.
/// forge-config: default.isolate = true
contract GasTest is SteadyState {
    event log_named_uint(string key, uint256 value);

    // --- step 1 ---

    function test_gas_commit_joining_a_round() public {
        costs(IDLE, boundCall(IDLE, first, MINIMUM), 125_000);
    }

    function test_gas_commit_joining_with_one_other_open() public {
        costs(BUSY, boundCall(BUSY, first, MINIMUM), 125_000);
    }

    function test_gas_commit_joining_with_two_others_open() public {
        costs(BUSIER, boundCall(BUSIER, first, MINIMUM), 125_000);
    }

    function test_gas_commit_opening_a_round() public {
        costs(IDLE, boundCall(IDLE, second, MINIMUM), 160_000);
    }

    function test_gas_commit_opening_with_one_other_open() public {
        costs(BUSY, boundCall(BUSY, second, MINIMUM), 160_000);
    }

    function test_gas_commit_opening_with_two_others_open() public {
        costs(BUSIER, boundCall(BUSIER, second, MINIMUM), 160_000);
    }

    function test_gas_commit_of_a_miner_that_has_never_committed() public {
        costs(NEWCOMER, boundCall(NEWCOMER, first, MINIMUM), 180_000);
    }

    function test_gas_take_back() public {
        vm.roll(block.number + T1);
        costs(BUSY, takeBackCall(third), 78_000);
    }

    // --- step 2 ---

    function test_gas_first_reveal() public {
        bytes memory call = revealCall(ALICE, first);
        vm.roll(block.number + T1);
        costs(ALICE, call, 165_000);
    }

    function test_gas_second_reveal() public {
        rollup = verified;
        costs(CAROL, revealCall(CAROL, first), 101_000);
    }

    function test_gas_late_reveal() public {
        rollup = verified;
        vm.roll(block.number + T2);
        costs(CAROL, revealCall(CAROL, first), 144_000);
    }

    function test_gas_wrong_reveal() public {
        vm.roll(block.number + T1);
        costs(ALICE, revealCallWith(first, new bytes(64)), 123_000);
    }

    // --- settling ---

    function test_gas_settle_a_share() public {
        rollup = verified;
        vm.roll(block.number + T2);
        costs(CAROL, settleCall(ALICE, first, openedAt[rollup]), 97_000);
    }

    function test_gas_settle_a_commitment_beside_an_accepted_proof() public {
        rollup = verified;
        vm.roll(block.number + T2);
        costs(ALICE, settleCall(CAROL, first, openedAt[rollup]), 69_000);
    }

    function test_gas_settle_silence() public {
        vm.roll(block.number + T1 + T2);
        costs(CAROL, settleCall(ALICE, first, openedAt[rollup]), 112_000);
    }

    function test_gas_settle_a_commitment_that_was_rolled_back() public {
        rollup = rolledBack;
        costs(CAROL, settleCall(BUSY, third, openedAt[rollup]), 60_000);
    }

    // --- posting ---

    function test_gas_post_one_batch_of_eight_records() public {
        costs(SEQUENCER, postCall(1, new bytes(1280), 0), 145_000);
    }

    function test_gas_post_eight_batches_of_eight_records() public {
        costs(SEQUENCER, postCall(8, new bytes(1280), 0), 229_000);
    }

    // --- money ---

    function test_gas_deposit() public {
        within(transaction(ALICE, address(pool), 1 ether, abi.encodeCall(IZkPowPool.deposit, (1 ether))), 43_000);
    }

    function test_gas_withdraw() public {
        within(transaction(ALICE, address(pool), 0, abi.encodeCall(IZkPowPool.withdraw, (1 ether))), 50_000);
    }

    function test_gas_claim() public {
        within(transaction(ALICE, address(pool), 0, abi.encodeCall(IZkPowPool.claim, (address(rollup)))), 46_000);
    }

    function costs(address sender, bytes memory call, uint256 most) private {
        within(transaction(sender, address(rollup), 0, call), most);
    }

    function within(uint256 gas, uint256 most) private {
        emit log_named_uint("whole transaction", gas); // `forge test -vv` shows it
        check(gas <= most, vm.toString(gas));
    }
}
