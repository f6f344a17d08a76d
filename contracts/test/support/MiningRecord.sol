// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPoolEvents} from "../../src/interfaces/IZkPowPool.sol";
import {IZkPowRollupEvents} from "../../src/interfaces/IZkPowRollupEvents.sol";
import {PenaltyKind} from "../../src/interfaces/RollupTypes.sol";
import {TestBase} from "./TestBase.sol";
import {Vm} from "./Vm.sol";

/// @notice Which proofs were accepted, by what each reveal answered, and which penalties and rewards were booked, by the
/// logs of every call. How a round ended is never asked of the contracts: their own answer decides about penalties.
abstract contract MiningRecord is TestBase {
    struct Round {
        uint256 silencePenalties;
        uint256 acceptedProofs;
        mapping(address miner => bool) hasAcceptedProof;
    }

    /// How many silence penalties there were.
    uint256 public silent;
    /// All that was taken from a rollup's miners, and owed to each.
    mapping(address rollup => uint256) public penalties;
    mapping(address rollup => mapping(address miner => uint256)) public rewards;
    bool public penalisedBesideAcceptance;
    bool public acceptedTwice;
    bool public rewardedWithoutAcceptance;
    mapping(address rollup => mapping(uint64 finalBatch => mapping(uint64 start => Round))) private rounds;
    /// Start of the round of a miner's last proofHash for a sequence.
    mapping(address rollup => mapping(uint64 finalBatch => mapping(address miner => uint64))) private lastRound;
    /// Whose proof the call under way got accepted, for as long as it has earned nothing.
    address private rollupOfProof;
    address private minerOfProof;

    /// @dev All that a call logged, once it has ended.
    function record(Vm.Log[] memory logs) internal {
        for (uint256 i = 0; i < logs.length; i++) {
            recordLog(logs[i]);
        }
        (rollupOfProof, minerOfProof) = (address(0), address(0));
    }

    /// @dev A reveal answered that the proof is accepted.
    function recordAcceptance(address rollup, uint64 finalBatch, address miner) internal {
        Round storage round = rounds[rollup][finalBatch][lastRound[rollup][finalBatch][miner]];
        if (round.hasAcceptedProof[miner]) acceptedTwice = true;
        if (round.silencePenalties > 0) penalisedBesideAcceptance = true;
        round.hasAcceptedProof[miner] = true;
        round.acceptedProofs++;
        (rollupOfProof, minerOfProof) = (rollup, miner);
    }

    /// @dev A call failed: what it logged did not happen.
    function forgetLogs() internal {
        vm.recordLogs();
    }

    function recordLog(Vm.Log memory log) private {
        bytes32 kind = log.topics[0];
        if (kind == IZkPowRollupEvents.CommitmentMade.selector) {
            (address miner, uint64 finalBatch, uint64 start) = keyOf(log);
            lastRound[log.emitter][finalBatch][miner] = start;
        } else if (kind == IZkPowRollupEvents.PenaltyBooked.selector) {
            recordPenalty(log);
        } else if (kind == IZkPowPoolEvents.RewardOwed.selector) {
            recordReward(log);
        }
    }

    function recordPenalty(Vm.Log memory log) private {
        (PenaltyKind kind, uint256 amount) = abi.decode(log.data, (PenaltyKind, uint256));
        penalties[log.emitter] += amount;
        if (kind != PenaltyKind.Silence) return;
        silent++;
        (, uint64 finalBatch, uint64 start) = keyOf(log);
        Round storage round = rounds[log.emitter][finalBatch][start];
        if (round.acceptedProofs > 0) penalisedBesideAcceptance = true;
        round.silencePenalties++;
    }

    function recordReward(Vm.Log memory log) private {
        (address rollup, address miner) = (addressIn(log.topics[1]), addressIn(log.topics[2]));
        rewards[rollup][miner] += abi.decode(log.data, (uint256));
        if (rollup != rollupOfProof || miner != minerOfProof) rewardedWithoutAcceptance = true;
        (rollupOfProof, minerOfProof) = (address(0), address(0));
    }

    function keyOf(Vm.Log memory log) private pure returns (address miner, uint64 finalBatch, uint64 start) {
        return (addressIn(log.topics[1]), uint64(uint256(log.topics[2])), uint64(uint256(log.topics[3])));
    }

    function addressIn(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }
}
