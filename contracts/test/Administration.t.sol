// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {Settings} from "../src/interfaces/RollupTypes.sol";
import {SimulatedVerifier} from "../src/verifiers/SimulatedVerifier.sol";
import {RollupFixture} from "./support/RollupFixture.sol";
import {StubVerifier} from "./support/StubVerifier.sol";

/// @notice What an admin may change, when it counts, and what it leaves alone.
contract AdministrationTest is RollupFixture {
    function test_new_settings_take_the_delay_and_leave_open_rounds_alone() public {
        deposit(ALICE, 200 ether);
        uint64 first = post(1);
        Settings memory settings = settingsWith(7, 9);
        settings.verifier = address(new SimulatedVerifier());
        settings.silencePenalty = 2 ether;
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.applySettings, ()),
            abi.encodeWithSelector(Errors.TooEarly.selector, 1000, 1000 + ADMIN_DELAY)
        );
        vm.roll(1000 + ADMIN_DELAY);
        commit(ALICE, first);
        vm.prank(ADMIN);
        rollup.applySettings();
        checkEqual(rollup.proofHashCommitEpoch(), 7, "new T1");
        checkEqual(viewOf(ALICE, first).revealStart, 1000 + ADMIN_DELAY + T1, "the open round keeps T1");
        checkEqual(viewOf(ALICE, first).verifier, address(simulated), "and its verifier");
        vm.roll(1000 + ADMIN_DELAY + T1 + T2);
        rollup.settle(ALICE, first, 1000 + ADMIN_DELAY);
        checkEqual(pool.slashed(address(rollup)), SILENCE, "and its penalty");
        commit(ALICE, first);
        checkEqual(viewOf(ALICE, first).revealStart, block.number + 7, "the next round has the new one");
    }

    function test_an_open_round_keeps_both_penalties_and_its_verifier() public {
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
        deposit(CAROL, 200 ether);
        uint64 first = post(1);
        Settings memory settings = settingsWith(T1, T2);
        settings.verifier = address(new StubVerifier(false, 50_000, 64));
        settings.wrongProofPenalty = 20 ether;
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
        vm.roll(1000 + ADMIN_DELAY);
        commit(ALICE, first);
        commit(BOB, first);
        commitTo(CAROL, first, new bytes(64));
        vm.prank(ADMIN);
        rollup.applySettings();
        vm.roll(1000 + ADMIN_DELAY + T1);
        check(!revealThis(CAROL, first, new bytes(64)), "wrong");
        checkEqual(pool.slashed(address(rollup)), WRONG, "the round's penalty");
        check(reveal(ALICE, first), "the round's verifier");
        check(reveal(BOB, first), "and for a late proof");
        uint64 second = post(1);
        commit(ALICE, second);
        vm.roll(block.number + T1);
        check(!reveal(ALICE, second), "the next round has the new verifier");
        checkEqual(pool.slashed(address(rollup)), WRONG + 20 ether, "and the new penalty");
    }

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
            abi.encodeWithSelector(Errors.WindowOutOfRange.selector, 0, 5, 100_800)
        );
        refusedVerifier(address(0));
        refusedVerifier(ALICE);
        refusedVerifier(address(factory));
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.applySettings, ()),
            abi.encodeWithSelector(Errors.NothingProposed.selector)
        );
    }

    function test_a_proposal_in_place_of_another_has_its_whole_delay() public {
        propose(7);
        vm.roll(1000 + ADMIN_DELAY - 1);
        propose(8);
        vm.roll(1000 + ADMIN_DELAY);
        uint64 effective = 1000 + 2 * ADMIN_DELAY - 1;
        (Settings memory settings, uint64 effectiveBlock, uint64 lastBlock) = rollup.proposedSettings();
        checkEqual(settings.t1, 8, "the later one");
        checkEqual(effectiveBlock, effective, "its block");
        checkEqual(lastBlock, effective + ADMIN_DELAY, "its last");
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.applySettings, ()),
            abi.encodeWithSelector(Errors.TooEarly.selector, 1000 + ADMIN_DELAY, effective)
        );
        vm.roll(effective + ADMIN_DELAY);
        vm.prank(ADMIN);
        rollup.applySettings();
        checkEqual(rollup.proofHashCommitEpoch(), 8, "in its last block");
        (settings, effectiveBlock, lastBlock) = rollup.proposedSettings();
        checkEqual(settings.t1 + effectiveBlock + lastBlock, 0, "nothing left");
    }

    function test_a_proposal_that_nobody_applies_lapses() public {
        propose(7);
        uint64 lastBlock = 1000 + 2 * ADMIN_DELAY;
        vm.roll(lastBlock + 1);
        (, uint64 effectiveBlock,) = rollup.proposedSettings();
        checkEqual(effectiveBlock, 0, "nothing shown");
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.applySettings, ()),
            abi.encodeWithSelector(Errors.ProposalLapsed.selector, lastBlock + 1, lastBlock)
        );
    }

    function test_a_proposal_can_be_cancelled() public {
        propose(7);
        vm.prank(ADMIN);
        rollup.cancelSettings();
        vm.roll(1000 + ADMIN_DELAY);
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.applySettings, ()),
            abi.encodeWithSelector(Errors.NothingProposed.selector)
        );
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

    function propose(uint64 t1) private {
        Settings memory settings = settingsWith(t1, 9);
        settings.verifier = address(simulated);
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
    }

    function refusedVerifier(address verifier) private {
        Settings memory settings = settingsWith(1, 1);
        settings.verifier = verifier;
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.proposeSettings, (settings)),
            abi.encodeWithSelector(Errors.VerifierUnusable.selector, verifier, 0, 10_000_000, 0)
        );
    }
}
