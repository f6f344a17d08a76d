// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {CommitmentState, RoundOutcome, SequenceView} from "../src/interfaces/RollupTypes.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Commit, reveal, take back, settle: what each costs and what each refuses.
contract TwoStepTest is RollupFixture {
    uint64 private last;

    function setUp() public override {
        super.setUp();
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
        deposit(CAROL, 200 ether);
        fund(100 ether);
        last = post(1);
    }

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
        checkEqual(pool.depositOf(address(rollup), BOB).reserved, 0, "its reserve is released");
        checkEqual(viewOf(BOB, last).firstProver, ALICE, "first prover stays");
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
        checkEqual(pool.depositOf(address(rollup), ALICE).amount, 200 ether - SILENCE, "one silence penalty");
    }

    // --- commitments out of place ---

    function test_commit_refusals_name_their_numbers() public {
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.submitProofHash, (0, last, bytes32(0))),
            abi.encodeWithSelector(Errors.ZeroProofHash.selector)
        );
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.submitProofHash, (0, 7, keccak256("h"))),
            abi.encodeWithSelector(Errors.NoSuchSequence.selector, 7)
        );
        uint64 second = post(2);
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.submitProofHash, (0, second, keccak256("h"))),
            abi.encodeWithSelector(Errors.NotAWholeSequence.selector, 0, second, last)
        );
        commit(ALICE, last);
        checkRollupReverts(
            ALICE, commitCall(ALICE, last), abi.encodeWithSelector(Errors.AlreadyCommitted.selector, ALICE, last, 1000)
        );
        vm.roll(1000 + T1);
        checkRollupReverts(
            BOB, commitCall(BOB, last), abi.encodeWithSelector(Errors.HashWindowClosed.selector, 1000 + T1, 1000 + T1)
        );
        reveal(ALICE, last);
        checkRollupReverts(
            BOB, commitCall(BOB, last), abi.encodeWithSelector(Errors.AlreadyVerified.selector, last, 1000 + T1)
        );
    }

    function test_a_commitment_needs_minimum_and_silence_penalty_free() public {
        address poor = address(0x9009);
        deposit(poor, MINIMUM + SILENCE - 1);
        checkRollupReverts(
            poor,
            commitCall(poor, last),
            abi.encodeWithSelector(
                Errors.InsufficientFreeDeposit.selector, poor, MINIMUM + SILENCE - 1, MINIMUM + SILENCE
            )
        );
        deposit(poor, 1);
        commit(poor, last);
        checkEqual(pool.freeDepositOf(address(rollup), poor), MINIMUM, "the penalty is reserved");
    }

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

    // --- taking back ---

    function test_a_hash_may_be_taken_back_while_the_predecessor_is_unverified() public {
        uint64 second = post(1);
        commit(ALICE, second);
        commit(BOB, second);
        vm.roll(1000 + T1 - 1);
        checkRollupReverts(
            ALICE,
            takeBackCall(second),
            abi.encodeWithSelector(Errors.TakeBackTooEarly.selector, 1000 + T1 - 1, 1000 + T1)
        );
        vm.roll(1000 + T1);
        vm.prank(ALICE);
        rollup.takeBackProofHash(second);
        checkEqual(pool.depositOf(address(rollup), ALICE).reserved, 0, "reserve released");
        checkEqual(viewOf(BOB, second).totalWeight, 200 ether, "its weight left");
        checkRollupReverts(
            ALICE,
            commitCall(ALICE, second),
            abi.encodeWithSelector(Errors.AlreadyCommitted.selector, ALICE, second, 1000)
        );
        vm.prank(BOB);
        rollup.takeBackProofHash(second);
        checkEqual(viewOf(BOB, second).roundStart, 0, "a round without commitments is no round");
        commit(ALICE, second);
        checkEqual(viewOf(ALICE, second).roundStart, 1000 + T1, "a new one");
    }

    function test_a_hash_cannot_be_taken_back_once_the_predecessor_is_verified() public {
        uint64 second = post(1);
        commit(ALICE, last);
        commit(BOB, second);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        checkRollupReverts(
            BOB, takeBackCall(second), abi.encodeWithSelector(Errors.PredecessorVerified.selector, second, 1000 + T1)
        );
        checkRollupReverts(
            CAROL,
            takeBackCall(second),
            abi.encodeWithSelector(Errors.NoOpenCommitment.selector, CAROL, second, 1000, CommitmentState.None)
        );
    }

    function test_a_round_without_commitments_has_no_outcome() public {
        uint64 second = post(1);
        commit(ALICE, second);
        vm.roll(1000 + T1);
        vm.prank(ALICE);
        rollup.takeBackProofHash(second);
        commit(BOB, last);
        vm.roll(1000 + 2 * T1);
        reveal(BOB, last);
        vm.roll(5000);
        checkEqual(uint256(rollup.roundOutcome(second, 1000)), uint256(RoundOutcome.Undecided), "emptied");
        checkEqual(uint256(rollup.roundOutcome(second, 1234)), uint256(RoundOutcome.Undecided), "never opened");
    }

    // --- pausing ---

    function test_pausing_stops_hashes_and_sequences_but_no_reveal() public {
        commit(ALICE, last);
        commit(BOB, last);
        vm.prank(ADMIN);
        rollup.pause();
        check(viewOf(ALICE, last).paused, "the view says so");
        checkRollupReverts(CAROL, commitCall(CAROL, last), abi.encodeWithSelector(Errors.RollupPaused.selector));
        vm.roll(1000 + T1);
        check(reveal(ALICE, last), "reveals go on");
        check(reveal(BOB, last), "late ones too");
        vm.prank(ADMIN);
        rollup.resume();
        commit(ALICE, post(1));
    }

    // --- limits ---

    function test_a_miner_has_a_bounded_number_of_open_commitments() public {
        deposit(ALICE, 500 ether);
        for (uint256 i = 0; i < 256; i++) {
            commit(ALICE, post(1));
        }
        SequenceView memory v = viewOf(ALICE, last);
        checkEqual(v.openCommitments, v.maximumOpenCommitments, "all used");
        checkRollupReverts(
            ALICE, commitCall(ALICE, last), abi.encodeWithSelector(Errors.TooManyOpenCommitments.selector, 256, 256)
        );
        // One that is taken back makes room.
        vm.roll(1000 + T1);
        commit(BOB, last);
        vm.prank(ALICE);
        rollup.takeBackProofHash(last + 1);
        commit(ALICE, last);
    }

    function test_a_list_full_of_finished_commitments_makes_room_by_itself() public {
        deposit(ALICE, 500 ether);
        commit(ALICE, last);
        for (uint256 i = 0; i < 255; i++) {
            commit(ALICE, post(1));
        }
        vm.roll(1000 + T1 + T2); // the first round has failed
        uint64 newest = post(1);
        commit(ALICE, newest);
        checkEqual(uint256(state(ALICE)), uint256(CommitmentState.Failed), "settled on the way");
        checkEqual(rollup.openCommitments(ALICE).length, 256, "full again");
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
        checkEqual(v.freeDeposit, 200 ether - 2 * SILENCE, "both reserves held");
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

    function state(address miner) private view returns (CommitmentState) {
        return rollup.commitmentState(miner, last, 1000);
    }
}
