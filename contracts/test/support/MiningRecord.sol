// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IZkPowPoolEvents} from "../../src/interfaces/IZkPowPool.sol";
import {IZkPowRollupEvents} from "../../src/interfaces/IZkPowRollupEvents.sol";
import {PenaltyKind} from "../../src/interfaces/RollupTypes.sol";
import {TestBase} from "./TestBase.sol";
import {Vm} from "./Vm.sol";

/// @notice Books of its own, kept by the logs of every call and by what each reveal answered. How a round ended, and what is
/// reserved, is never asked of the contracts: their own answers would decide about themselves.
abstract contract MiningRecord is TestBase {
    struct Round {
        uint256 silencePenalties;
        uint256 acceptedProofs;
        /// Shares that are not booked yet.
        uint256 unbooked;
        uint256 pot;
        uint256 booked;
        uint256 paidLate;
        uint256 committers;
        uint256 totalWeight;
        uint256 acceptedWeight;
    }

    struct Commitment {
        uint256 reserve;
        bool holdsReserve;
        bool accepted;
        bool booked;
    }

    uint16 public constant LATE_SHARE = 2500;

    /// How many silence penalties there were.
    uint256 public silent;
    /// How many shares were booked.
    uint256 public sharesBooked;
    /// What each rollup should have reserved of a miner, and how many of its commitments should not be settled.
    mapping(address rollup => mapping(address miner => uint256)) public reserves;
    mapping(address rollup => mapping(address miner => uint256)) public unsettled;
    /// What a rollup should have set aside.
    mapping(address rollup => uint256) public earmarked;
    /// All that was taken by a rollup, and from a miner.
    mapping(address rollup => uint256) public penalties;
    mapping(address miner => uint256) public lost;
    /// What the pool says that a rollup owed a miner, and what the rollup says of it.
    mapping(address rollup => mapping(address miner => uint256)) public rewards;
    mapping(address rollup => mapping(address miner => uint256)) public bookedRewards;
    /// What was found broken; empty for nothing.
    string public broken;
    mapping(bytes32 round => Round) private rounds;
    mapping(bytes32 round => mapping(address miner => Commitment)) private commitments;
    /// Start of the round of a miner's last proofHash for a sequence.
    mapping(address rollup => mapping(uint64 finalBatch => mapping(address miner => uint64))) private lastRound;

    /// @dev All that a call logged, once it has ended.
    function record(Vm.Log[] memory logs) internal {
        for (uint256 i = 0; i < logs.length; i++) {
            recordLog(logs[i]);
        }
    }

    /// @dev A reveal answered that the proof is accepted.
    function recordAcceptance(address rollup, uint64 finalBatch, address miner) internal {
        bytes32 key = roundKey(rollup, finalBatch, lastRound[rollup][finalBatch][miner]);
        Commitment storage commitment = commitments[key][miner];
        if (commitment.accepted) note("a proof was accepted twice");
        if (rounds[key].silencePenalties > 0) note("accepted in a round that was penalised");
        commitment.accepted = true;
        rounds[key].acceptedProofs++;
    }

    /// @dev What a view says of the commitments of a round.
    function compareWeights(
        address rollup,
        uint64 finalBatch,
        uint64 start,
        uint256 committers,
        uint256 totalWeight,
        uint256 acceptedWeight
    ) internal {
        Round storage round = rounds[roundKey(rollup, finalBatch, start)];
        if (round.committers != committers) note("the view counts other committers");
        if (round.totalWeight != totalWeight) note("the view sums up other weights");
        if (round.acceptedWeight != acceptedWeight) note("the view sums up other accepted weights");
    }

    /// @dev A call failed: what it logged did not happen.
    function forgetLogs() internal {
        vm.recordLogs();
    }

    function note(string memory what) internal {
        if (bytes(broken).length == 0) broken = what;
    }

    function recordLog(Vm.Log memory log) private {
        bytes32 kind = log.topics[0];
        if (kind == IZkPowPoolEvents.RewardOwed.selector) {
            rewards[addressIn(log.topics[1])][addressIn(log.topics[2])] += abi.decode(log.data, (uint256));
        } else if (kind == IZkPowRollupEvents.RewardEarmarked.selector) {
            recordPot(log);
        } else if (kind == IZkPowRollupEvents.CommitmentMade.selector) {
            recordCommitment(log);
        } else if (kind == IZkPowRollupEvents.PenaltyBooked.selector) {
            recordPenalty(log);
        } else if (kind == IZkPowRollupEvents.ProofAccepted.selector) {
            recordProof(log);
        } else if (kind == IZkPowRollupEvents.RewardBooked.selector) {
            recordShare(log);
        } else if (kind == IZkPowRollupEvents.CommitmentTakenBack.selector) {
            (address miner, bytes32 key) = keyOf(log);
            rounds[key].committers--;
            rounds[key].totalWeight -= commitments[key][miner].reserve;
            close(log);
        } else if (kind == IZkPowRollupEvents.CommitmentReleased.selector) {
            close(log);
        }
    }

    function recordCommitment(Vm.Log memory log) private {
        (address miner, bytes32 key) = keyOf(log);
        lastRound[log.emitter][uint64(uint256(log.topics[2]))][miner] = uint64(uint256(log.topics[3]));
        (, uint256 reserve) = abi.decode(log.data, (bytes32, uint256));
        commitments[key][miner] = Commitment(reserve, true, false, false);
        rounds[key].committers++;
        rounds[key].totalWeight += reserve;
        reserves[log.emitter][miner] += reserve;
        unsettled[log.emitter][miner]++;
    }

    function recordPot(Vm.Log memory log) private {
        bytes32 key = roundKey(log.emitter, uint64(uint256(log.topics[1])), uint64(uint256(log.topics[2])));
        if (rounds[key].pot != 0) note("two pots for one round");
        rounds[key].pot = abi.decode(log.data, (uint256));
        earmarked[log.emitter] += rounds[key].pot;
    }

    function recordProof(Vm.Log memory log) private {
        (address miner, bytes32 key) = keyOf(log);
        (bool late, uint256 reward) = abi.decode(log.data, (bool, uint256));
        Commitment storage commitment = commitments[key][miner];
        if (!commitment.accepted) note("told of a proof that was not accepted");
        if (commitment.holdsReserve) reserves[log.emitter][miner] -= commitment.reserve;
        if (late && commitment.holdsReserve) unsettled[log.emitter][miner]--;
        commitment.holdsReserve = false;
        Round storage round = rounds[key];
        if (!late) {
            round.unbooked++;
            round.acceptedWeight += commitment.reserve;
            return;
        }
        commitment.booked = true;
        bookedRewards[log.emitter][miner] += reward;
        round.paidLate += reward;
        if (round.paidLate * 10_000 > round.pot * LATE_SHARE) note("late proofs were paid beyond their budget");
    }

    function recordShare(Vm.Log memory log) private {
        (address miner, bytes32 key) = keyOf(log);
        uint256 amount = abi.decode(log.data, (uint256));
        Commitment storage commitment = commitments[key][miner];
        Round storage round = rounds[key];
        if (!commitment.accepted || commitment.booked) note("a share without a proof of its own");
        commitment.booked = true;
        round.booked += amount;
        round.unbooked--;
        if (round.booked > round.pot) note("more than the pot was shared out");
        earmarked[log.emitter] -= round.unbooked == 0 ? round.pot - (round.booked - amount) : amount;
        bookedRewards[log.emitter][miner] += amount;
        unsettled[log.emitter][miner]--;
        sharesBooked++;
    }

    function recordPenalty(Vm.Log memory log) private {
        (address miner, bytes32 key) = keyOf(log);
        (PenaltyKind kind, uint256 amount) = abi.decode(log.data, (PenaltyKind, uint256));
        if (!commitments[key][miner].holdsReserve) note("a penalty without a reserve");
        if (amount > commitments[key][miner].reserve) note("a penalty beyond its reserve");
        penalties[log.emitter] += amount;
        lost[miner] += amount;
        close(log);
        if (kind != PenaltyKind.Silence) return;
        silent++;
        if (rounds[key].acceptedProofs > 0) note("a silence penalty beside an accepted proof");
        rounds[key].silencePenalties++;
    }

    /// @dev A commitment ends without a proof.
    function close(Vm.Log memory log) private {
        (address miner, bytes32 key) = keyOf(log);
        Commitment storage commitment = commitments[key][miner];
        if (!commitment.holdsReserve) note("a commitment ended twice");
        commitment.holdsReserve = false;
        reserves[log.emitter][miner] -= commitment.reserve;
        unsettled[log.emitter][miner]--;
    }

    function keyOf(Vm.Log memory log) private pure returns (address miner, bytes32 key) {
        miner = addressIn(log.topics[1]);
        key = roundKey(log.emitter, uint64(uint256(log.topics[2])), uint64(uint256(log.topics[3])));
    }

    function roundKey(address rollup, uint64 finalBatch, uint64 start) private pure returns (bytes32) {
        return keccak256(abi.encode(rollup, finalBatch, start));
    }

    function addressIn(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }
}
