// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowFactory, LaunchConfig} from "../src/interfaces/IZkPowFactory.sol";
import {IZkPowPool} from "../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup, IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {RollupConfig, Settings, Terms} from "../src/interfaces/RollupTypes.sol";
import {RollupViews} from "../src/rollup/RollupViews.sol";
import {ZkPowFactory} from "../src/ZkPowFactory.sol";
import {ZkPowPool} from "../src/ZkPowPool.sol";
import {ZkPowRollup} from "../src/ZkPowRollup.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Making factories and launching rollups.
contract LaunchTest is RollupFixture {
    uint32 private constant LONGEST = 14 days;

    // --- launching ---

    function test_a_launched_rollup_has_what_it_was_given() public view {
        checkEqual(keccak256(bytes(rollup.rollupType())), keccak256("transfers"), "type");
        checkEqual(rollup.admin(), ADMIN, "admin");
        checkEqual(rollup.sequencer(), SEQUENCER, "sequencer");
        checkEqual(rollup.typeRule(), address(simulated), "the type's rule");
        checkEqual(rollup.batchNumToStateRoot(0), GENESIS_ROOT, "first state");
        checkEqual(rollup.launchBlock(), 1000, "launch block");
        checkEqual(rollup.adminDelayBlocks(), ADMIN_DELAY, "the admin's delay");
        checkEqual(address(rollup.pool()), address(pool), "pool");
        check(pool.isRollup(address(rollup)), "registered with the pool");
        Terms memory terms = rollup.termsOf(rollup.termsVersion());
        checkEqual(terms.minimumProofLength, 64, "the rule's shortest proof");
        checkEqual(terms.maximumProofLength, 64, "and longest");
        checkEqual(terms.verificationGas, 50_000, "its gas");
        checkEqual(terms.minimumReserve, MINIMUM, "the least reserve");
        checkEqual(terms.lateShare, LATE_SHARE, "the share of a late proof");
    }

    function test_a_launch_tells_name_salt_and_where_to_read_more() public {
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        address expected = factory.rollupAddress(address(this), config.salt);
        vm.expectEmit(address(factory));
        emit IZkPowFactory.RollupLaunched(
            expected, keccak256("transfers"), ADMIN, "transfers", config.salt, "Pay", "ipfs://pay"
        );
        factory.launchRollup(config);
    }

    function test_times_in_seconds_become_blocks_of_the_given_time_rounded_up() public {
        checkBlocks(450, 23, 45, 445); // 10 s, 20 s, 200 s
        checkBlocks(12_000, 1, 2, 17);
        checkBlocks(50, 200, 400, 4000);
        checkBlocks(60_000, 1, 1, 4);
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

    // --- a factory and its parts ---

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
        pool_ = new ZkPowPool(address(0), next);
        RollupViews views = new RollupViews(pool, next);
        refusedParts(pool_, new ZkPowRollup(pool_, next, views), address(views));
    }

    /// @notice A rollup whose code was made for another factory can never be initialised by this one.
    function test_code_for_another_factory_launches_nothing() public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        IZkPowPool pool_ = new ZkPowPool(address(0), next);
        RollupViews views = new RollupViews(pool_, next);
        factory = new ZkPowFactory(address(this), pool_, new ZkPowRollup(pool_, ALICE, views));
        factory.registerRollupType("transfers", address(simulated), sampleOf(simulated));
        refusedLaunch(
            launchConfig(settingsWith(T1, T2)),
            abi.encodeWithSelector(Errors.NotAllowed.selector, address(factory), ALICE)
        );
    }

    // --- bad input ---

    function test_launch_refusals_name_what_is_wrong() public {
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        config.rollupType = "unknown";
        refusedLaunch(config, abi.encodeWithSelector(IZkPowFactory.UnknownRollupType.selector, "unknown"));
        config = launchConfig(settingsWith(T1, T2));
        config.settings.rule = ALICE;
        refusedLaunch(config, abi.encodeWithSelector(IZkPowFactory.RuleComesFromTheType.selector, ALICE));
        config = launchConfig(settingsWith(T1, T2));
        config.admin = address(0);
        refusedLaunch(config, abi.encodeWithSelector(Errors.ZeroAddress.selector));
        config = launchConfig(settingsWith(T1, T2));
        config.sequencer = address(0);
        refusedLaunch(config, abi.encodeWithSelector(Errors.ZeroAddress.selector));
        Settings memory settings = settingsWith(T1, T2);
        settings.minimumReserve = 9;
        refusedLaunch(launchConfig(settings), abi.encodeWithSelector(Errors.SilenceWouldBeFree.selector, 9, 200));
    }

    function test_windows_out_of_range_are_refused_and_those_at_the_limits_taken() public {
        refusedWindows(0, 1, 1);
        refusedWindows(1, 0, 1);
        refusedWindows(1, LONGEST + 1, 1);
        refusedWindows(1 days + 1, 1, 1 days + 1);
        refusedWindows(5, 1, 4);
        refusedWindows(5, 1, 1 days + 1);
        launch(windows(1, 1, 1));
        launch(windows(1 days, LONGEST, 1 days));
    }

    function test_shares_out_of_range_are_refused_and_those_at_the_limits_taken() public {
        refusedShares(99, 200, 0);
        refusedShares(200, 200, 0);
        refusedShares(300, 200, 0);
        refusedShares(200, 10_001, 0);
        refusedShares(200, 300, 5001);
        launch(shares(100, 101, 5000));
        launch(shares(9999, 10_000, 0));
    }

    function test_block_times_out_of_range_are_refused() public {
        refusedBlockTime(0);
        refusedBlockTime(49);
        refusedBlockTime(60_001);
    }

    function test_delays_out_of_range_are_refused_and_those_at_the_limits_taken() public {
        refusedDelay(0);
        refusedDelay(730 days + 1);
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        config.adminDelaySeconds = 730 days;
        config.settings.blockTimeMs = 50;
        IZkPowRollup launched = IZkPowRollup(factory.launchRollup(config));
        checkEqual(launched.adminDelayBlocks(), 730 days * 20, "two years of the shortest blocks");
    }

    // --- help ---

    function checkBlocks(uint32 blockTimeMs, uint256 t1, uint256 t2, uint256 tMin) private {
        Settings memory settings = windows(10, 20, 200);
        settings.blockTimeMs = blockTimeMs;
        IZkPowRollup launched = launch(settings);
        Terms memory terms = launched.termsOf(1);
        checkEqual(terms.t1, t1, "T1");
        checkEqual(terms.t2, t2, "T2");
        checkEqual(terms.tMin, tMin, "Tmin");
        checkEqual(terms.blockTimeMs, blockTimeMs, "block time");
    }

    function windows(uint32 t1, uint32 t2, uint32 tMin) private pure returns (Settings memory settings) {
        settings = settingsWith(t1, t2);
        settings.tMinSeconds = tMin;
    }

    function shares(uint16 silence, uint16 wrong, uint16 late) private pure returns (Settings memory settings) {
        settings = settingsWith(T1, T2);
        (settings.silenceShare, settings.wrongProofShare, settings.lateShare) = (silence, wrong, late);
    }

    function refusedWindows(uint32 t1, uint32 t2, uint32 tMin) private {
        refusedLaunch(
            launchConfig(windows(t1, t2, tMin)),
            abi.encodeWithSelector(Errors.WindowOutOfRange.selector, t1, t2, tMin, LONGEST, 1 days)
        );
    }

    function refusedShares(uint16 silence, uint16 wrong, uint16 late) private {
        refusedLaunch(
            launchConfig(shares(silence, wrong, late)),
            abi.encodeWithSelector(Errors.SharesOutOfRange.selector, silence, wrong, late)
        );
    }

    function refusedBlockTime(uint32 blockTimeMs) private {
        Settings memory settings = settingsWith(T1, T2);
        settings.blockTimeMs = blockTimeMs;
        refusedLaunch(
            launchConfig(settings), abi.encodeWithSelector(Errors.BlockTimeOutOfRange.selector, blockTimeMs, 50, 60_000)
        );
    }

    function refusedDelay(uint32 delay) private {
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        config.adminDelaySeconds = delay;
        refusedLaunch(config, abi.encodeWithSelector(Errors.DelayOutOfRange.selector, delay, 730 days));
    }

    function refusedParts(IZkPowPool pool_, ZkPowRollup implementation, address part) private {
        vm.expectRevert(abi.encodeWithSelector(IZkPowFactory.MadeForAnother.selector, part));
        new ZkPowFactory(address(this), pool_, implementation);
    }

    function refusedLaunch(LaunchConfig memory config, bytes memory expected) private {
        checkReverts(address(this), address(factory), abi.encodeCall(IZkPowFactory.launchRollup, (config)), expected);
    }
}
