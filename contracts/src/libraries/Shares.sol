// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Shares of a sequence's reward
library Shares {
    /// @notice A committer's part of `amount`, rounded down, so that all parts together never exceed it.
    /// @param weight the committer's; at most `totalWeight`
    function share(uint256 amount, uint256 weight, uint256 totalWeight) internal pure returns (uint256) {
        return totalWeight == 0 ? 0 : Math.mulDiv(amount, weight, totalWeight);
    }

    /// @notice Reward of a sequence: so much for itself, so much for each batch that is not empty, up to a cap.
    function sequenceReward(uint256 perSequence, uint256 perBatch, uint256 cap, uint256 batches)
        internal
        pure
        returns (uint256)
    {
        return Math.min(cap, perSequence + perBatch * batches);
    }
}
