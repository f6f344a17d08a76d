// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowRollupActions} from "../src/interfaces/IZkPowRollup.sol";
import {SequenceView, Settings} from "../src/interfaces/RollupTypes.sol";
import {RoundWindows} from "../src/libraries/RoundWindows.sol";
import {RollupFixture} from "./support/RollupFixture.sol";

/// @notice The table of edges that decide() is held to as well, on the library and on a real rollup.
contract RoundWindowsTest is RollupFixture {
    using RoundWindows for RoundWindows.Windows;

    struct Case {
        uint64 start;
        uint64 t1;
        uint64 t2;
        uint64 tMin;
        uint64 posted;
        uint64 predecessor;
        uint64 blockNumber;
        bool mayCommit;
        bool mayReveal;
        bool failed;
        bool mayTakeBack;
    }

    Case[] private cases;

    function setUp() public override {
        super.setUp();
        string memory json = vm.readFile("test/vectors/round-windows.json");
        for (uint256 i = 0; vm.keyExistsJson(json, key(i, "block")); i++) {
            int256 predecessor = vm.parseJsonInt(json, key(i, "predecessorVerifiedBlock"));
            cases.push(
                Case({
                    start: number(json, i, "roundStart"),
                    t1: number(json, i, "t1"),
                    t2: number(json, i, "t2"),
                    tMin: number(json, i, "tMin"),
                    posted: number(json, i, "postedBlock"),
                    predecessor: predecessor < 0 ? RoundWindows.NEVER : uint64(uint256(predecessor)),
                    blockNumber: number(json, i, "block"),
                    mayCommit: vm.parseJsonBool(json, key(i, "mayCommit")),
                    mayReveal: vm.parseJsonBool(json, key(i, "mayReveal")),
                    failed: vm.parseJsonBool(json, key(i, "failed")),
                    mayTakeBack: vm.parseJsonBool(json, key(i, "mayTakeBack"))
                })
            );
        }
    }

    function test_table_is_read() public view {
        check(cases.length >= 80, "at least 80 cases");
    }

    function test_library_agrees_with_the_table() public view {
        for (uint256 i = 0; i < cases.length; i++) {
            Case memory c = cases[i];
            RoundWindows.Windows memory w =
                RoundWindows.windows(c.start, RoundWindows.Lengths(c.t1, c.t2, c.tMin), c.posted, c.predecessor);
            check(w.takesHashes(c.blockNumber) == c.mayCommit, name(i, "commit"));
            check(w.takesProofs(c.blockNumber) == c.mayReveal, name(i, "reveal"));
            check(w.isOver(c.blockNumber) == c.failed, name(i, "failed"));
            check(w.takesBack(c.blockNumber) == c.mayTakeBack, name(i, "take back"));
        }
    }

    function test_contract_agrees_with_the_table() public {
        for (uint256 i = 0; i < cases.length; i++) {
            uint256 snapshot = vm.snapshotState();
            play(i, cases[i]);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Makes the round of the case on a fresh rollup, then tries each call in the case's block.
    function play(uint256 i, Case memory c) private {
        vm.roll(100);
        Settings memory settings = settingsWith(c.t1, c.t2);
        settings.tMinSeconds = uint32(c.tMin);
        rollup = launch(settings);
        deposit(ALICE, 200 ether);
        deposit(BOB, 200 ether);
        if (c.predecessor != 0) post(1);
        vm.roll(c.posted);
        uint64 last = post(1);
        // The predecessor's own round is opened so that P is one of its reveal blocks.
        bool verifies = c.predecessor != 0 && c.predecessor != RoundWindows.NEVER;
        uint64 firstCommit = verifies ? c.predecessor - c.t1 : 0;
        if (verifies && firstCommit <= c.start) predecessorCommit(firstCommit);
        if (verifies && c.predecessor <= c.start) predecessorReveal(c.predecessor);
        vm.roll(c.start);
        commit(ALICE, last);
        if (verifies && firstCommit > c.start) predecessorCommit(firstCommit);
        if (verifies && c.predecessor > c.start) predecessorReveal(c.predecessor);
        tryAll(i, c, last);
    }

    function predecessorCommit(uint64 blockNumber) private {
        vm.roll(blockNumber);
        commit(BOB, 1);
    }

    function predecessorReveal(uint64 blockNumber) private {
        vm.roll(blockNumber);
        check(reveal(BOB, 1), "predecessor verified");
    }

    function tryAll(uint256 i, Case memory c, uint64 last) private {
        viewAgrees(i, c, last);
        vm.roll(c.blockNumber);
        bytes memory commitCall = hashCall(BOB, last, keccak256("a hash"), MINIMUM);
        // Once the round has failed a commitment opens the next one.
        bool commits = succeeds(BOB, address(rollup), commitCall);
        check(commits == (c.mayCommit || c.failed), name(i, "contract: commit"));
        bytes memory revealCall = abi.encodeCall(
            IZkPowRollupActions.verifyBatches, (last - 1, last, 0, rootAfter(last), proofOf(ALICE, last))
        );
        check(succeeds(ALICE, address(rollup), revealCall) == c.mayReveal, name(i, "contract: reveal"));
        bytes memory takeBackCall = abi.encodeCall(IZkPowRollupActions.takeBackProofHash, (last));
        check(succeeds(ALICE, address(rollup), takeBackCall) == c.mayTakeBack, name(i, "contract: take back"));
        bytes memory settleCall = abi.encodeCall(IZkPowRollupActions.settle, (ALICE, last, c.start));
        check(succeeds(CAROL, address(rollup), settleCall) == c.failed, name(i, "contract: settle"));
    }

    /// @dev Read at the block before, the view says what holds in the case's block.
    function viewAgrees(uint256 i, Case memory c, uint64 last) private {
        if (c.blockNumber == c.start || c.predecessor == c.blockNumber) return;
        vm.roll(c.blockNumber - 1);
        SequenceView memory v = viewOf(ALICE, last);
        check((v.roundStart == 0) == c.failed, name(i, "view: live"));
        if (c.failed) return;
        check((c.blockNumber < v.revealStart) == c.mayCommit, name(i, "view: commit"));
        bool inRevealWindow = c.blockNumber >= v.revealStart && c.blockNumber < v.revealEnd;
        check(inRevealWindow == c.mayReveal, name(i, "view: reveal"));
    }

    function testFuzz_windows_follow_each_other(uint64 s, RoundWindows.Lengths memory l, uint64 a, uint64 p, uint64 b)
        public
        pure
    {
        s = uint64(bound(s, 1, 1e12));
        l = RoundWindows.Lengths(
            uint64(bound(l.t1, 1, 1e8)), uint64(bound(l.t2, 1, 1e8)), uint64(bound(l.tMin, 1, 1e8))
        );
        a = uint64(bound(a, 1, s));
        p = uint64(bound(p, 0, 1e12));
        b = uint64(bound(b, s, 2e12));
        RoundWindows.Windows memory w = RoundWindows.windows(s, l, a, p);
        uint256 phases = 0;
        if (w.takesHashes(b)) phases++;
        if (w.takesProofs(b)) phases++;
        if (w.isOver(b)) phases++;
        checkEqual(phases, 1, "a block is in exactly one of hash window, reveal window, after the round");
        check(w.revealStart > p && w.revealStart >= s + l.t1, "proofs come after the predecessor and after T1");
        check(w.revealStart >= a + l.tMin, "and after Tmin");
        bool soonest = w.revealStart == p + 1 || w.revealStart == s + l.t1 || w.revealStart == a + l.tMin;
        check(soonest, "and no later than that");
        checkEqual(w.revealEnd - w.revealStart, l.t2, "for T2 blocks");
    }

    function testFuzz_an_unverified_predecessor_keeps_the_hash_window_open(uint64 s, uint64 t1, uint64 tMin, uint64 b)
        public
        pure
    {
        s = uint64(bound(s, 1, 1e12));
        t1 = uint64(bound(t1, 1, 1e8));
        b = uint64(bound(b, s, 2e12));
        RoundWindows.Lengths memory lengths = RoundWindows.Lengths(t1, 5, uint64(bound(tMin, 1, 1e8)));
        RoundWindows.Windows memory w = RoundWindows.windows(s, lengths, 1, RoundWindows.NEVER);
        check(w.takesHashes(b) && !w.takesProofs(b) && !w.isOver(b), "hashes only");
        check(w.takesBack(b) == (b >= s + t1), "taken back from S + T1");
    }

    function number(string memory json, uint256 i, string memory field) private pure returns (uint64) {
        return uint64(vm.parseJsonUint(json, key(i, field)));
    }

    function key(uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".cases[", vm.toString(i), "].", field);
    }

    function name(uint256 i, string memory what) private pure returns (string memory) {
        return string.concat("case ", vm.toString(i), ": ", what);
    }
}
