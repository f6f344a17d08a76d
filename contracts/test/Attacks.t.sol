// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowFactory, LaunchConfig} from "../src/interfaces/IZkPowFactory.sol";
import {IZkPowRollupErrors as Errors} from "../src/interfaces/IZkPowRollupErrors.sol";
import {SequenceView, Settings} from "../src/interfaces/RollupTypes.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice Ways round the rules about time, terms and addresses that once worked, and that they fail now.
contract AttacksTest is RollupFixture {
    uint64 private constant T_MIN = 20;
    address private constant SYBIL = address(0x51B1);
    address private constant PARTNER = address(0xFA57);
    address private constant RIVAL = address(0x21FA1);

    function setUp() public override {
        super.setUp();
        rollup = launch(attackedSettings());
        fund(100 ether);
        address[5] memory miners = [ALICE, BOB, SYBIL, PARTNER, RIVAL];
        for (uint256 i = 0; i < miners.length; i++) {
            deposit(miners[i], 200 ether);
        }
    }

    function attackedSettings() private pure returns (Settings memory settings) {
        settings = settingsWith(T1, T2);
        settings.tMinSeconds = uint32(T_MIN);
    }

    // --- opening early ---

    /// @dev A Sybil opens a held round before anybody can have a proof, its fast partner joins just before the predecessor
    /// is verified, the Sybil takes its junk back.
    function test_an_early_opener_shuts_out_nobody_before_tmin() public {
        uint64 first = post(1);
        vm.roll(1000 + T_MIN - T1);
        commit(ALICE, first);
        vm.roll(1000 + T_MIN - 2);
        uint64 second = post(1);
        commitTo(SYBIL, second, new bytes(64));
        vm.roll(1000 + T_MIN);
        commit(PARTNER, second);
        reveal(ALICE, first); // P, in the partner's block
        checkEqual(viewOf(RIVAL, second).revealStart, 1000 + T_MIN - 2 + T_MIN, "R is posted + Tmin, not P + 1");
        vm.roll(1000 + 2 * T_MIN - 3);
        commit(RIVAL, second); // in the last block before posted + Tmin
        vm.roll(1000 + 2 * T_MIN - 2);
        check(reveal(PARTNER, second), "the partner");
        check(reveal(RIVAL, second), "and the rival");
        vm.roll(1000 + 2 * T_MIN - 2 + T2);
        checkEqual(bookedShare(PARTNER, second, 1000 + T_MIN - 2), 1.5 ether, "half");
        checkEqual(bookedShare(RIVAL, second, 1000 + T_MIN - 2), 1.5 ether, "half");
    }

    /// @dev What Tmin gives is Tmin. Later the hash window of a round that waits ends with the predecessor, so that
    /// pipelined sequences verify one a block.
    function test_after_tmin_a_held_round_takes_hashes_until_its_predecessor_is_verified() public {
        uint64 first = post(1);
        uint64 second = post(1);
        commitTo(SYBIL, second, new bytes(64));
        vm.roll(1000 + 2 * T_MIN);
        commit(ALICE, first);
        vm.roll(1000 + 2 * T_MIN + T1);
        commit(PARTNER, second);
        reveal(ALICE, first); // P
        commit(RIVAL, second); // behind it, in the same block
        vm.roll(1000 + 2 * T_MIN + T1 + 1);
        bytes memory closed = abi.encodeWithSelector(Errors.HashWindowClosed.selector, block.number, block.number);
        checkRollupReverts(BOB, commitCall(BOB, second), closed);
        check(reveal(PARTNER, second), "P + 1");
    }

    function test_taking_junk_back_does_not_end_a_round_that_others_have_joined() public {
        uint64 first = post(1);
        uint64 second = post(1);
        commitTo(SYBIL, second, new bytes(64));
        commit(ALICE, first);
        vm.roll(1000 + T1);
        commit(PARTNER, second);
        vm.prank(SYBIL);
        rollup.takeBackProofHash(second);
        vm.roll(1000 + T_MIN - 1);
        commit(RIVAL, second);
        checkEqual(viewOf(RIVAL, second).committers, 2, "both in the round of the Sybil");
        checkEqual(viewOf(RIVAL, second).totalWeight, 2 * MINIMUM, "whose weight is gone");
    }

    /// @dev A sequencer that posts and commits in one transaction.
    function test_posting_and_committing_in_one_block_gives_no_edge() public {
        uint64 last = post(1);
        commit(PARTNER, last);
        checkEqual(viewOf(RIVAL, last).revealStart, 1000 + T_MIN, "not S + T1");
        vm.roll(1000 + T_MIN - 1);
        commit(RIVAL, last);
        vm.roll(1000 + T_MIN);
        check(reveal(RIVAL, last), "in time");
    }

    function test_pipelined_sequences_are_still_verified_one_a_block() public {
        uint64[5] memory posted;
        for (uint256 i = 0; i < 5; i++) {
            posted[i] = post(1);
            commit(ALICE, posted[i]);
            if (i == 2) deposit(ALICE, 200 ether);
        }
        for (uint64 i = 0; i < 5; i++) {
            vm.roll(1000 + T_MIN + i);
            check(reveal(ALICE, posted[i]), "each in the block after the one before");
        }
    }

    /// @dev In an announced world: a miner that opens as soon as it may leaves others T1 at least.
    function test_a_round_opened_late_leaves_others_t1() public {
        uint64 last = post(1);
        vm.roll(1000 + 3 * T_MIN);
        commit(PARTNER, last);
        vm.roll(1000 + 3 * T_MIN + T1 - 1);
        commit(RIVAL, last);
    }

    // --- another world ---

    function test_a_commitment_behind_new_settings_reverts() public {
        uint64 last = post(1);
        Settings memory hostile = attackedSettings();
        hostile.rule = address(simulated);
        (hostile.t2Seconds, hostile.silenceShare, hostile.wrongProofShare) = (1, 9999, 10_000);
        vm.prank(ADMIN);
        rollup.proposeSettings(hostile);
        vm.roll(1000 + ADMIN_DELAY);
        bytes memory call = boundCall(ALICE, last, 100 ether);
        vm.prank(ADMIN);
        rollup.applySettings(); // lands right before it
        checkRollupReverts(ALICE, call, abi.encodeWithSelector(Errors.OtherTerms.selector, 1, 2));
        checkEqual(reservedOf(ALICE), 0, "nothing at risk");
    }

    function test_a_commitment_to_a_round_of_older_terms_names_those() public {
        uint64 last = post(1);
        Settings memory settings = attackedSettings();
        settings.rule = address(simulated);
        vm.prank(ADMIN);
        rollup.proposeSettings(settings);
        vm.roll(1000 + ADMIN_DELAY);
        commit(BOB, last);
        vm.prank(ADMIN);
        rollup.applySettings();
        bytes32 accInputHash = viewOf(ALICE, last).accInputHash;
        checkRollupReverts(
            ALICE,
            boundCallTo(ALICE, last, accInputHash, 2, MINIMUM),
            abi.encodeWithSelector(Errors.OtherTerms.selector, 2, 1)
        );
        checkEqual(viewOf(ALICE, last).termsVersion, 1, "those of the round");
        commitWith(ALICE, last, MINIMUM);
    }

    function test_a_commitment_on_another_posting_of_the_same_numbers_reverts() public {
        uint64 last = post(1);
        vm.prank(ADMIN);
        rollup.scheduleRollback(1);
        vm.roll(1000 + ADMIN_DELAY);
        bytes32 before = viewOf(ALICE, last).accInputHash;
        bytes memory call = boundCall(ALICE, last, MINIMUM);
        vm.prank(ADMIN);
        rollup.executeRollback(1);
        checkRollupReverts(ALICE, call, abi.encodeWithSelector(Errors.NoSuchSequence.selector, last));
        vm.roll(block.number + 1);
        checkEqual(post(1, abi.encodePacked(uint256(1), new bytes(128))), last, "the same numbers");
        bytes32 now_ = viewOf(ALICE, last).accInputHash;
        checkRollupReverts(ALICE, call, abi.encodeWithSelector(Errors.AnotherPosting.selector, last, before, now_));
    }

    // --- the admin ---

    /// @dev An admin's miner commits, and the admin pauses in the same block.
    function test_a_pausing_admin_shares_with_everybody() public {
        uint64 last = post(1);
        commit(PARTNER, last);
        vm.prank(ADMIN);
        rollup.pause();
        vm.roll(1001);
        commit(RIVAL, last);
        commitWith(BOB, last, MINIMUM);
        vm.roll(1000 + T_MIN);
        check(reveal(PARTNER, last), "the admin's miner");
        check(reveal(RIVAL, last) && reveal(BOB, last), "and the others");
        vm.roll(1000 + T_MIN + T2);
        checkEqual(bookedShare(PARTNER, last, 1000), 1 ether, "a third");
        checkEqual(bookedShare(RIVAL, last, 1000), 1 ether, "a third");
    }

    /// @dev An admin pauses until Tmin is over, resumes in its miner's block, and pauses again.
    function test_time_that_passes_in_a_pause_is_nobodys() public {
        uint64 last = post(1);
        vm.prank(ADMIN);
        rollup.pause();
        uint64 resumed = 1000 + 3 * T_MIN;
        vm.roll(resumed);
        vm.prank(ADMIN);
        rollup.resume();
        checkEqual(viewOf(RIVAL, last).tMinStart, resumed, "for a round that opens now");
        commit(PARTNER, last);
        vm.prank(ADMIN);
        rollup.pause();
        checkEqual(viewOf(RIVAL, last).revealStart, resumed + T_MIN, "not S + T1");
        checkEqual(viewOf(RIVAL, last).postedBlock, 1000, "posted long before");
        vm.roll(resumed + T_MIN - 1);
        commit(RIVAL, last);
        vm.roll(resumed + T_MIN);
        check(reveal(RIVAL, last), "in time");
    }

    function test_a_pause_before_the_posting_changes_nothing() public {
        vm.prank(ADMIN);
        rollup.pause();
        vm.roll(1010);
        vm.prank(ADMIN);
        rollup.resume();
        vm.roll(1000 + 3 * T_MIN);
        uint64 last = post(1);
        commit(PARTNER, last);
        checkEqual(viewOf(RIVAL, last).revealStart, 1000 + 4 * T_MIN, "Tmin after the posting");
    }

    function test_a_pause_moves_no_window_of_an_open_round() public {
        uint64 last = post(1);
        vm.roll(1005);
        commit(PARTNER, last);
        vm.prank(ADMIN);
        rollup.pause();
        vm.roll(1010);
        vm.prank(ADMIN);
        rollup.resume();
        checkEqual(viewOf(RIVAL, last).revealStart, 1000 + T_MIN, "as before");
        checkEqual(viewOf(RIVAL, last).tMinStart, 1000, "for this round");
        vm.roll(1000 + T_MIN + T2); // it fails
        checkEqual(viewOf(RIVAL, last).tMinStart, 1010, "for the next one");
        vm.roll(1010 + T_MIN);
        commit(RIVAL, last);
        checkEqual(viewOf(RIVAL, last).revealStart, 1010 + T_MIN + T1, "S + T1, long after the pause");
    }

    function test_a_hostile_admins_penalties_end_at_its_own_reserve() public {
        uint64 last = post(1);
        commitWith(ALICE, last, 120 ether);
        Settings memory hostile = settingsWith(1, 1);
        (hostile.silenceShare, hostile.wrongProofShare) = (9999, 10_000);
        hostile.minimumReserve = 2;
        address honest = address(rollup);
        rollup = launch(hostile);
        uint64 trap = post(1);
        commitTo(ALICE, trap, new bytes(64)); // two wei
        vm.roll(1001);
        check(!revealThis(ALICE, trap, new bytes(64)), "wrong");
        checkEqual(stakeOf(ALICE), 200 ether - 2, "its reserve at most");
        checkEqual(pool.rollupStakeOf(honest, ALICE).reserved, 120 ether, "the other's is untouched");
        checkEqual(reservedOf(ALICE), 120 ether, "and nothing else is reserved");
    }

    // --- addresses ---

    function test_a_launch_address_depends_on_caller_and_salt_only() public {
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        address expected = factory.rollupAddress(ALICE, config.salt);
        check(factory.rollupAddress(BOB, config.salt) != expected, "another caller's is another");
        uint256 snapshot = vm.snapshotState();
        checkEqual(launchAs(ALICE, config), expected, "as said before");
        vm.revertToState(snapshot); // as a reorganised chain
        launchAs(BOB, config);
        launchAs(ALICE, launchConfig(settingsWith(9, 9)));
        (config.name, config.admin, config.settings) = ("Other", BOB, settingsWith(7, 8));
        checkEqual(launchAs(ALICE, config), expected, "whatever came in between, and whatever it is");
    }

    function test_a_salt_is_used_once() public {
        LaunchConfig memory config = launchConfig(settingsWith(T1, T2));
        address launched = launchAs(ALICE, config);
        checkReverts(
            ALICE,
            address(factory),
            abi.encodeCall(IZkPowFactory.launchRollup, (config)),
            abi.encodeWithSelector(IZkPowFactory.SaltUsed.selector, ALICE, config.salt, launched)
        );
        check(launchAs(BOB, config) != launched, "by each caller");
    }

    // --- help ---

    function launchAs(address caller, LaunchConfig memory config) private returns (address) {
        vm.prank(caller);
        return factory.launchRollup(config);
    }

    function bookedShare(address miner, uint64 finalBatch, uint64 round) private returns (uint256) {
        uint256 before = owed(miner);
        rollup.settle(miner, finalBatch, round);
        return owed(miner) - before;
    }
}
