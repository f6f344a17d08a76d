// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchData, Settings} from "../../src/interfaces/RollupTypes.sol";
import {IZkPowRollup} from "../../src/interfaces/IZkPowRollup.sol";
import {MiningScene} from "./MiningScene.sol";

/// @notice What sequencer, admin and owners of money do at any time.
abstract contract MiningSurroundings is MiningScene {
    uint256 public calls;
    /// How often each thing happened.
    uint256 public rolledBack;
    uint256 public settingsApplied;
    /// What came into stakes and rewards, and went out.
    mapping(address miner => uint256) public deposited;
    mapping(address miner => uint256) public withdrawn;
    uint256[2] public funded;
    uint256[MINERS][2] public claimed;

    modifier counted() {
        calls++;
        vm.recordLogs();
        _;
        record(vm.getRecordedLogs());
    }

    // --- sequencer and admin ---

    function post(uint8 r, uint8 batches) external counted {
        IZkPowRollup rollup = rollups[r % 2];
        if (rollup.lastBatchSequenced() > rollup.lastVerifiedBatch() + 20) return;
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
        if (posted.length == 0 || which % 16 != 0) return; // seldom
        uint256 index = posted.length - 1 - bound(which / 16, 0, posted.length > 4 ? 3 : posted.length - 1);
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

    function changeSettings(uint8 r, uint32 random) external counted {
        IZkPowRollup rollup = rollups[r % 2];
        vm.prank(admin);
        try rollup.applySettings() {
            settingsApplied++;
        } catch {
            if (random % 4 != 0) return; // seldom
            uint32 t1 = 1 + random / 4 % 8;
            uint16 silence = uint16(100 + random / 32 % 5000);
            vm.prank(admin);
            rollup.proposeSettings(
                Settings({
                    blockTimeMs: 1000,
                    t1Seconds: t1,
                    t2Seconds: 2 + random / 8 % 12,
                    tMinSeconds: t1 + random / 16 % 6,
                    silenceShare: silence,
                    wrongProofShare: silence + 1 + uint16(random / 64 % 4900),
                    lateShare: LATE_SHARE,
                    minimumReserve: uint112(100 + random % 40 ether),
                    rewardPerSequence: uint112(random % 2 ether),
                    rewardPerBatch: 1 ether,
                    rewardCap: 3 ether,
                    rule: address(simulated)
                })
            );
        }
    }

    // --- money ---

    function deposit(uint8 m, uint96 amount) external counted {
        uint256 value = bound(amount, 1, 60 ether);
        vm.deal(miner(m), miner(m).balance + value);
        vm.prank(miner(m));
        pool.deposit{value: value}(value);
        deposited[miner(m)] += value;
    }

    function fund(uint8 r, uint96 amount) external counted {
        uint256 value = bound(amount, 1, 5 ether);
        vm.deal(address(this), value);
        pool.fund{value: value}(address(rollups[r % 2]), value);
        funded[r % 2] += value;
    }

    function withdraw(uint8 m, uint96 amount) external counted {
        uint256 free = pool.stakeOf(miner(m)).amount - pool.stakeOf(miner(m)).reserved;
        uint256 value = amount % 4 == 0 ? free + amount / 4 % 2 : bound(amount, 1, 20 ether);
        vm.prank(miner(m));
        try pool.withdraw(value) {
            agree(value != 0 && value <= free, true, "withdraw");
            withdrawn[miner(m)] += value;
        } catch {
            agree(value != 0 && value <= free, false, "withdraw");
        }
    }

    function setCap(uint8 r, uint8 m, uint96 cap) external counted {
        vm.prank(miner(m));
        pool.setCap(address(rollups[r % 2]), cap % 2 == 0 ? 0 : bound(cap, 1, 150 ether));
    }

    function claim(uint8 r, uint8 m) external counted {
        vm.prank(miner(m));
        try pool.claim(address(rollups[r % 2])) returns (uint256 amount) {
            claimed[r % 2][m % MINERS] += amount;
        } catch {} // nothing to claim
    }

    function agree(bool expected, bool actual, string memory what) internal {
        if (expected != actual) note(string.concat(what, expected ? ": foretold, but not so" : ": not foretold"));
    }
}
