// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollup} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {GasEdges, Outcome} from "./support/GasEdges.sol";
import {Answer, StubRule} from "./support/StubRule.sol";

/// @notice A right proof is never punished, whatever the gas limit of its transaction, and whatever the rule needs by then.
contract RuleGasTest is GasEdges {
    uint256 private constant FLOOR = 100_000;
    bytes4 private notEnough = Errors.NotEnoughGas.selector;
    bytes4 private unknown = Errors.VerificationUnknown.selector;

    // --- a right proof, at every gas limit ---

    function test_a_right_proof_reverts_or_is_accepted_at_every_gas_limit() public {
        stub.setNeed(90_000);
        neverPunished(revealCallWith(last, rightProof(ALICE)), 1_000_000);
    }

    function test_a_right_proof_is_never_punished_after_a_small_repricing() public {
        stub.setNeed(101_000);
        neverPunished(revealCallWith(last, rightProof(ALICE)), 1_000_000);
    }

    function test_a_right_proof_is_never_punished_after_a_large_repricing() public {
        stub.setNeed(700_000);
        neverPunished(revealCallWith(last, rightProof(ALICE)), 2_000_000);
    }

    function test_a_right_late_proof_is_accepted_or_reverts_after_a_repricing() public {
        check(revealThis(BOB, last, rightProof(BOB)), "another's is first");
        stub.setNeed(700_000);
        neverPunished(revealCallWith(last, rightProof(ALICE)), 2_000_000);
        vm.roll(1000 + T1 + T2);
        neverPunished(revealCallWith(last, rightProof(ALICE)), 2_000_000);
    }

    /// @dev Every limit about the least one with which the rule is asked, and about the least one that is accepted; some
    /// of all those beside.
    function neverPunished(bytes memory call, uint256 highest) private {
        check(tryWith(highest, call) == Outcome.Accepted, "accepted with plenty");
        uint256 asked = edgeOf(call, notEnough, 100_000, highest);
        for (uint256 gasLimit = asked - 300; gasLimit < asked + 300; gasLimit++) {
            (Outcome outcome, bytes4 reason) = tryFully(gasLimit, call);
            check(outcome != Outcome.Punished, string.concat("punished at ", vm.toString(gasLimit)));
            check((reason == notEnough) == (gasLimit < asked), string.concat("asked at ", vm.toString(gasLimit)));
        }
        uint256 low = asked - 1;
        uint256 high = highest;
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (tryWith(middle, call) == Outcome.Accepted) high = middle;
            else low = middle;
        }
        for (uint256 gasLimit = high - 400; gasLimit < high; gasLimit++) {
            check(tryWith(gasLimit, call) == Outcome.Reverted, string.concat("below the edge ", vm.toString(gasLimit)));
        }
        for (uint256 gasLimit = high; gasLimit < high + 400; gasLimit++) {
            check(tryWith(gasLimit, call) == Outcome.Accepted, string.concat("beyond it ", vm.toString(gasLimit)));
        }
        for (uint256 gasLimit = 20_000; gasLimit < highest; gasLimit += 5003) {
            check(tryWith(gasLimit, call) != Outcome.Punished, string.concat("punished at ", vm.toString(gasLimit)));
        }
    }

    // --- rules that use up their gas, or answer with junk ---

    function test_a_rule_that_runs_out_of_gas_has_said_nothing() public {
        bytes memory call = revealCallWith(last, rightProof(ALICE));
        Answer[3] memory ways = [Answer.RunOut, Answer.UseUpThenNo, Answer.NestedRunOut];
        for (uint256 i = 0; i < ways.length; i++) {
            stub.setAnswer(ways[i]);
            uint256 edge = edgeOf(call, notEnough, 100_000, 600_000);
            for (uint256 gasLimit = edge - 300; gasLimit < edge + 300; gasLimit++) {
                (Outcome outcome, bytes4 reason) = tryFully(gasLimit, call);
                check(outcome == Outcome.Reverted, vm.toString(gasLimit));
                check(reason == (gasLimit < edge ? notEnough : unknown), vm.toString(gasLimit));
            }
            for (uint256 gasLimit = 20_000; gasLimit < 1_500_000; gasLimit += 20_011) {
                check(tryWith(gasLimit, call) == Outcome.Reverted, vm.toString(gasLimit));
            }
        }
    }

    function test_a_rule_that_says_no_with_gas_left_is_believed_at_every_gas_limit() public {
        bytes memory call = revealCallWith(last, rightProof(ALICE));
        Answer[4] memory answers = [Answer.No, Answer.Revert, Answer.Two, Answer.TrueAndMore];
        for (uint256 i = 0; i < answers.length; i++) {
            stub.setAnswer(answers[i]);
            uint256 edge = edgeOf(call, notEnough, 100_000, 600_000);
            for (uint256 gasLimit = edge - 300; gasLimit < edge + 300; gasLimit++) {
                Outcome expected = gasLimit < edge ? Outcome.Reverted : Outcome.Punished;
                check(tryWith(gasLimit, call) == expected, vm.toString(gasLimit));
            }
        }
    }

    function test_a_late_proof_is_refused_by_all_of_them_and_never_punished() public {
        check(revealThis(BOB, last, rightProof(BOB)), "another's is first");
        bytes memory call = revealCallWith(last, rightProof(ALICE));
        for (uint8 answer = uint8(Answer.No); answer <= uint8(Answer.Bomb); answer++) {
            stub.setAnswer(Answer(answer));
            for (uint256 gasLimit = 20_000; gasLimit < 1_500_000; gasLimit += 20_011) {
                check(tryWith(gasLimit, call) == Outcome.Reverted, vm.toString(gasLimit));
            }
        }
    }

    /// @dev A megabyte costs the rule 2M gas, and nobody else anything.
    function test_a_long_answer_costs_its_reader_nothing() public {
        stub.setAnswer(Answer.Bomb);
        bytes memory call = revealCallWith(last, rightProof(ALICE));
        (Outcome outcome, bytes4 reason) = tryFully(1_000_000, call);
        check(outcome == Outcome.Reverted && reason == unknown, "it has run out");
        check(tryWith(3_000_000, call) == Outcome.Punished, "not one word, so not a yes");
    }

    // --- the floor ---

    function test_the_rule_gets_its_floor_at_the_least_gas_limit() public {
        checkFloor("one million", 1_000_000);
        checkFloor("the most", 10_000_000);
    }

    /// @dev A rule that says no at once when it is given less than it asked for: there is no limit at which it is.
    function checkFloor(string memory name, uint256 floor) private {
        vm.roll(1000);
        stub = new StubRule();
        stub.setFigures(floor, 32, 64);
        rollup = launchStub(name, stub);
        last = post(1);
        commitTo(ALICE, last, rightProof(ALICE));
        vm.roll(1000 + T1);
        stub.setLeastGiven(floor - 2500); // decoding comes before the first line
        bytes memory call = revealCallWith(last, rightProof(ALICE));
        check(tryWith(floor + 150_000, call) == Outcome.Reverted, "too little");
        uint256 edge = edgeOf(call, notEnough, floor + 150_000, floor + 500_000);
        for (uint256 gasLimit = edge - 10; gasLimit < edge + 500; gasLimit++) {
            Outcome expected = gasLimit < edge ? Outcome.Reverted : Outcome.Accepted;
            check(tryWith(gasLimit, call) == expected, vm.toString(gasLimit));
        }
    }

    /// @dev With nothing warm, and with the first proof of all.
    function test_what_is_kept_back_is_enough_for_all_that_comes_after_the_rule() public {
        bytes memory call = revealCallWith(last, rightProof(ALICE));
        uint256 edge = edgeOf(call, notEnough, 100_000, 600_000);
        check(tryWith(edge, call) == Outcome.Accepted, "the first");
        stub.setAnswer(Answer.No);
        check(tryWith(edge, call) == Outcome.Punished, "a wrong one");
        stub.setAnswer(Answer.Honestly);
        revealThis(BOB, last, rightProof(BOB));
        edge = edgeOf(call, notEnough, 100_000, 600_000);
        check(tryWith(edge, call) == Outcome.Accepted, "the second");
        vm.roll(5000);
        edge = edgeOf(call, notEnough, 100_000, 600_000);
        check(tryWith(edge, call) == Outcome.Accepted, "a late one");
    }

    function test_too_little_gas_is_named_with_its_numbers() public {
        bytes memory call = revealCallWith(last, rightProof(ALICE));
        uint256 edge = edgeOf(call, notEnough, 100_000, 600_000);
        vm.prank(ALICE);
        (bool success, bytes memory returned) = address(rollup).call{gas: edge - 20_000}(call);
        check(!success, "refused");
        checkEqual(bytes32(bytes4(returned)), bytes32(notEnough), "NotEnoughGas");
        (, uint256 have, uint256 need) = abi.decode(abi.encodePacked(bytes28(0), returned), (uint256, uint256, uint256));
        checkEqual(need, FLOOR + 200_000 + 5_000, "need");
        check(have < need, "have");
    }

    function test_a_wrong_proof_is_punished_with_enough_gas_only() public {
        bytes memory call = revealCallWith(last, new bytes(32));
        check(tryWith(100_000, call) == Outcome.Punished, "a proof that does not match its hash needs no rule");
        vm.roll(1000 + T1 + T2);
        bytes memory wrong = new bytes(32);
        commitTo(ALICE, last, wrong);
        vm.roll(block.number + T1);
        call = revealCallWith(last, wrong);
        check(tryWith(100_000, call) == Outcome.Reverted, "reverts with little");
        check(tryWith(1_000_000, call) == Outcome.Punished, "punished with enough");
    }
}
