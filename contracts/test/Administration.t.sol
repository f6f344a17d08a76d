// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {Settings} from "../src/interfaces/RollupTypes.sol";
import {SimulatedRule} from "../src/rules/SimulatedRule.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {Answer, StubRule} from "./support/StubRule.sol";

/// @notice What an admin may change, when it counts, and what it leaves alone.
contract AdministrationTest is RollupFixture {
    function test_new_settings_take_the_delay_and_leave_open_rounds_alone() public {
        deposit(ALICE, 200 ether);
        uint64 first = post(1);
        Settings memory settings = settingsWith(7, 9);
        settings.silenceShare = 400;
        propose(settings);
        checkRollupReverts(
            ADMIN, applyCall(), abi.encodeWithSelector(Errors.TooEarly.selector, 1000, 1000 + ADMIN_DELAY)
        );
        vm.roll(1000 + ADMIN_DELAY);
        commit(ALICE, first);
        applySettings();
        checkEqual(rollup.proofHashCommitEpoch(), 7, "new T1");
        checkEqual(viewOf(ALICE, first).revealStart, 1000 + ADMIN_DELAY + T1, "the open round keeps T1");
        vm.roll(1000 + ADMIN_DELAY + T1 + T2);
        rollup.settle(ALICE, first, 1000 + ADMIN_DELAY);
        checkEqual(pool.slashed(address(rollup)), SILENCE, "and its penalty");
        commit(ALICE, first);
        checkEqual(viewOf(ALICE, first).revealStart, block.number + 7, "the next round has the new one");
        vm.roll(block.number + 7 + 9);
        rollup.settleMany(ALICE, 1);
        checkEqual(pool.slashed(address(rollup)), 3 * SILENCE, "and the new penalty");
    }

    function test_an_open_round_keeps_its_wrong_proof_share_and_its_least_reserve() public {
        deposit(ALICE, 200 ether);
        deposit(CAROL, 200 ether);
        uint64 first = post(1);
        Settings memory settings = settingsWith(T1, T2);
        settings.wrongProofShare = 4000;
        settings.minimumReserve = 60 ether;
        propose(settings);
        vm.roll(1000 + ADMIN_DELAY);
        commitTo(CAROL, first, new bytes(64));
        applySettings();
        commitWith(ALICE, first, MINIMUM);
        vm.roll(1000 + ADMIN_DELAY + T1);
        check(!revealThis(CAROL, first, new bytes(64)), "wrong");
        checkEqual(pool.slashed(address(rollup)), WRONG, "the round's penalty");
        check(reveal(ALICE, first), "the round's least reserve");
        uint64 second = post(1);
        checkRollupReverts(
            ALICE,
            boundCall(ALICE, second, 60 ether - 1),
            abi.encodeWithSelector(Errors.ReserveTooSmall.selector, 60 ether - 1, 60 ether)
        );
    }

    function test_a_late_proof_is_judged_by_the_rule_of_its_round() public {
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
        uint64 first = post(1);
        Settings memory settings = settingsWith(T1, T2);
        settings.rule = stubThatSaysNo();
        propose(settings);
        vm.roll(1000 + ADMIN_DELAY);
        commit(ALICE, first);
        commit(BOB, first);
        vm.roll(1000 + ADMIN_DELAY + T1);
        check(reveal(ALICE, first), "everything is verified");
        applySettings();
        check(rollup.typeRule() == settings.rule, "another rule");
        check(reveal(BOB, first), "the old one for the old round");
    }

    // --- another rule ---

    function test_the_rule_is_changed_only_while_everything_posted_is_verified() public {
        deposit(ALICE, 200 ether);
        Settings memory settings = settingsWith(T1, T2);
        settings.rule = stubThatSaysNo();
        propose(settings);
        vm.roll(1000 + ADMIN_DELAY);
        uint64 first = post(2);
        checkRollupReverts(ADMIN, applyCall(), abi.encodeWithSelector(Errors.UnverifiedSequences.selector, 0, first));
        commit(ALICE, first);
        vm.roll(1000 + ADMIN_DELAY + T1);
        reveal(ALICE, first);
        applySettings();
        checkEqual(rollup.typeRule(), settings.rule, "once it is");
    }

    function test_other_settings_may_change_while_something_is_unverified() public {
        post(1);
        propose(settingsWith(7, 9));
        vm.roll(1000 + ADMIN_DELAY);
        applySettings();
        checkEqual(rollup.proofHashCommitEpoch(), 7, "applied");
    }

    function test_only_a_rule_of_a_type_that_is_not_obsolete_may_be_taken() public {
        refusedRule(address(0));
        refusedRule(ALICE);
        refusedRule(address(factory));
        refusedRule(address(new SimulatedRule(160, 8, 1280)));
        Settings memory settings = settingsWith(T1, T2);
        settings.rule = stubThatSaysNo();
        propose(settings);
        vm.roll(1000 + ADMIN_DELAY);
        factory.setObsolete("stub", true);
        checkRollupReverts(ADMIN, applyCall(), abi.encodeWithSelector(Errors.RuleNotRegistered.selector, settings.rule));
        refusedRule(settings.rule);
        factory.setObsolete("stub", false);
        applySettings();
        checkEqual(rollup.typeRule(), settings.rule, "current again");
    }

    function test_a_rollup_of_an_obsolete_type_may_still_change_its_other_settings() public {
        factory.setObsolete("transfers", true);
        propose(settingsWith(7, 9));
        vm.roll(1000 + ADMIN_DELAY);
        applySettings();
        checkEqual(rollup.proofHashCommitEpoch(), 7, "applied");
    }

    // --- who, and when ---

    function test_only_the_admin_administers() public {
        bytes[8] memory calls = [
            abi.encodeCall(IZkPowRollupActions.proposeSettings, (settingsWith(1, 1))),
            abi.encodeCall(IZkPowRollupActions.applySettings, ()),
            abi.encodeCall(IZkPowRollupActions.cancelSettings, ()),
            abi.encodeCall(IZkPowRollupActions.pause, ()),
            abi.encodeCall(IZkPowRollupActions.resume, ()),
            abi.encodeCall(IZkPowRollupActions.setSequencer, (ALICE)),
            abi.encodeCall(IZkPowRollupActions.proposeAdmin, (ALICE)),
            abi.encodeCall(IZkPowRollupActions.executeRollback, (1))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            checkRollupReverts(ALICE, calls[i], abi.encodeWithSelector(Errors.NotAllowed.selector, ALICE, ADMIN));
        }
    }

    function test_settings_are_checked_when_proposed() public {
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.proposeSettings, (settingsWith(0, 5))),
            abi.encodeWithSelector(Errors.WindowOutOfRange.selector, 0, 5, 0, 14 days, 1 days)
        );
        checkRollupReverts(ADMIN, applyCall(), abi.encodeWithSelector(Errors.NothingProposed.selector));
    }

    function test_a_proposal_in_place_of_another_has_its_whole_delay() public {
        propose(settingsWith(7, 9));
        vm.roll(1000 + ADMIN_DELAY - 1);
        propose(settingsWith(8, 9));
        vm.roll(1000 + ADMIN_DELAY);
        uint64 effective = 1000 + 2 * ADMIN_DELAY - 1;
        (Settings memory settings, uint64 effectiveBlock, uint64 lastBlock) = rollup.proposedSettings();
        checkEqual(settings.t1Seconds, 8, "the later one");
        checkEqual(effectiveBlock, effective, "its block");
        checkEqual(lastBlock, effective + ADMIN_DELAY, "its last");
        checkRollupReverts(
            ADMIN, applyCall(), abi.encodeWithSelector(Errors.TooEarly.selector, 1000 + ADMIN_DELAY, effective)
        );
        vm.roll(effective + ADMIN_DELAY);
        applySettings();
        checkEqual(rollup.proofHashCommitEpoch(), 8, "in its last block");
        (settings, effectiveBlock, lastBlock) = rollup.proposedSettings();
        checkEqual(settings.t1Seconds + effectiveBlock + lastBlock, 0, "nothing left");
    }

    function test_a_proposal_that_nobody_applies_lapses() public {
        propose(settingsWith(7, 9));
        uint64 lastBlock = 1000 + 2 * ADMIN_DELAY;
        vm.roll(lastBlock + 1);
        (, uint64 effectiveBlock,) = rollup.proposedSettings();
        checkEqual(effectiveBlock, 0, "nothing shown");
        checkRollupReverts(
            ADMIN, applyCall(), abi.encodeWithSelector(Errors.ProposalLapsed.selector, lastBlock + 1, lastBlock)
        );
    }

    function test_a_proposal_can_be_cancelled() public {
        propose(settingsWith(7, 9));
        vm.prank(ADMIN);
        rollup.cancelSettings();
        vm.roll(1000 + ADMIN_DELAY);
        checkRollupReverts(ADMIN, applyCall(), abi.encodeWithSelector(Errors.NothingProposed.selector));
    }

    function test_the_admin_hands_over_in_two_steps() public {
        vm.prank(ADMIN);
        rollup.proposeAdmin(ALICE);
        checkEqual(rollup.admin(), ADMIN, "not before she accepts");
        checkRollupReverts(
            BOB,
            abi.encodeCall(IZkPowRollupActions.acceptAdmin, ()),
            abi.encodeWithSelector(Errors.NotAllowed.selector, BOB, ALICE)
        );
        vm.prank(ALICE);
        rollup.acceptAdmin();
        checkEqual(rollup.admin(), ALICE, "handed over");
        vm.prank(ALICE);
        rollup.setSequencer(BOB);
        checkEqual(rollup.sequencer(), BOB, "the new admin's sequencer");
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.setSequencer, (address(0))),
            abi.encodeWithSelector(Errors.ZeroAddress.selector)
        );
        checkRollupReverts(
            ALICE,
            abi.encodeCall(IZkPowRollupActions.acceptAdmin, ()),
            abi.encodeWithSelector(Errors.NotAllowed.selector, ALICE, address(0))
        );
    }

    /// @dev With the rule as it is, unless the settings name one.
    function propose(Settings memory settings) private {
        if (settings.rule == address(0)) settings.rule = rollup.typeRule();
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
    }

    function applySettings() private {
        vm.prank(ADMIN);
        rollup.applySettings();
    }

    function applyCall() private pure returns (bytes memory) {
        return abi.encodeCall(IZkPowRollupActions.applySettings, ());
    }

    function stubThatSaysNo() private returns (address) {
        StubRule stub = new StubRule();
        factory.registerRollupType("stub", address(stub), stub.sample());
        stub.setAnswer(Answer.No);
        return address(stub);
    }

    function refusedRule(address rule) private {
        Settings memory settings = settingsWith(1, 1);
        settings.rule = rule;
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.proposeSettings, (settings)),
            abi.encodeWithSelector(Errors.RuleNotRegistered.selector, rule)
        );
    }
}
