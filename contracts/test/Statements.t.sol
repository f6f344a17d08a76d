// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Statement} from "../src/interfaces/ITypeRule.sol";
import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {PostedSequence} from "./support/PostedSequence.sol";
import {StubRule} from "./support/StubRule.sol";

/// @notice What a proof is about, and how long it may be.
contract StatementsTest is PostedSequence {
    function test_a_proof_within_the_lengths_of_the_rule_is_read() public {
        StubRule stub = new StubRule();
        stub.setFigures(100_000, 32, 64);
        rollup = launchStub("stub", stub);
        last = post(1);
        commit(ALICE, last);
        vm.roll(1000 + T1);
        checkLength(31);
        checkLength(65);
        check(!revealThis(ALICE, last, new bytes(64)), "the longest is read, and wrong");
    }

    function test_an_exit_root_is_kept_for_types_that_have_one() public {
        StubRule stub = new StubRule();
        stub.setHasExitRoots(true);
        rollup = launchStub("stub", stub);
        last = post(1);
        bytes32 exitRoot = keccak256("exit root");
        commitTo(ALICE, last, exitProof(stub, ALICE, exitRoot));
        commitTo(BOB, last, exitProof(stub, BOB, exitRoot));
        vm.roll(1000 + T1);
        check(revealWithExit(ALICE, exitRoot, exitProof(stub, ALICE, exitRoot)), "accepted");
        checkEqual(rollup.batchNumToLocalExitRoot(last), exitRoot, "kept");
        checkRollupReverts(
            BOB,
            abi.encodeCall(
                IZkPowRollupActions.verifyBatches, (0, last, 0, rootAfter(last), exitProof(stub, BOB, exitRoot))
            ),
            abi.encodeWithSelector(
                Errors.AnotherStateAccepted.selector, rootAfter(last), rootAfter(last), bytes32(0), exitRoot
            )
        );
        check(revealWithExit(BOB, exitRoot, exitProof(stub, BOB, exitRoot)), "the same root");
    }

    function test_an_exit_root_is_part_of_the_statement() public {
        StubRule stub = new StubRule();
        stub.setHasExitRoots(true);
        rollup = launchStub("stub", stub);
        last = post(1);
        bytes memory proof = exitProof(stub, ALICE, keccak256("exit root"));
        commitTo(ALICE, last, proof);
        vm.roll(1000 + T1);
        check(!revealWithExit(ALICE, keccak256("another"), proof), "proves another");
    }

    function test_a_proof_made_for_another_chain_is_wrong() public {
        bytes memory proof = proofOf(ALICE, last);
        commitTo(ALICE, last, proof);
        vm.roll(1000 + T1);
        vm.chainId(31_338);
        check(!revealThis(ALICE, last, proof), "another chain id");
    }

    function test_a_right_proof_on_another_chain_is_accepted() public {
        vm.chainId(31_338);
        commit(ALICE, last);
        vm.roll(1000 + T1);
        check(reveal(ALICE, last), "the chain's own id");
    }

    function checkLength(uint256 length) private {
        checkRollupReverts(
            ALICE,
            revealCallWith(last, new bytes(length)),
            abi.encodeWithSelector(Errors.ProofLength.selector, length, 32, 64)
        );
    }

    function exitProof(StubRule stub, address miner, bytes32 exitRoot) private view returns (bytes memory) {
        Statement memory statement = statementOf(miner, last);
        statement.newLocalExitRoot = exitRoot;
        return stub.proofFor(statement);
    }

    function revealWithExit(address miner, bytes32 exitRoot, bytes memory proof) private returns (bool) {
        vm.prank(miner);
        return rollup.verifyBatches(0, last, exitRoot, rootAfter(last), proof);
    }
}
