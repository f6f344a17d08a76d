// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Shares of rewards and of reserves
library Shares {
    /// @dev A whole, in basis points.
    uint256 internal constant WHOLE = 10_000;

    /// @notice A part of `amount`, rounded down, so that all parts together never exceed it.
    /// @param weight at most `totalWeight`
    function share(uint256 amount, uint256 weight, uint256 totalWeight) internal pure returns (uint256) {
        return totalWeight == 0 ? 0 : Math.mulDiv(amount, weight, totalWeight);
    }

    /// @notice `basisPoints` of `amount`, rounded down.
    function part(uint256 amount, uint256 basisPoints) internal pure returns (uint256) {
        return Math.mulDiv(amount, basisPoints, WHOLE);
    }

    /// @notice What a late proof earns: `lateShare` of what it would have had in time, as much of it as the sequence's
    /// late budget, `lateShare` of its pot, still holds.
    /// @param weight of the late commitment
    /// @param acceptedWeight of the proofs that came in time
    /// @param paidLate to late proofs of the sequence before
    function lateReward(uint256 pot, uint256 weight, uint256 acceptedWeight, uint256 lateShare, uint256 paidLate)
        internal
        pure
        returns (uint256)
    {
        uint256 budget = part(pot, lateShare);
        uint256 left = budget > paidLate ? budget - paidLate : 0;
        return Math.min(left, part(share(pot, weight, acceptedWeight + weight), lateShare));
    }

    /// @notice Reward of a sequence: so much for itself, so much for each batch that holds something, up to a cap.
    function sequenceReward(uint256 perSequence, uint256 perBatch, uint256 cap, uint256 batches)
        internal
        pure
        returns (uint256)
    {
        return Math.min(cap, perSequence + perBatch * batches);
    }
}
