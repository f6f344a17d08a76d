// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IHonkVerifier} from "../src/interfaces/IHonkVerifier.sol";
import {IZkPowFactory, LaunchConfig, RollupTypeRule} from "../src/interfaces/IZkPowFactory.sol";
import {IZkPowPool} from "../src/interfaces/IZkPowPool.sol";
import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {DataRule, RollupConfig, Settings} from "../src/interfaces/RollupTypes.sol";
import {LocalChain} from "../src/libraries/LocalChain.sol";
import {SimulatedVerifier} from "../src/verifiers/SimulatedVerifier.sol";
import {TransfersVerifier} from "../src/verifiers/TransfersVerifier.sol";
import {RollupViews} from "../src/rollup/RollupViews.sol";
import {ZkPowFactory} from "../src/ZkPowFactory.sol";
import {ZkPowPool} from "../src/ZkPowPool.sol";
import {ZkPowRollup} from "../src/ZkPowRollup.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Registering types and launching rollups.
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
        check(ZkPowRollup(factory.rollupImplementation()).views().code.length <= 24_576, "readings");
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
        (IZkPowPool tokenPool, ZkPowRollup implementation) = deployParts(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IZkPowFactory.OwnerMissing.selector));
        new ZkPowFactory(address(0), tokenPool, implementation);
        vm.expectRevert(abi.encodeWithSelector(IZkPowFactory.NotAContract.selector, ALICE));
        new ZkPowFactory(address(this), tokenPool, implementation);
    }

    function test_a_factory_takes_only_parts_that_were_made_for_it() public {
        ZkPowRollup itsCode = ZkPowRollup(factory.rollupImplementation());
        refusedParts(pool, itsCode, address(pool));

        (IZkPowPool pool_,) = deployParts(address(0));
        refusedParts(pool_, itsCode, address(itsCode));

        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        pool_ = new ZkPowPool(address(0), WITHDRAWAL_DELAY, next);
        RollupViews views = new RollupViews(pool, next);
        refusedParts(pool_, new ZkPowRollup(pool_, next, views), address(views));
    }

    /// @notice A rollup whose code was made for another factory can never be initialised by this one.
    function test_code_for_another_factory_launches_nothing() public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        IZkPowPool pool_ = new ZkPowPool(address(0), WITHDRAWAL_DELAY, next);
        RollupViews views = new RollupViews(pool_, next);
        factory = new ZkPowFactory(address(this), pool_, new ZkPowRollup(pool_, ALICE, views));
        factory.registerRollupType("transfers", RollupTypeRule(address(simulated), transfersRule()));
        refusedLaunch(
            launchConfig(settingsWith(T1, T2)),
            abi.encodeWithSelector(Errors.NotAllowed.selector, address(factory), ALICE)
        );
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

    function refusedPenalties(uint256 silence, uint256 wrong, uint256 minimum) private {
        Settings memory settings = settingsWith(T1, T2);
        settings.silencePenalty = uint128(silence);
        settings.wrongProofPenalty = uint128(wrong);
        settings.minimumDeposit = uint128(minimum);
        refusedLaunch(
            launchConfig(settings), abi.encodeWithSelector(Errors.PenaltiesOutOfOrder.selector, silence, wrong, minimum)
        );
    }

    function refusedParts(IZkPowPool pool_, ZkPowRollup implementation, address part) private {
        vm.expectRevert(abi.encodeWithSelector(IZkPowFactory.MadeForAnother.selector, part));
        new ZkPowFactory(address(this), pool_, implementation);
    }

    function refusedLaunch(LaunchConfig memory config, bytes memory expected) private {
        checkReverts(address(this), address(factory), abi.encodeCall(IZkPowFactory.launchRollup, (config)), expected);
    }
}
