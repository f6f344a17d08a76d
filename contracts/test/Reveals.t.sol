// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {CommitmentState} from "../src/interfaces/RollupTypes.sol";
import {PostedSequence} from "./support/PostedSequence.sol";

/// @notice Reveals: out of place they revert, wrong ones cost, and so does silence.
contract RevealsTest is PostedSequence {
    // --- reveals out of place: revert, cost nothing ---

    function test_reveal_refusals_name_their_numbers() public {
        checkRollupReverts(
            ALICE,
            revealCall(ALICE, last),
            abi.encodeWithSelector(Errors.NoOpenCommitment.selector, ALICE, last, 0, CommitmentState.None)
        );
        commit(ALICE, last);
        checkRollupReverts(
            ALICE,
            revealCall(ALICE, last),
            abi.encodeWithSelector(Errors.OutsideRevealWindow.selector, 1000, 1000 + T1, 1000 + T1 + T2)
        );
        vm.roll(1000 + T1);
        checkRollupReverts(
            BOB,
            revealCall(BOB, last),
            abi.encodeWithSelector(Errors.NoOpenCommitment.selector, BOB, last, 1000, CommitmentState.None)
        );
        checkRollupReverts(
            ALICE, revealCallWith(last, hex"1234"), abi.encodeWithSelector(Errors.ProofLength.selector, 2, 64)
        );
        checkRollupReverts(
            ALICE,
            abi.encodeCall(
                IZkPowRollupActions.verifyBatches, (0, last, bytes32(uint256(1)), rootAfter(last), proofOf(ALICE, last))
            ),
            abi.encodeWithSelector(Errors.LocalExitRootUnsupported.selector, bytes32(uint256(1)))
        );
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.verifyBatches, (1, last, 0, rootAfter(last), proofOf(ALICE, last))),
            abi.encodeWithSelector(Errors.NotAWholeSequence.selector, 1, last, 0)
        );
        vm.roll(1000 + T1 + T2);
        checkRollupReverts(
            ALICE,
            revealCall(ALICE, last),
            abi.encodeWithSelector(Errors.NoOpenCommitment.selector, ALICE, last, 1000, CommitmentState.Failed)
        );
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, 200 ether, "nothing taken");
    }

    // --- wrong reveals ---

    function test_a_proof_that_does_not_match_its_hash_costs_the_larger_penalty_once() public {
        commit(ALICE, last);
        vm.roll(1000 + T1);
        check(!revealThis(ALICE, last, new bytes(64)), "not accepted");
        checkEqual(uint256(state(ALICE)), uint256(CommitmentState.Wrong), "wrong");
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, 200 ether - WRONG, "wrong-proof penalty");
        checkRollupReverts(
            ALICE,
            revealCall(ALICE, last),
            abi.encodeWithSelector(Errors.NoOpenCommitment.selector, ALICE, last, 1000, CommitmentState.Wrong)
        );
        vm.roll(1000 + T1 + T2);
        check(!succeeds(BOB, address(rollup), settleCall(ALICE, last, 1000)), "no silence penalty on top");
    }

    function test_a_matching_proof_that_does_not_verify_costs_the_larger_penalty() public {
        bytes memory bad = new bytes(64);
        commitTo(ALICE, last, bad);
        vm.roll(1000 + T1);
        check(!revealThis(ALICE, last, bad), "not accepted");
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, 200 ether - WRONG, "wrong-proof penalty");
        checkEqual(pool.slashed(address(rollup)), WRONG, "slashed");
        checkEqual(rollup.lastVerifiedBatch(), 0, "the state stays");
    }

    function test_a_right_proof_with_another_state_root_costs_the_larger_penalty() public {
        commit(ALICE, last);
        vm.roll(1000 + T1);
        bytes memory proof = proofOf(ALICE, last);
        vm.prank(ALICE);
        check(!rollup.verifyBatches(0, last, 0, bytes32(uint256(9)), proof), "not accepted");
        checkEqual(rollup.lastVerifiedBatch(), 0, "the state stays");
    }

    function test_the_wrong_proof_penalty_leaves_the_reserves_of_other_commitments() public {
        address miner = address(0x9009);
        deposit(miner, MINIMUM + 3 * SILENCE);
        uint64 second = post(1);
        commitTo(miner, last, new bytes(64));
        commitTo(miner, second, new bytes(64));
        // Nearly all of the rest is on its way out; it can still be slashed.
        vm.prank(miner);
        pool.requestWithdrawal(address(rollup), MINIMUM + SILENCE);
        commit(ALICE, last);
        vm.roll(1000 + T1);
        check(!revealThis(miner, last, new bytes(64)), "wrong");
        checkEqual(pool.depositOf(address(rollup), miner).amount, MINIMUM + 3 * SILENCE - WRONG, "taken in full");
        check(reveal(ALICE, last), "the other miner's proof");
        vm.roll(1001 + T1);
        check(!revealThis(miner, second, new bytes(64)), "wrong again");
        checkEqual(pool.depositOf(address(rollup), miner).reserved, 0, "no reserve left");
    }

    function test_copied_hash_and_proof_earn_nothing() public {
        commit(ALICE, last);
        bytes memory aliceProof = proofOf(ALICE, last);
        vm.prank(BOB); // front-runs with ALICE's hash
        rollup.submitProofHash(0, last, hashOf(ALICE, aliceProof));
        commitTo(CAROL, last, aliceProof); // binds ALICE's proof to its own address
        vm.roll(1000 + T1);
        check(!revealThis(BOB, last, aliceProof), "the hash holds the address");
        check(!revealThis(CAROL, last, aliceProof), "the proof holds the address");
        check(reveal(ALICE, last), "the owner's is accepted");
        checkEqual(pool.owed(address(rollup), BOB) + pool.owed(address(rollup), CAROL), 0, "nothing earned");
    }

    function test_a_late_wrong_proof_reverts_and_costs_nothing() public {
        commit(ALICE, last);
        commitTo(BOB, last, new bytes(64));
        commit(CAROL, last);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        checkRollupReverts(
            BOB, revealCallWith(last, new bytes(64)), abi.encodeWithSelector(Errors.LateProofInvalid.selector)
        );
        checkRollupReverts(
            CAROL, revealCallWith(last, hex"1234"), abi.encodeWithSelector(Errors.ProofLength.selector, 2, 64)
        );
        bytes memory other = abi.encodePacked(bytes32(uint256(1)), bytes32(uint256(2)));
        checkRollupReverts(
            CAROL,
            revealCallWith(last, other),
            abi.encodeWithSelector(
                Errors.LateProofMismatch.selector, hashOf(CAROL, other), hashOf(CAROL, proofOf(CAROL, last))
            )
        );
        checkRollupReverts(
            CAROL,
            abi.encodeCall(IZkPowRollupActions.verifyBatches, (0, last, 0, bytes32(uint256(9)), proofOf(CAROL, last))),
            abi.encodeWithSelector(Errors.StateRootMismatch.selector, bytes32(uint256(9)), rootAfter(last))
        );
        check(reveal(CAROL, last), "the right one may still come");
    }

    // --- silence ---

    function test_silence_is_penalised_once_and_by_anybody() public {
        commit(ALICE, last);
        commit(BOB, last);
        vm.roll(1000 + T1 + T2 - 1);
        checkRollupReverts(
            CAROL,
            settleCall(ALICE, last, 1000),
            abi.encodeWithSelector(Errors.NothingToSettle.selector, ALICE, last, 1000, CommitmentState.Open)
        );
        vm.roll(1000 + T1 + T2);
        vm.prank(CAROL);
        rollup.settle(ALICE, last, 1000);
        rollup.settle(BOB, last, 1000);
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, 200 ether - SILENCE, "alice");
        checkEqual(pool.depositOf(address(rollup), BOB).amount, 200 ether - SILENCE, "bob");
        checkRollupReverts(
            CAROL,
            settleCall(ALICE, last, 1000),
            abi.encodeWithSelector(Errors.NothingToSettle.selector, ALICE, last, 1000, CommitmentState.Failed)
        );
    }

    function test_an_accepted_proof_saves_all_committers_of_its_round() public {
        commit(ALICE, last);
        commit(BOB, last);
        vm.roll(1000 + T1 + T2 - 1);
        reveal(ALICE, last);
        vm.roll(1000 + T1 + T2);
        rollup.settle(BOB, last, 1000);
        checkEqual(pool.depositOf(address(rollup), BOB).amount, 200 ether, "no penalty");
        checkEqual(pool.depositOf(address(rollup), BOB).reserved, 0, "reserve released");
        check(reveal(BOB, last), "the late right stays after settling");
    }

    function test_a_reserve_closed_by_anothers_proof_counts_as_free_at_once() public {
        address tight = address(0x9009);
        deposit(tight, MINIMUM + SILENCE);
        commit(tight, last);
        commit(ALICE, last);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        checkEqual(viewOf(tight, last).freeDeposit, MINIMUM + SILENCE, "free in the view");
        uint64 second = post(1);
        commit(tight, second); // settles the first by itself
        checkEqual(pool.depositOf(address(rollup), tight).reserved, SILENCE, "one reserve");
    }

    function test_a_commitment_settles_no_more_than_it_needs() public {
        address tight = address(0x9009);
        deposit(tight, MINIMUM + 3 * SILENCE);
        uint64[3] memory posted = [last, post(1), post(1)];
        for (uint256 i = 0; i < 3; i++) {
            commit(tight, posted[i]);
            commit(ALICE, posted[i]);
        }
        for (uint64 i = 0; i < 3; i++) {
            vm.roll(1000 + T1 + i);
            reveal(ALICE, posted[i]);
        }
        commit(tight, post(1));
        checkEqual(pool.depositOf(address(rollup), tight).reserved, 3 * SILENCE, "one released, one reserved");
        checkEqual(viewOf(tight, last).freeDeposit, MINIMUM + 2 * SILENCE, "all three count as free");
    }
}
