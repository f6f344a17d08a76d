// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {CommitmentKey, CommitmentState, RoundOutcome, SequenceView} from "../src/interfaces/RollupTypes.sol";
import {PostedSequence} from "./support/PostedSequence.sol";

/// @notice Commitments: what is refused, taking back, and how many may be open.
contract CommitmentsTest is PostedSequence {
    // --- commitments out of place ---

    function test_commit_refusals_name_their_numbers() public {
        checkRollupReverts(
            ALICE, hashCall(ALICE, last, 0, MINIMUM), abi.encodeWithSelector(Errors.ZeroProofHash.selector)
        );
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.submitProofHash, (0, 7, keccak256("h"), 0, 1, MINIMUM)),
            abi.encodeWithSelector(Errors.NoSuchSequence.selector, 7)
        );
        uint64 second = post(2);
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.submitProofHash, (0, second, keccak256("h"), 0, 1, MINIMUM)),
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

    function test_a_commitment_reserves_what_its_miner_chooses() public {
        commitWith(ALICE, last, 120 ether);
        commit(BOB, last); // with the least
        checkEqual(reservedOf(ALICE), 120 ether, "her choice");
        checkEqual(reservedOf(BOB), MINIMUM, "and his");
        SequenceView memory v = viewOf(ALICE, last);
        checkEqual(v.ownWeight, 120 ether, "its weight");
        checkEqual(v.totalWeight, 120 ether + MINIMUM, "weights of both");
        checkEqual(v.freeStake, 80 ether, "what is left");
    }

    function test_a_reserve_under_the_minimum_is_refused() public {
        checkRollupReverts(
            ALICE,
            boundCall(ALICE, last, MINIMUM - 1),
            abi.encodeWithSelector(Errors.ReserveTooSmall.selector, MINIMUM - 1, MINIMUM)
        );
        commitWith(ALICE, last, MINIMUM);
    }

    function test_a_reserve_over_the_free_stake_is_refused() public {
        commitWith(ALICE, last, 120 ether);
        uint64 second = post(1);
        checkRollupReverts(
            ALICE,
            boundCall(ALICE, second, 80 ether + 1),
            abi.encodeWithSelector(Errors.InsufficientFreeStake.selector, ALICE, 80 ether, 80 ether + 1)
        );
        checkRollupReverts(
            ALICE,
            boundCall(ALICE, second, type(uint256).max),
            abi.encodeWithSelector(Errors.InsufficientFreeStake.selector, ALICE, 80 ether, type(uint256).max)
        );
        commitWith(ALICE, second, 80 ether);
        checkEqual(reservedOf(ALICE), 200 ether, "all of it");
    }

    function test_a_reserve_over_the_cap_is_refused() public {
        vm.prank(ALICE);
        pool.setCap(address(rollup), 130 ether);
        commitWith(ALICE, last, 70 ether);
        uint64 second = post(1);
        checkEqual(viewOf(ALICE, second).freeStake, 60 ether, "the view knows the cap");
        checkRollupReverts(
            ALICE,
            boundCall(ALICE, second, 60 ether + 1),
            abi.encodeWithSelector(
                Errors.CapReached.selector, ALICE, address(rollup), 70 ether, 60 ether + 1, 130 ether
            )
        );
        commitWith(ALICE, second, 60 ether);
    }

    function test_a_commitment_to_another_posting_is_refused() public {
        SequenceView memory v = viewOf(ALICE, last);
        checkRollupReverts(
            ALICE,
            boundCallTo(ALICE, last, bytes32(uint256(1)), v.termsVersion, MINIMUM),
            abi.encodeWithSelector(Errors.AnotherPosting.selector, last, bytes32(uint256(1)), v.accInputHash)
        );
    }

    function test_a_commitment_to_other_terms_is_refused() public {
        bytes32 accInputHash = viewOf(ALICE, last).accInputHash;
        for (uint256 version = 0; version < 4; version++) {
            if (version == 1) continue; // the terms of the round
            checkRollupReverts(
                ALICE,
                boundCallTo(ALICE, last, accInputHash, version, MINIMUM),
                abi.encodeWithSelector(Errors.OtherTerms.selector, version, 1)
            );
        }
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
        checkEqual(reservedOf(ALICE), 0, "reserve released");
        checkEqual(viewOf(BOB, second).totalWeight, MINIMUM, "its weight left");
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

    // --- the list of those that are not settled ---

    function test_the_list_is_exact_in_whatever_order_it_is_settled() public {
        uint64[3][6] memory orders = [
            [uint64(0), 1, 2],
            [uint64(0), 2, 1],
            [uint64(1), 0, 2],
            [uint64(1), 2, 0],
            [uint64(2), 0, 1],
            [uint64(2), 1, 0]
        ];
        for (uint64 round = 0; round < 3; round++) {
            commit(ALICE, last);
            vm.roll(block.number + T1 + T2); // it fails
        }
        for (uint256 i = 0; i < orders.length; i++) {
            uint256 snapshot = vm.snapshotState();
            for (uint256 k = 0; k < 3; k++) {
                rollup.settle(ALICE, last, 1000 + orders[i][k] * (T1 + T2));
                checkListed(orders[i], k + 1);
            }
            vm.revertToState(snapshot);
        }
    }

    /// @dev Those that stand from `first` on in an order are listed, and no others.
    function checkListed(uint64[3] memory order, uint256 first) private view {
        CommitmentKey[] memory keys = rollup.openCommitments(ALICE);
        checkEqual(keys.length, 3 - first, "as many");
        for (uint256 k = first; k < 3; k++) {
            uint256 found = 0;
            for (uint256 i = 0; i < keys.length; i++) {
                if (keys[i].finalBatch == last && keys[i].round == 1000 + order[k] * (T1 + T2)) found++;
            }
            checkEqual(found, 1, "each once");
        }
    }

    // --- limits ---

    function test_a_miner_has_a_bounded_number_of_open_commitments() public {
        deposit(ALICE, 256 * MINIMUM);
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
        deposit(ALICE, 256 * MINIMUM);
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
