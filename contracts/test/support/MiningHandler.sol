// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool, RollupStake} from "../../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "../../src/interfaces/IZkPowRollup.sol";
import {CommitmentState, SequenceView} from "../../src/interfaces/RollupTypes.sol";
import {SimulatedRule} from "../../src/rules/SimulatedRule.sol";
import {MiningScene} from "./MiningScene.sol";
import {MiningSurroundings} from "./MiningSurroundings.sol";

/// @notice Miners, and all around them, who do anything at any time, and a note of what came of it.
contract MiningHandler is MiningSurroundings {
    /// How often each thing happened.
    uint256 public accepted;
    uint256 public acceptedLate;
    uint256 public paidLate;
    uint256 public wrong;
    uint256 public refusedAfterAcceptance;
    uint256 public takenBack;
    uint256 public cappedCommitments;
    uint64[2] public lastAccepted;

    constructor(
        IZkPowPool pool_,
        SimulatedRule simulated_,
        IZkPowRollup[2] memory rollups_,
        address admin_,
        address sequencer_
    ) MiningScene(pool_, simulated_, rollups_, admin_, sequencer_) {}

    /// @notice Something to begin with.
    function start() external {
        if (calls > 0) return;
        for (uint8 m = 0; m < MINERS; m++) {
            this.deposit(m, 60 ether);
            this.deposit(m, 60 ether);
        }
        for (uint8 r = 0; r < 2; r++) {
            this.fund(r, 5 ether);
            this.post(r, 1);
            this.post(r, 2);
        }
    }

    // --- time ---

    function mine(uint8 blocks) external counted {
        vm.roll(block.number + bound(blocks, 1, 4));
    }

    /// @dev So that the next call lands in S + T1, R or E, or in the block before one of them.
    function mineToEdge(uint8 r, uint8 which, uint8 edge) external counted {
        (IZkPowRollup rollup, uint64 last) = pick(r, which);
        if (last == 0) return;
        SequenceView memory v = viewOf(rollup, miner(0), last);
        uint256 target = edge % 3 == 0 ? v.roundStart + v.terms.t1 : edge % 3 == 1 ? v.revealStart : v.revealEnd;
        target -= target > 2 ? 1 + edge / 3 % 2 : 0;
        if (target > block.number && target < block.number + 40) vm.roll(target);
    }

    // --- miners ---

    function compete(uint8 r, uint8 m, uint8 honesty, uint96 reserve) external {
        commit(r, m, 0, honesty, reserve);
        commit(r, (m % 4) + 1, 0, honesty / 4, reserve / 4);
    }

    /// @dev Of the next sequence, or late of the one before.
    function revealInOrder(uint8 r, uint8 m) external {
        reveal(r, m, m % 8 < 4 ? 64 : 66);
    }

    function commit(uint8 r, uint8 m, uint8 which, uint8 honesty, uint96 random) public counted {
        (IZkPowRollup rollup, uint64 last) = pick(r, which);
        if (last == 0) return;
        SequenceView memory v = viewAndCompare(rollup, miner(m), last);
        bytes memory proof = honesty % 4 != 0 ? rightProof(rollup, miner(m), last) : new bytes(64);
        bytes32 proofHash = keccak256(abi.encodePacked(keccak256(proof), miner(m)));
        proofs[proofHash] = proof;
        tryCommit(rollup, miner(m), last, v, proofHash, reserveFor(v, random));
    }

    function tryCommit(
        IZkPowRollup rollup,
        address who,
        uint64 last,
        SequenceView memory v,
        bytes32 proofHash,
        uint256 reserve
    ) private {
        vm.roll(block.number + 1);
        bool joins = v.roundStart != 0 && block.number < v.revealStart && v.ownState == CommitmentState.None;
        bool expected = v.acceptedRound == 0 && (joins || (v.roundStart == 0 && !v.paused))
            && reserve >= v.terms.minimumReserve && reserve <= v.freeStake;
        vm.prank(who);
        try rollup.submitProofHash(v.previousLastBatch, last, proofHash, v.accInputHash, v.termsVersion, reserve) {
            agree(expected, true, "commit");
            RollupStake memory held = pool.rollupStakeOf(address(rollup), who);
            if (held.cap != 0 && held.reserved > held.cap) note("a commitment broke the cap");
            if (held.cap != 0) cappedCommitments++;
        } catch {
            agree(expected, false, "commit");
            forgetLogs();
        }
    }

    /// @dev Mostly one that fits; now and then all that is free, or a wei more, or one less than the minimum.
    function reserveFor(SequenceView memory v, uint96 random) private pure returns (uint256) {
        uint256 kind = random % 8;
        if (kind == 0) return v.freeStake;
        if (kind == 1) return v.freeStake + 1;
        if (kind == 2) return v.terms.minimumReserve - 1;
        if (kind < 5 || v.freeStake <= v.terms.minimumReserve) return v.terms.minimumReserve;
        return v.terms.minimumReserve + uint256(random) % (v.freeStake - v.terms.minimumReserve);
    }

    function takeBack(uint8 r, uint8 m, uint8 which) external counted {
        (IZkPowRollup rollup, uint64 last) = pick(r, which < 64 ? which : 1);
        if (last == 0) return;
        if (which >= 64) m = oneThatWaits(rollup, m, last);
        SequenceView memory v = viewOf(rollup, miner(m), last);
        uint64 next = uint64(block.number) + 1;
        bool expected = v.ownState == CommitmentState.Open && v.revealStart == type(uint64).max
            && next >= v.roundStart + v.terms.t1;
        vm.roll(next);
        vm.prank(miner(m));
        try rollup.takeBackProofHash(last) {
            agree(expected, true, "take back");
            takenBack++;
        } catch {
            agree(expected, false, "take back");
        }
    }

    function reveal(uint8 r, uint8 m, uint8 which) public counted {
        (IZkPowRollup rollup, uint64 last) = pick(r, which);
        if (last == 0) return;
        if (which >= 64) m = oneThatWaits(rollup, m, last);
        SequenceView memory v = viewAndCompare(rollup, miner(m), last);
        bytes memory proof = proofs[v.ownProofHash];
        if (proof.length == 0) proof = new bytes(64);
        bool right = isRight(rollup, miner(m), last, proof);
        vm.roll(block.number + 1);
        bool first = v.ownState == CommitmentState.Open && block.number >= v.revealStart && block.number < v.revealEnd;
        bool second = v.ownState == CommitmentState.Late;
        if (second && !right) refusedAfterAcceptance++;
        bool expected = first || (second && right);
        uint256 reward = second && right && block.number >= v.revealEnd ? v.ownReward : 0;
        if (tryReveal(r % 2, miner(m), last, v, proof, right, reward)) {
            agree(expected, true, "reveal");
            if (second && block.number >= v.revealEnd) acceptedLate++;
        } else {
            agree(expected, false, "reveal");
            if (right && expected) note("a right proof was refused");
        }
    }

    /// @return a miner whose proof is waited for, the one asked about if there is none
    function oneThatWaits(IZkPowRollup rollup, uint8 m, uint64 last) private view returns (uint8) {
        for (uint8 i = 0; i < MINERS; i++) {
            CommitmentState state = viewOf(rollup, miner(m % MINERS + i), last).ownState;
            if (state == CommitmentState.Open || state == CommitmentState.Late) return uint8(m % MINERS + i);
        }
        return m;
    }

    /// @param reward what it must be owed by this very call
    function tryReveal(
        uint256 r,
        address who,
        uint64 last,
        SequenceView memory v,
        bytes memory proof,
        bool right,
        uint256 reward
    ) private returns (bool success) {
        uint256 owedBefore = pool.owed(address(rollups[r]), who);
        vm.prank(who);
        try rollups[r].verifyBatches(v.previousLastBatch, last, 0, rootAfter(last), proof) returns (bool accepted_) {
            if (right && !accepted_) note("a right proof was punished");
            if (accepted_) noteAcceptance(r, who, last, v.lastVerifiedBatch);
            else wrong++;
            agree(pool.owed(address(rollups[r]), who) - owedBefore == reward, true, "late reward");
            if (reward > 0) paidLate++;
            return true;
        } catch {
            forgetLogs();
        }
    }

    // --- anybody ---

    function settle(uint8 r, uint8 m, uint8 limit) external counted {
        IZkPowRollup rollup = rollups[r % 2];
        address who = miner(m);
        uint256 most = limit % 5;
        (uint256 reserve, uint256 reward, uint256 count) = rollup.settleable(who);
        uint256 freeBefore = pool.stakeOf(who).amount - pool.stakeOf(who).reserved;
        uint256 owedBefore = pool.owed(address(rollup), who);
        uint256 settled = rollup.settleMany(who, most);
        agree(settled == (count < most ? count : most), true, "settle");
        if (settled < count) return;
        agree(pool.stakeOf(who).amount - pool.stakeOf(who).reserved - freeBefore == reserve, true, "reserve freed");
        agree(pool.owed(address(rollup), who) - owedBefore == reward, true, "reward booked");
    }

    // --- notes ---

    function viewAndCompare(IZkPowRollup rollup, address who, uint64 last) private returns (SequenceView memory v) {
        v = viewOf(rollup, who, last);
        if (v.roundStart == 0) return v;
        compareWeights(address(rollup), last, v.roundStart, v.committers, v.totalWeight, v.acceptedWeight);
    }

    function noteAcceptance(uint256 r, address who, uint64 last, uint64 before) private {
        recordAcceptance(address(rollups[r]), last, who);
        accepted++;
        uint64 verified = rollups[r].lastVerifiedBatch();
        if (verified < before) note("the state went back");
        if (verified > before) lastAccepted[r] = last;
    }
}
