// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {CommitmentState, RoundOutcome, SequenceView} from "../src/interfaces/RollupTypes.sol";
import {PostedSequence} from "./support/PostedSequence.sol";

/// @notice Commit and reveal: how it goes, what a pause stops, and what the views tell.
contract TwoStepTest is PostedSequence {
    // --- the way it goes ---

    function test_the_first_proof_moves_the_state() public {
        commit(ALICE, last);
        vm.roll(1000 + T1);
        check(reveal(ALICE, last), "accepted");
        checkEqual(rollup.lastVerifiedBatch(), last, "last verified batch");
        checkEqual(rollup.batchNumToStateRoot(last), rootAfter(last), "state root");
        checkEqual(uint256(rollup.roundOutcome(last, 1000)), uint256(RoundOutcome.Accepted), "outcome");
    }

    function test_sequences_are_verified_in_order_whatever_the_order_of_commitments() public {
        uint64 second = post(2);
        commit(ALICE, second);
        vm.roll(1001);
        commit(ALICE, last);
        vm.roll(1001 + T1);
        SequenceView memory v = viewOf(ALICE, second);
        checkEqual(v.revealStart, type(uint64).max, "the second waits for the first");
        check(reveal(ALICE, last), "first");
        vm.roll(1002 + T1);
        check(reveal(ALICE, second), "second, in the next block");
        checkEqual(rollup.lastVerifiedBatch(), 3, "last verified batch");
    }

    function test_no_hash_and_proof_of_one_round_in_the_same_block() public {
        commit(ALICE, last);
        vm.roll(1000 + T1);
        check(!succeeds(BOB, address(rollup), commitCall(BOB, last)), "the hash window is over");
        check(succeeds(ALICE, address(rollup), revealCall(ALICE, last)), "the reveal window is open");
    }

    function test_a_late_proof_is_accepted_for_ever_and_moves_nothing() public {
        commit(ALICE, last);
        commit(BOB, last);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        checkEqual(uint256(state(BOB)), uint256(CommitmentState.Late), "late");
        vm.roll(500_000);
        check(reveal(BOB, last), "accepted");
        checkEqual(uint256(state(BOB)), uint256(CommitmentState.Accepted), "accepted");
        checkEqual(reservedOf(BOB), 0, "its reserve is released");
        checkEqual(viewOf(BOB, last).acceptedBlock, 1000 + T1, "block of acceptance stays");
    }

    function test_a_failed_round_is_followed_by_another_with_the_same_proof() public {
        commit(ALICE, last);
        vm.roll(1000 + T1 + T2);
        commit(ALICE, last);
        vm.roll(1000 + T1 + T2 + T1);
        check(reveal(ALICE, last), "accepted");
        checkEqual(uint256(rollup.roundOutcome(last, 1000)), uint256(RoundOutcome.Failed), "first round");
        rollup.settle(ALICE, last, 1000);
        checkEqual(stakeOf(ALICE), 200 ether - SILENCE, "one silence penalty");
    }

    // --- pausing ---

    function test_pausing_stops_sequences_and_the_opening_of_rounds_only() public {
        uint64 second = post(1);
        commit(ALICE, last);
        vm.prank(ADMIN);
        rollup.pause();
        check(viewOf(ALICE, last).paused, "the view says so");
        bytes memory paused = abi.encodeWithSelector(Errors.RollupPaused.selector);
        checkRollupReverts(CAROL, commitCall(CAROL, second), paused);
        checkRollupReverts(SEQUENCER, postCall(1, "", 0), paused);
        commit(BOB, last);
        commitWith(CAROL, last, 60 ether);
        vm.roll(1000 + T1);
        check(reveal(ALICE, last), "reveals go on");
        check(reveal(BOB, last), "those after the first too");
        vm.roll(1000 + T1 + T2);
        check(reveal(CAROL, last), "and late ones");
        vm.prank(ADMIN);
        rollup.resume();
        commit(ALICE, post(1));
    }

    function test_a_failed_round_has_no_successor_while_paused() public {
        commit(ALICE, last);
        vm.prank(ADMIN);
        rollup.pause();
        vm.roll(1000 + T1 + T2);
        checkRollupReverts(BOB, commitCall(BOB, last), abi.encodeWithSelector(Errors.RollupPaused.selector));
        rollup.settle(ALICE, last, 1000);
        checkEqual(stakeOf(ALICE), 200 ether - SILENCE, "it was open all the time");
    }

    function test_pausing_and_resuming_go_in_turns() public {
        checkRollupReverts(
            ADMIN, abi.encodeCall(IZkPowRollupActions.resume, ()), abi.encodeWithSelector(Errors.NotPaused.selector)
        );
        vm.prank(ADMIN);
        rollup.pause();
        checkRollupReverts(
            ADMIN, abi.encodeCall(IZkPowRollupActions.pause, ()), abi.encodeWithSelector(Errors.RollupPaused.selector)
        );
    }

    // --- the view ---

    function test_the_view_lists_own_failed_rounds() public {
        commit(ALICE, last);
        vm.roll(1000 + T1 + T2);
        commit(ALICE, last);
        vm.roll(1000 + 2 * (T1 + T2) - 1);
        SequenceView memory v = viewOf(ALICE, last);
        checkEqual(v.roundStart, 0, "no round lives at the next block");
        checkEqual(uint256(v.ownState), uint256(CommitmentState.Failed), "own state at the next block");
        checkEqual(v.failedRounds.length, 2, "both failed");
        checkEqual(v.failedRounds[0], 1000, "first");
        checkEqual(v.failedRounds[1], 1000 + T1 + T2, "second");
        checkEqual(v.freeStake, 200 ether - 2 * SILENCE, "less both penalties");
        vm.roll(1000 + 2 * (T1 + T2));
        checkEqual(rollup.settleMany(ALICE, 10), 2, "both settled");
        v = viewOf(ALICE, last);
        checkEqual(v.failedRounds.length, 0, "none left");
        checkEqual(uint256(v.ownState), uint256(CommitmentState.Failed), "own state stays");
    }

    function test_the_view_lists_failed_rounds_of_its_own_sequence_only() public {
        uint64 second = post(1);
        commit(ALICE, last);
        vm.roll(1000 + T1 + T2);
        commit(ALICE, last);
        commit(ALICE, second);
        vm.roll(block.number + T1);
        reveal(ALICE, last);
        vm.roll(block.number + 1 + T2);
        SequenceView memory v = viewOf(ALICE, second);
        checkEqual(v.failedRounds.length, 1, "one of this sequence");
        checkEqual(v.failedRounds[0], 1000 + T1 + T2, "its round");
        checkEqual(viewOf(ALICE, last).failedRounds[0], 1000, "the other's");
    }

    function test_the_view_names_its_block_and_the_one_before() public {
        vm.roll(1042);
        vm.setBlockhash(1041, keccak256("the block before"));
        SequenceView memory v = viewOf(ALICE, last);
        checkEqual(v.blockNumber, 1042, "block");
        checkEqual(v.parentHash, keccak256("the block before"), "hash of the block before");
        commit(ALICE, last);
        commit(BOB, last);
        v = viewOf(ALICE, last);
        checkEqual(v.committers, 2, "committers");
        checkEqual(v.totalWeight, 2 * MINIMUM, "their weights");
        checkEqual(v.stake, 200 ether, "stake");
        checkEqual(v.freeStake, 200 ether - MINIMUM, "and what is free of it");
        checkEqual(v.termsVersion, 1, "version of the terms");
        checkEqual(v.terms.wrongProofShare * MINIMUM / 10_000, WRONG, "penalty");
        checkEqual(v.postedBlock, 1000, "block of the posting");
    }

    function test_published_getters() public {
        commit(ALICE, last);
        (bytes32 proofHash, uint256 blockNumber, bool proof) = rollup.proverCommitProofHash(last, ALICE);
        checkEqual(proofHash, hashOf(ALICE, proofOf(ALICE, last)), "hash");
        checkEqual(blockNumber, 1000, "S");
        check(!proof, "no proof yet");
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        (,, proof) = rollup.proverCommitProofHash(last, ALICE);
        check(proof, "proof");
        bool proofSubmitted;
        (,,, blockNumber, proofSubmitted) = rollup.sequencedBatches(last);
        checkEqual(blockNumber, 1000, "S of the sequence");
        check(proofSubmitted, "proof of the sequence");
        checkEqual(rollup.proofHashCommitEpoch(), T1, "T1");
        checkEqual(rollup.proofCommitEpoch(), T2, "T2");
    }
}
