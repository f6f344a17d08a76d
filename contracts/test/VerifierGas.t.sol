// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LaunchConfig, RollupTypeRule} from "../src/interfaces/IZkPowFactory.sol";
import {IZkPowRollup} from "../src/interfaces/IZkPowRollup.sol";
import {IStatementVerifier, Statement} from "../src/interfaces/IStatementVerifier.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Takes nearly all the gas it says, and reverts for want of it, as a generated verifier does.
contract CostlyVerifier is IStatementVerifier {
    uint256 private constant GAS = 8000;

    function verifyStatement(Statement calldata, bytes calldata proof) external view returns (bool) {
        uint256 start = gasleft();
        uint256 filler = 0;
        // 6,500 of the 8,000: the rest is what decoding the call and returning take.
        while (start - gasleft() < 6500) filler++;
        return proof[0] != 0 && filler > 0;
    }

    function proofSystem() external pure returns (string memory) {
        return "costly";
    }

    function circuitId() external pure returns (bytes32) {
        return 0;
    }

    function proofLength() external pure returns (uint256) {
        return 64;
    }

    function verifierGas() external pure returns (uint256) {
        return GAS;
    }
}

/// @notice Says yes only if it was really given all its gas; takes next to none of it.
contract ExactVerifier {
    uint256 private constant GAS = 1_000_000;
    /// @dev What is gone before the first line below.
    uint256 private constant ENTRY = 100;

    fallback(bytes calldata input) external returns (bytes memory) {
        uint256 left = gasleft();
        bytes4 selector = bytes4(input);
        if (selector == IStatementVerifier.verifyStatement.selector) return abi.encode(left + ENTRY >= GAS);
        if (selector == IStatementVerifier.verifierGas.selector) return abi.encode(GAS);
        return abi.encode(64); // proofLength
    }
}

/// @notice A right proof is never punished, whatever the gas limit of its transaction.
contract VerifierGasTest is RollupFixture {
    bytes private rightProof = abi.encodePacked(bytes32(type(uint256).max), bytes32(0));
    uint64 private last;

    function setUp() public override {
        super.setUp();
        factory.registerRollupType("costly", RollupTypeRule(address(new CostlyVerifier()), transfersRule()));
        rollup = launchCostly();
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
        last = post(1);
        commitTo(ALICE, last, rightProof);
        commitTo(BOB, last, rightProof);
        vm.roll(1000 + T1);
    }

    /// @dev So many limits above the first accepted one are tried one by one, those beyond by steps of 0.1 %.
    uint256 private constant BEYOND_THE_EDGE = 10_000;

    function test_a_right_proof_reverts_or_is_accepted_at_even_gas_limits() public {
        tryEverySecond(0);
    }

    function test_a_right_proof_reverts_or_is_accepted_at_odd_gas_limits() public {
        tryEverySecond(1);
    }

    function tryEverySecond(uint256 gasLimit) private {
        bytes memory call = revealCallWith(last, rightProof);
        Outcome outcome = Outcome.Reverted;
        for (; outcome == Outcome.Reverted; gasLimit += 2) {
            outcome = tryWith(gasLimit, call);
        }
        check(outcome == Outcome.Accepted, string.concat("punished at gas limit ", vm.toString(gasLimit - 2)));
        check(gasLimit > 60_000, "all limits below the edge were tried");
        uint256 oneByOneTo = gasLimit + BEYOND_THE_EDGE;
        for (; gasLimit < 1_000_000; gasLimit += gasLimit < oneByOneTo ? 2 : gasLimit / 1000) {
            check(tryWith(gasLimit, call) == Outcome.Accepted, string.concat("refused at ", vm.toString(gasLimit)));
        }
    }

    /// @dev The 1/64 that a call withholds and the cost of the call itself are counted in.
    function test_the_verifier_gets_all_its_gas_at_the_least_gas_limit() public {
        ExactVerifier exact = new ExactVerifier();
        bytes memory direct = abi.encodePacked(IStatementVerifier.verifyStatement.selector);
        (, bytes memory answer) = address(exact).call{gas: 1_000_000}(direct);
        check(abi.decode(answer, (bool)), "all of it is enough");
        (, answer) = address(exact).call{gas: 1_000_000 - 100}(direct);
        check(!abi.decode(answer, (bool)), "a little less is not");

        factory.registerRollupType("exact", RollupTypeRule(address(exact), transfersRule()));
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        config.rollupType = "exact";
        rollup = IZkPowRollup(factory.launchRollup(config));
        deposit(ALICE, 200 ether);
        last = post(1);
        commitTo(ALICE, last, rightProof);
        vm.roll(block.number + T1);
        bytes memory call = revealCallWith(last, rightProof);
        (uint256 low, uint256 high) = (500_000, 2_000_000);
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (tryWith(middle, call) == Outcome.Reverted) low = middle;
            else high = middle;
        }
        for (uint256 gasLimit = high - 10; gasLimit < high + 2000; gasLimit++) {
            check(tryWith(gasLimit, call) != Outcome.Punished, vm.toString(gasLimit));
        }
    }

    function test_too_little_gas_is_named() public {
        bytes memory call = revealCallWith(last, rightProof);
        uint256 named = 0;
        for (uint256 gasLimit = 30_000; gasLimit < 100_000; gasLimit += 500) {
            vm.prank(ALICE);
            (bool success, bytes memory returned) = address(rollup).call{gas: gasLimit}(call);
            if (success || returned.length != 68) continue;
            checkEqual(bytes32(bytes4(returned)), bytes32(Errors.NotEnoughGas.selector), "NotEnoughGas");
            named++;
        }
        check(named > 0, "at some gas limit it is named");
    }

    function test_a_wrong_proof_is_punished_with_enough_gas_only() public {
        bytes memory wrongProof = new bytes(64);
        address carol = CAROL;
        uint64 next = post(1);
        deposit(carol, 200 ether);
        commitTo(carol, next, wrongProof);
        check(revealThis(ALICE, last, rightProof), "the first one");
        vm.roll(block.number + T1);
        bytes memory call = revealCallWith(next, wrongProof);
        vm.prank(carol);
        (bool success,) = address(rollup).call{gas: 45_000}(call);
        check(!success, "reverts with little");
        check(!revealThis(carol, next, wrongProof), "punished with enough");
    }

    enum Outcome {
        Reverted,
        Accepted,
        Punished
    }

    function tryWith(uint256 gasLimit, bytes memory call) private returns (Outcome outcome) {
        try this.callAndUndo(gasLimit, call) {}
        catch (bytes memory result) {
            (bool success, bool accepted) = abi.decode(result, (bool, bool));
            if (success) outcome = accepted ? Outcome.Accepted : Outcome.Punished;
        }
    }

    /// @dev Reverts with what came out, so that every try meets the same state.
    function callAndUndo(uint256 gasLimit, bytes calldata call) external {
        vm.prank(ALICE);
        (bool success, bytes memory returned) = address(rollup).call{gas: gasLimit}(call);
        bytes memory result = abi.encode(success, success && abi.decode(returned, (bool)));
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }

    function launchCostly() private returns (IZkPowRollup) {
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        config.rollupType = "costly";
        return IZkPowRollup(factory.launchRollup(config));
    }
}
