// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {CommitmentState, RoundOutcome, SequenceView} from "../src/interfaces/RollupTypes.sol";
import {PostedSequence} from "./support/PostedSequence.sol";

/// @notice Commitments: what is refused, taking back, and how many may be open.
contract CommitmentsTest is PostedSequence {
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
}
