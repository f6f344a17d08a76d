// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommitmentState} from "../../src/interfaces/RollupTypes.sol";
import {RollupFixture} from "./RollupFixture.sol";
import {StubRule} from "./StubRule.sol";

/// @notice What became of a call with a certain gas limit.
enum Outcome {
    Reverted,
    Accepted,
    Punished
}

/// @notice A right proof that is committed to, and reveals of it with any gas limit.
abstract contract GasEdges is RollupFixture {
    StubRule internal stub;
    uint64 internal last;

    function setUp() public virtual override {
        super.setUp();
        stub = new StubRule();
        rollup = launchStub("stub", stub);
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
        fund(100 ether);
        last = post(1);
        commitTo(ALICE, last, rightProof(ALICE));
        commitTo(BOB, last, rightProof(BOB));
        vm.roll(1000 + T1);
    }

    function rightProof(address miner) internal view returns (bytes memory) {
        return stub.proofFor(statementOf(miner, last));
    }

    /// @dev ALICE's reveal with a gas limit; changes nothing.
    function tryWith(uint256 gasLimit, bytes memory call) internal returns (Outcome outcome) {
        (outcome,) = tryFully(gasLimit, call);
    }

    /// @return outcome what became of it
    /// @return reason of a revert
    function tryFully(uint256 gasLimit, bytes memory call) internal returns (Outcome outcome, bytes4 reason) {
        try this.callAndUndo(gasLimit, call) {}
        catch (bytes memory result) {
            bool success;
            bytes memory returned;
            (success, returned) = abi.decode(result, (bool, bytes));
            if (!success) return (Outcome.Reverted, bytes4(returned));
            return (abi.decode(returned, (bool)) ? Outcome.Accepted : Outcome.Punished, 0);
        }
    }

    /// @dev Reverts with what came out, so that every try meets the same state, with nothing warm.
    function callAndUndo(uint256 gasLimit, bytes calldata call) external {
        vm.cool(address(rollup));
        vm.cool(address(pool));
        vm.cool(address(stub));
        vm.prank(ALICE);
        (bool success, bytes memory returned) = address(rollup).call{gas: gasLimit}(call);
        bytes memory result = abi.encode(success, returned);
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }

    /// @return the least gas limit with which the call does not revert with `reason`, between two that differ in that
    function edgeOf(bytes memory call, bytes4 reason, uint256 low, uint256 high) internal returns (uint256) {
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            (, bytes4 actual) = tryFully(middle, call);
            if (actual == reason) low = middle;
            else high = middle;
        }
        return high;
    }

    function stateOf(address miner) internal view returns (CommitmentState) {
        return rollup.commitmentState(miner, last, 1000);
    }
}
