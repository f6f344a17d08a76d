// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "../../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup, IZkPowRollupActions} from "../../src/interfaces/IZkPowRollup.sol";
import {Statement} from "../../src/interfaces/IStatementVerifier.sol";
import {BatchData, CommitmentKey, CommitmentState, SequenceView} from "../../src/interfaces/RollupTypes.sol";
import {SimulatedVerifier} from "../../src/verifiers/SimulatedVerifier.sol";
import {MiningRecord} from "./MiningRecord.sol";

/// @notice Sequencer, miners, admin and passers-by who do anything at any time, and a note of what came of it.
contract MiningHandler is MiningRecord {
    uint256 public constant MINERS = 4;

    IZkPowPool private immutable pool;
    SimulatedVerifier private immutable simulated;
    address private immutable admin;
    address private immutable sequencer;
    IZkPowRollup[2] public rollups;

    uint256 public calls;
    /// How often each thing happened.
    uint256 public accepted;
    uint256 public acceptedLate;
    uint256 public wrong;
    uint256 public silentOnWithdrawal;
    uint256 public takenBack;
    uint256 public rolledBack;
    uint256[2] public paidIn;
    uint256[2] public paidOut;
    uint256[MINERS][2] public claimed;
    uint64[2] public lastAccepted;
    bool public wentBackwards;
    bool public rightProofRefused;
    bool public rightProofPunished;
    uint256 public viewDisagreements;
    string public firstDisagreement;
    /// Last batches of the posted sequences, in order.
    uint64[][2] private sequences;
    mapping(bytes32 commitment => bytes) private proofs;

    constructor(
        IZkPowPool pool_,
        SimulatedVerifier simulated_,
        IZkPowRollup[2] memory rollups_,
        address admin_,
        address sequencer_
    ) {
        (pool, simulated, admin, sequencer) = (pool_, simulated_, admin_, sequencer_);
        rollups = rollups_;
    }

    /// @notice Something to begin with.
    function start() external {
        if (calls > 0) return;
        for (uint8 r = 0; r < 2; r++) {
            for (uint8 m = 0; m < MINERS; m++) {
                this.deposit(r, m, 60 ether);
            }
            this.fund(r, 5 ether);
            this.post(r, 1);
            this.post(r, 2);
        }
    }

    modifier counted() {
        calls++;
        vm.recordLogs();
        _;
        record(vm.getRecordedLogs());
    }

    function miner(uint256 index) public pure returns (address) {
        return address(uint160(0x1000 + index));
    }

    // --- time ---

    function mine(uint8 blocks) external counted {
        vm.roll(block.number + bound(blocks, 1, 4));
    }

    // --- sequencer and admin ---

    function post(uint8 r, uint8 batches) external counted {
        IZkPowRollup rollup = rollups[r % 2];
        if (sequences[r % 2].length >= 10) return;
        BatchData[] memory data = new BatchData[](bound(batches, 1, 3));
        for (uint256 i = 0; i < data.length; i++) {
            data[i] = BatchData(new bytes(160 * (batches % 2)), 0, uint64(block.timestamp), 0);
        }
        vm.prank(sequencer);
        try rollup.sequenceBatches(data, sequencer) {
            sequences[r % 2].push(rollup.lastBatchSequenced());
        } catch {} // paused, or a roll back is under way
    }

    function scheduleRollback(uint8 r, uint8 which) external counted {
        uint64[] storage posted = sequences[r % 2];
        if (posted.length == 0 || which % 32 != 0) return; // seldom
        uint256 index = bound(which / 32, 0, posted.length - 1);
        uint64 first = index == 0 ? 1 : posted[index - 1] + 1;
        vm.prank(admin);
        try rollups[r % 2].scheduleRollback(first) {} catch {}
    }

    function executeRollback(uint8 r, uint8 limit) external counted {
        vm.prank(admin);
        try rollups[r % 2].executeRollback(bound(limit, 1, 2)) returns (uint256 removed) {
            for (uint256 i = 0; i < removed; i++) {
                sequences[r % 2].pop();
                rolledBack++;
            }
        } catch {} // not scheduled, or too early
    }

    function pauseOrResume(uint8 r, uint8 what) external counted {
        IZkPowRollup rollup = rollups[r % 2];
        bool paused = rollup.paused();
        if (!paused && what % 4 != 0) return; // seldom
        vm.prank(admin);
        if (paused) rollup.resume();
        else rollup.pause();
    }

    // --- money ---

    function deposit(uint8 r, uint8 m, uint96 amount) external counted {
        uint256 value = bound(amount, 1 ether, 60 ether);
        address who = miner(m % MINERS);
        vm.deal(who, who.balance + value);
        vm.prank(who);
        pool.deposit{value: value}(address(rollups[r % 2]), value);
        paidIn[r % 2] += value;
    }

    function fund(uint8 r, uint96 amount) external counted {
        uint256 value = bound(amount, 1, 5 ether);
        vm.deal(address(this), value);
        pool.fund{value: value}(address(rollups[r % 2]), value);
        paidIn[r % 2] += value;
    }

    function requestWithdrawal(uint8 r, uint8 m, uint96 amount) external counted {
        (address rollup, address who) = (address(rollups[r % 2]), miner(m % MINERS));
        // Now and then all that is free: only then is the miner settled on the way.
        uint256 value = amount % 8 == 0 ? pool.freeDepositOf(rollup, who) : bound(amount, 1, 30 ether);
        uint256 slashedBefore = pool.slashed(rollup);
        vm.prank(who);
        try pool.requestWithdrawal(rollup, value) {
            if (pool.slashed(rollup) > slashedBefore) silentOnWithdrawal++;
        } catch {
            forgetLogs();
        }
    }

    function withdraw(uint8 r, uint8 m, bool cancel) external counted {
        vm.prank(miner(m % MINERS));
        if (cancel) {
            try pool.cancelWithdrawal(address(rollups[r % 2])) {} catch {}
            return;
        }
        try pool.withdraw(address(rollups[r % 2])) returns (uint256 amount) {
            paidOut[r % 2] += amount;
        } catch {}
    }

    function claim(uint8 r, uint8 m) external counted {
        vm.prank(miner(m % MINERS));
        try pool.claim(address(rollups[r % 2])) returns (uint256 amount) {
            paidOut[r % 2] += amount;
            claimed[r % 2][m % MINERS] += amount;
        } catch {} // nothing to claim
    }

    // --- miners ---

    function compete(uint8 r, uint8 m, uint8 honesty) external {
        commit(r, m, 0, honesty);
        commit(r, (m % 4) + 1, 0, honesty / 4);
    }

    function revealInOrder(uint8 r, uint8 m) external {
        reveal(r, m, 0);
    }

    function commit(uint8 r, uint8 m, uint8 which, uint8 honesty) public counted {
        (IZkPowRollup rollup, address who, uint64 last) = pick(r, m, which);
        if (last == 0) return;
        SequenceView memory v = viewOf(rollup, who, last);
        bytes memory proof = honesty % 4 != 0 ? rightProof(rollup, who, last) : new bytes(64);
        bytes32 proofHash = keccak256(abi.encodePacked(keccak256(proof), who));
        uint64 next = uint64(block.number) + 1;
        bool expected = !v.paused && v.acceptedRound == 0 && v.freeDeposit >= v.minimumDeposit + v.silencePenalty
            && (v.roundStart == 0 || (next < v.revealStart && v.ownState == CommitmentState.None));
        vm.roll(next);
        vm.prank(who);
        try rollup.submitProofHash(v.previousLastBatch, last, proofHash) {
            proofs[proofHash] = proof;
            agree(expected, true, "commit");
        } catch {
            agree(expected, false, "commit");
        }
    }

    function takeBack(uint8 r, uint8 m, uint8 which) external counted {
        (IZkPowRollup rollup, address who, uint64 last) = pick(r, m, which);
        if (last == 0) return;
        SequenceView memory v = viewOf(rollup, who, last);
        uint64 next = uint64(block.number) + 1;
        bool expected =
            v.ownState == CommitmentState.Open && v.revealStart == type(uint64).max && next >= v.roundStart + v.t1;
        vm.roll(next);
        vm.prank(who);
        try rollup.takeBackProofHash(last) {
            agree(expected, true, "take back");
            takenBack++;
        } catch {
            agree(expected, false, "take back");
        }
    }

    function reveal(uint8 r, uint8 m, uint8 which) public counted {
        (IZkPowRollup rollup, address who, uint64 last) = pick(r, m, which);
        if (last == 0) return;
        SequenceView memory v = viewOf(rollup, who, last);
        bytes memory proof = proofs[v.ownProofHash];
        if (proof.length == 0) proof = new bytes(64);
        uint64 next = uint64(block.number) + 1;
        bool inWindow = v.ownState == CommitmentState.Open && next >= v.revealStart && next < v.revealEnd;
        bool right = inWindow && simulated.verifyStatement(statementOf(rollup, who, last), proof);
        bool late =
            v.ownState == CommitmentState.Late && simulated.verifyStatement(statementOf(rollup, who, last), proof);
        vm.roll(next);
        uint64 before = rollup.lastVerifiedBatch();
        vm.prank(who);
        try rollup.verifyBatches(v.previousLastBatch, last, 0, rootAfter(last), proof) returns (bool accepted_) {
            agree(inWindow || late, true, "reveal");
            if (right && !accepted_) rightProofPunished = true;
            if (accepted_) noteAcceptance(r % 2, who, last, before);
            if (late) acceptedLate++;
            if (!accepted_) wrong++;
        } catch {
            agree(inWindow || late, false, "reveal");
            if (right || late) rightProofRefused = true;
        }
    }

    // --- anybody ---

    function settle(uint8 r, uint8 m, uint8 which) external counted {
        IZkPowRollup rollup = rollups[r % 2];
        address who = miner(m % MINERS);
        CommitmentKey[] memory keys = rollup.openCommitments(who);
        if (keys.length == 0) return;
        CommitmentKey memory key = keys[which % keys.length];
        try rollup.settle(who, key.finalBatch, key.round) {}
        catch {
            forgetLogs(); // still open
        }
    }

    function releaseLateRewards(uint8 r, uint8 which) external counted {
        uint64[] storage posted = sequences[r % 2];
        if (posted.length == 0) return;
        try rollups[r % 2].releaseLateRewards(posted[which % posted.length]) {} catch {}
    }

    // --- readings ---

    /// @dev Mostly the first sequence that is not verified, else one of those beside it.
    function pick(uint8 r, uint8 m, uint8 which) private view returns (IZkPowRollup rollup, address who, uint64 last) {
        rollup = rollups[r % 2];
        uint64[] storage posted = sequences[r % 2];
        if (posted.length == 0) return (rollup, miner(m % MINERS), 0);
        uint256 index = 0;
        while (index + 1 < posted.length && posted[index] <= rollup.lastVerifiedBatch()) index++;
        if (which % 4 == 1 && index + 1 < posted.length) index++;
        if (which % 4 == 2 && index > 0) index--;
        return (rollup, miner(m % MINERS), posted[index]);
    }

    function viewOf(IZkPowRollup rollup, address who, uint64 last) private view returns (SequenceView memory) {
        (,, uint64 previous,,) = rollup.sequencedBatches(last);
        return rollup.sequenceView(previous, last, who);
    }

    function noteAcceptance(uint256 r, address who, uint64 last, uint64 before) private {
        recordAcceptance(address(rollups[r]), last, who);
        accepted++;
        uint64 verified = rollups[r].lastVerifiedBatch();
        if (verified < before) wentBackwards = true;
        if (verified > before) lastAccepted[r] = last;
    }

    function agree(bool expected, bool actual, string memory what) private {
        if (expected == actual) return;
        viewDisagreements++;
        if (bytes(firstDisagreement).length == 0) {
            firstDisagreement = string.concat(what, expected ? ": foretold, but reverted" : ": not foretold");
        }
    }

    function rootAfter(uint64 last) private pure returns (bytes32) {
        return keccak256(abi.encode("state root", last));
    }

    function rightProof(IZkPowRollup rollup, address who, uint64 last) private view returns (bytes memory) {
        bytes32 salt = keccak256(abi.encode(rollup, who, last));
        bytes32 digest = simulated.statementDigest(statementOf(rollup, who, last));
        return abi.encodePacked(salt, sha256(abi.encodePacked("zkpow simulated proof", salt, digest)));
    }

    function statementOf(IZkPowRollup rollup, address who, uint64 last) private view returns (Statement memory) {
        (bytes32 newAccInputHash,, uint64 previous,,) = rollup.sequencedBatches(last);
        (bytes32 oldAccInputHash,,,,) = rollup.sequencedBatches(previous);
        return Statement({
            chainId: block.chainid,
            rollup: address(rollup),
            firstBatch: previous + 1,
            lastBatch: last,
            oldStateRoot: previous == 0 ? rollup.batchNumToStateRoot(0) : rootAfter(previous),
            newStateRoot: rootAfter(last),
            oldAccInputHash: oldAccInputHash,
            newAccInputHash: newAccInputHash,
            miner: who
        });
    }
}
