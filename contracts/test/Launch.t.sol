// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IHonkVerifier} from "../src/interfaces/IHonkVerifier.sol";
import {IStatementVerifier, Statement} from "../src/interfaces/IStatementVerifier.sol";
import {IZkPowFactory, LaunchConfig, RollupTypeRule} from "../src/interfaces/IZkPowFactory.sol";
import {IZkPowRollup, IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {DataRule, RollupConfig, Settings} from "../src/interfaces/RollupTypes.sol";
import {LocalChain} from "../src/libraries/LocalChain.sol";
import {SimulatedVerifier} from "../src/verifiers/SimulatedVerifier.sol";
import {TransfersVerifier} from "../src/verifiers/TransfersVerifier.sol";
import {ZkPowFactory} from "../src/ZkPowFactory.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Takes no proof at all.
contract RefusingVerifier is IStatementVerifier {
    function verifyStatement(Statement calldata, bytes calldata) external pure returns (bool) {
        return false;
    }

    function proofSystem() external pure returns (string memory) {
        return "refusing";
    }

    function circuitId() external pure returns (bytes32) {
        return 0;
    }

    function proofLength() external pure returns (uint256) {
        return 64;
    }

    function verifierGas() external pure returns (uint256) {
        return 50_000;
    }
}

/// @notice Registering types, launching rollups, and what an admin may change.
contract LaunchTest is RollupFixture {
    // --- launching ---

    function test_a_launched_rollup_has_what_it_was_given() public view {
        checkEqual(keccak256(bytes(rollup.rollupType())), keccak256("transfers"), "type");
        checkEqual(rollup.admin(), ADMIN, "admin");
        checkEqual(rollup.sequencer(), SEQUENCER, "sequencer");
        checkEqual(rollup.verifier(), address(simulated), "the type's verifier");
        checkEqual(rollup.batchNumToStateRoot(0), GENESIS_ROOT, "first state");
        checkEqual(rollup.launchBlock(), 1000, "launch block");
        checkEqual(rollup.dataRule().paddedBytes, 1280, "the type's data rule");
        checkEqual(address(rollup.pool()), address(pool), "pool");
        check(pool.isRollup(address(rollup)), "registered with the pool");
        checkEqual(rollup.parameters().proofLength, 64, "the verifier's proof length");
    }

    function test_contracts_are_below_the_size_limit() public view {
        check(factory.rollupImplementation().code.length <= 24_576, "rollup");
        check(address(pool).code.length <= 24_576, "pool");
        check(address(factory).code.length <= 24_576, "factory");
    }

    function test_a_rollup_is_initialised_once_and_by_the_factory() public {
        RollupConfig memory config;
        bytes memory call = abi.encodeCall(IZkPowRollupActions.initialize, (config));
        checkRollupReverts(ALICE, call, abi.encodeWithSelector(Errors.NotAllowed.selector, ALICE, address(factory)));
        checkRollupReverts(address(factory), call, abi.encodeWithSelector(Errors.AlreadyInitialized.selector));
    }

    function test_types_are_frozen() public {
        RollupTypeRule memory rule = RollupTypeRule(address(simulated), transfersRule());
        bytes memory call = abi.encodeCall(IZkPowFactory.registerRollupType, ("transfers", rule));
        checkReverts(
            address(this),
            address(factory),
            call,
            abi.encodeWithSelector(IZkPowFactory.RollupTypeExists.selector, "transfers")
        );
        checkReverts(
            ALICE,
            address(factory),
            call,
            abi.encodeWithSelector(IZkPowFactory.NotTheOwner.selector, ALICE, address(this))
        );
        call = abi.encodeCall(IZkPowFactory.registerRollupType, ("", rule));
        checkReverts(address(this), address(factory), call, abi.encodeWithSelector(IZkPowFactory.EmptyName.selector));
        rule.verifier = ALICE;
        call = abi.encodeCall(IZkPowFactory.registerRollupType, ("other", rule));
        checkReverts(
            address(this), address(factory), call, abi.encodeWithSelector(IZkPowFactory.NotAContract.selector, ALICE)
        );
    }

    function test_a_factory_needs_an_owner_and_a_token_that_exists() public {
        vm.expectRevert(abi.encodeWithSelector(IZkPowFactory.OwnerMissing.selector));
        new ZkPowFactory(address(0), address(0), WITHDRAWAL_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IZkPowFactory.NotAContract.selector, ALICE));
        new ZkPowFactory(address(this), ALICE, WITHDRAWAL_DELAY);
    }

    function test_launch_refusals_name_their_numbers() public {
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        config.rollupType = "unknown";
        refusedLaunch(config, abi.encodeWithSelector(IZkPowFactory.UnknownRollupType.selector, "unknown"));
        config = launchConfig(settingsWith(T1, T2));
        config.settings.verifier = ALICE;
        refusedLaunch(config, abi.encodeWithSelector(IZkPowFactory.VerifierComesFromTheType.selector, ALICE));
        refusedLaunch(
            launchConfig(settingsWith(0, 1)), abi.encodeWithSelector(Errors.WindowOutOfRange.selector, 0, 1, 100_800)
        );
        refusedLaunch(
            launchConfig(settingsWith(1, 0)), abi.encodeWithSelector(Errors.WindowOutOfRange.selector, 1, 0, 100_800)
        );
        refusedLaunch(
            launchConfig(settingsWith(1, 100_801)),
            abi.encodeWithSelector(Errors.WindowOutOfRange.selector, 1, 100_801, 100_800)
        );
        refusedLaunch(
            launchConfig(settingsWith(100_801, 1)),
            abi.encodeWithSelector(Errors.WindowOutOfRange.selector, 100_801, 1, 100_800)
        );
        refusedPenalties(0, WRONG, MINIMUM);
        refusedPenalties(WRONG, WRONG, MINIMUM);
        refusedPenalties(SILENCE, MINIMUM + 1, MINIMUM);
        config = launchConfig(settingsWith(T1, T2));
        config.adminDelayBlocks = 0;
        refusedLaunch(config, abi.encodeWithSelector(Errors.DelayOutOfRange.selector, 0, 5_000_000));
        config = launchConfig(settingsWith(T1, T2));
        config.lateRewardBlocks = 0;
        refusedLaunch(config, abi.encodeWithSelector(Errors.DelayOutOfRange.selector, 0, 5_000_000));
        config = launchConfig(settingsWith(T1, T2));
        config.sequencer = address(0);
        refusedLaunch(config, abi.encodeWithSelector(Errors.ZeroAddress.selector));
        factory.registerRollupType("bad rule", RollupTypeRule(address(simulated), DataRule(160, 8, 1279)));
        config = launchConfig(settingsWith(T1, T2));
        config.rollupType = "bad rule";
        refusedLaunch(config, abi.encodeWithSelector(Errors.DataRuleUnusable.selector, 160, 8, 1279));
    }

    // --- verifiers that prove nothing ---

    function test_simulated_proofs_and_development_setups_are_for_local_chains_only() public {
        IHonkVerifier honk = IHonkVerifier(address(simulated)); // any contract
        new TransfersVerifier(honk, 0, 64, 1, true);
        vm.chainId(1);
        (bool success, bytes memory returned) = address(this).call(abi.encodeCall(this.makeSimulated, ()));
        check(!success, "simulated");
        bytes memory expected = abi.encodeWithSelector(LocalChain.NotALocalChain.selector, 1);
        checkEqual(keccak256(returned), keccak256(expected), "names the chain");
        (success,) = address(this).call(abi.encodeCall(this.makeTransfersVerifier, (honk, true)));
        check(!success, "development set-up");
        (success,) = address(this).call(abi.encodeCall(this.makeTransfersVerifier, (honk, false)));
        check(success, "the real set-up");
    }

    function makeSimulated() external {
        new SimulatedVerifier();
    }

    function makeTransfersVerifier(IHonkVerifier honk, bool developmentSetup) external {
        new TransfersVerifier(honk, 0, 64, 1, developmentSetup);
    }

    // --- the admin ---

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
        settings.verifier = address(new RefusingVerifier());
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
        vm.prank(ADMIN);
        (bool success,) =
            address(rollup).call(abi.encodeCall(IZkPowRollupActions.proposeSettings, (settingsWith(1, 1))));
        check(!success, "address 0 is no verifier");
        checkRollupReverts(
            ADMIN,
            abi.encodeCall(IZkPowRollupActions.applySettings, ()),
            abi.encodeWithSelector(Errors.NothingProposed.selector)
        );
    }

    function test_a_proposal_can_be_cancelled() public {
        Settings memory settings = settingsWith(7, 9);
        settings.verifier = address(simulated);
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
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

    function refusedPenalties(uint256 silence, uint256 wrong, uint256 minimum) private {
        Settings memory settings = settingsWith(T1, T2);
        settings.silencePenalty = uint128(silence);
        settings.wrongProofPenalty = uint128(wrong);
        settings.minimumDeposit = uint128(minimum);
        refusedLaunch(
            launchConfig(settings), abi.encodeWithSelector(Errors.PenaltiesOutOfOrder.selector, silence, wrong, minimum)
        );
    }

    function refusedLaunch(LaunchConfig memory config, bytes memory expected) private {
        checkReverts(address(this), address(factory), abi.encodeCall(IZkPowFactory.launchRollup, (config)), expected);
    }
}
