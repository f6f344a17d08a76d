// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPool} from "../../src/interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "../../src/interfaces/IZkPowRollup.sol";
import {Statement} from "../../src/interfaces/ITypeRule.sol";
import {SequenceView} from "../../src/interfaces/RollupTypes.sol";
import {SimulatedRule} from "../../src/rules/SimulatedRule.sol";
import {MiningRecord} from "./MiningRecord.sol";

/// @notice Two rollups with one pool, four miners, and what they can read and prove.
abstract contract MiningScene is MiningRecord {
    uint256 public constant MINERS = 4;

    IZkPowPool internal immutable pool;
    SimulatedRule internal immutable simulated;
    address internal immutable admin;
    address internal immutable sequencer;
    IZkPowRollup[2] public rollups;
    /// Last batches of the posted sequences, in order.
    uint64[][2] internal sequences;
    mapping(bytes32 proofHash => bytes) internal proofs;

    constructor(
        IZkPowPool pool_,
        SimulatedRule simulated_,
        IZkPowRollup[2] memory rollups_,
        address admin_,
        address sequencer_
    ) {
        (pool, simulated, admin, sequencer) = (pool_, simulated_, admin_, sequencer_);
        rollups = rollups_;
    }

    function miner(uint256 index) public pure returns (address) {
        return address(uint160(0x1000 + index % MINERS));
    }

    /// @dev Mostly the first sequence that is not verified, else one of those beside it.
    function pick(uint8 r, uint8 which) internal view returns (IZkPowRollup rollup, uint64 last) {
        rollup = rollups[r % 2];
        uint64[] storage posted = sequences[r % 2];
        if (posted.length == 0) return (rollup, 0);
        uint256 index = 0;
        while (index + 1 < posted.length && posted[index] <= rollup.lastVerifiedBatch()) index++;
        if (which % 4 == 1 && index + 1 < posted.length) index++;
        if (which % 4 == 2 && index > 0) index--;
        return (rollup, posted[index]);
    }

    function viewOf(IZkPowRollup rollup, address who, uint64 last) internal view returns (SequenceView memory) {
        (,, uint64 previous,,) = rollup.sequencedBatches(last);
        return rollup.sequenceView(previous, last, who);
    }

    function rootAfter(uint64 last) internal pure returns (bytes32) {
        return keccak256(abi.encode("state root", last));
    }

    function rightProof(IZkPowRollup rollup, address who, uint64 last) internal view returns (bytes memory) {
        bytes32 salt = keccak256(abi.encode(rollup, who, last));
        bytes32 digest = simulated.statementDigest(statementOf(rollup, who, last));
        return abi.encodePacked(salt, sha256(abi.encodePacked("zkpow simulated proof", salt, digest)));
    }

    function isRight(IZkPowRollup rollup, address who, uint64 last, bytes memory proof) internal view returns (bool) {
        return simulated.verify(statementOf(rollup, who, last), proof);
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
            newLocalExitRoot: 0,
            miner: who
        });
    }
}
