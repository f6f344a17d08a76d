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
            ALICE, revealCallWith(last, hex"1234"), abi.encodeWithSelector(Errors.ProofLength.selector, 2, 64, 64)
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
        checkEqual(stakeOf(ALICE), 200 ether, "nothing taken");
    }

    // --- wrong reveals ---

    function test_a_proof_that_does_not_match_its_hash_costs_the_larger_penalty_once() public {
        commit(ALICE, last);
        vm.roll(1000 + T1);
        check(!revealThis(ALICE, last, new bytes(64)), "not accepted");
        checkEqual(uint256(state(ALICE)), uint256(CommitmentState.Wrong), "wrong");
        checkEqual(stakeOf(ALICE), 200 ether - WRONG, "wrong-proof penalty");
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
        checkEqual(stakeOf(ALICE), 200 ether - WRONG, "wrong-proof penalty");
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
        deposit(miner, 2 * MINIMUM);
        uint64 second = post(1);
        commitTo(miner, last, new bytes(64));
        commitTo(miner, second, new bytes(64));
        commit(ALICE, last);
        vm.roll(1000 + T1);
        check(!revealThis(miner, last, new bytes(64)), "wrong");
        checkEqual(stakeOf(miner), 2 * MINIMUM - WRONG, "a share of one reserve");
        checkEqual(reservedOf(miner), MINIMUM, "the other stays");
        check(reveal(ALICE, last), "the other miner's proof");
        vm.roll(1001 + T1);
        check(!revealThis(miner, second, new bytes(64)), "wrong again");
        checkEqual(stakeOf(miner), 2 * (MINIMUM - WRONG), "the same share of the other");
        checkEqual(reservedOf(miner), 0, "no reserve left");
    }

    function test_copied_hash_and_proof_earn_nothing() public {
        commit(ALICE, last);
        bytes memory aliceProof = proofOf(ALICE, last);
        commitHash(BOB, last, hashOf(ALICE, aliceProof)); // front-runs with ALICE's hash
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
            CAROL, revealCallWith(last, hex"1234"), abi.encodeWithSelector(Errors.ProofLength.selector, 2, 64, 64)
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
            abi.encodeWithSelector(
                Errors.AnotherStateAccepted.selector, bytes32(uint256(9)), rootAfter(last), bytes32(0), bytes32(0)
            )
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
            abi.encodeWithSelector(
                Errors.NothingToSettle.selector, ALICE, last, 1000, CommitmentState.Open, 1000 + T1 + T2
            )
        );
        vm.roll(1000 + T1 + T2);
        vm.prank(CAROL);
        rollup.settle(ALICE, last, 1000);
        rollup.settle(BOB, last, 1000);
        checkEqual(stakeOf(ALICE), 200 ether - SILENCE, "alice");
        checkEqual(stakeOf(BOB), 200 ether - SILENCE, "bob");
        checkRollupReverts(
            CAROL,
            settleCall(ALICE, last, 1000),
            abi.encodeWithSelector(Errors.NothingToSettle.selector, ALICE, last, 1000, CommitmentState.Failed, 0)
        );
    }

    function test_an_accepted_proof_saves_all_committers_of_its_round() public {
        commit(ALICE, last);
        commit(BOB, last);
        vm.roll(1000 + T1 + T2 - 1);
        reveal(ALICE, last);
        checkRollupReverts(
            CAROL,
            settleCall(BOB, last, 1000),
            abi.encodeWithSelector(
                Errors.NothingToSettle.selector, BOB, last, 1000, CommitmentState.Late, 1000 + T1 + T2
            )
        );
        vm.roll(1000 + T1 + T2);
        rollup.settle(BOB, last, 1000);
        checkEqual(stakeOf(BOB), 200 ether, "no penalty");
        checkEqual(reservedOf(BOB), 0, "reserve released");
        check(reveal(BOB, last), "the late right stays after settling");
    }

    function test_an_accepted_proof_frees_its_reserve_at_once() public {
        commit(ALICE, last);
        commit(BOB, last);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        checkEqual(reservedOf(ALICE), 0, "the first");
        reveal(BOB, last);
        checkEqual(reservedOf(BOB), 0, "and the second");
    }

    function test_a_silent_reserve_of_an_accepted_round_counts_as_free_from_its_end_on() public {
        address tight = address(0x9009);
        deposit(tight, MINIMUM);
        commit(tight, last);
        commit(ALICE, last);
        vm.roll(1000 + T1);
        reveal(ALICE, last);
        uint64 second = post(1);
        checkEqual(viewOf(tight, second).freeStake, 0, "its proof may still be shared with");
        vm.roll(1000 + T1 + T2 - 1); // said of the next block
        checkEqual(viewOf(tight, second).freeStake, MINIMUM, "free in the view");
        check(!succeeds(tight, address(rollup), commitCall(tight, second)), "not in this block");
        vm.roll(1000 + T1 + T2);
        commit(tight, second); // settles the first by itself
        checkEqual(reservedOf(tight), MINIMUM, "one reserve");
    }

    function test_a_commitment_settles_no_more_than_it_needs() public {
        address tight = address(0x9009);
        deposit(tight, 3 * MINIMUM);
        uint64[3] memory posted = [last, post(1), post(1)];
        for (uint256 i = 0; i < 3; i++) {
            commit(tight, posted[i]);
            commit(ALICE, posted[i]);
        }
        for (uint64 i = 0; i < 3; i++) {
            vm.roll(1000 + T1 + i);
            reveal(ALICE, posted[i]);
        }
        vm.roll(1000 + T1 + T2 + 3);
        commit(tight, post(1));
        checkEqual(reservedOf(tight), 3 * MINIMUM, "one released, one reserved");
        checkEqual(viewOf(tight, last).freeStake, 2 * MINIMUM, "all three count as free");
    }
}
