// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The window arithmetic of a round, in one place
/// @notice Blocks of a round opened in block S, with the predecessor verified in block P: proofHashes in [S, R), proofs
/// in [R, E), R = max(S + T1, P + 1, A + Tmin), E = R + T2, where A is the block of the posting, or a
/// later one that ended a pause before the round was opened. While the predecessor is not verified R and E are
/// `NEVER`: the hash window stays open and T2 does not run.
library RoundWindows {
    /// @dev Stands for "not yet", as P and as R and E.
    uint64 internal constant NEVER = type(uint64).max;

    /// @dev Lengths, in blocks.
    struct Lengths {
        uint64 t1;
        uint64 t2;
        uint64 tMin;
    }

    struct Windows {
        /// S
        uint64 start;
        /// S + T1: from here on a proofHash may be taken back while P is `NEVER`.
        uint64 takeBackStart;
        /// R
        uint64 revealStart;
        /// E
        uint64 revealEnd;
    }

    function windows(uint64 start, Lengths memory lengths, uint64 tMinStart, uint64 predecessorVerifiedBlock)
        internal
        pure
        returns (Windows memory w)
    {
        w.start = start;
        w.takeBackStart = start + lengths.t1;
        if (predecessorVerifiedBlock == NEVER) {
            w.revealStart = NEVER;
            w.revealEnd = NEVER;
            return w;
        }
        w.revealStart = later(w.takeBackStart, later(predecessorVerifiedBlock + 1, tMinStart + lengths.tMin));
        w.revealEnd = w.revealStart + lengths.t2;
    }

    function takesHashes(Windows memory w, uint256 blockNumber) internal pure returns (bool) {
        return blockNumber >= w.start && blockNumber < w.revealStart;
    }

    function takesProofs(Windows memory w, uint256 blockNumber) internal pure returns (bool) {
        return blockNumber >= w.revealStart && blockNumber < w.revealEnd;
    }

    function takesBack(Windows memory w, uint256 blockNumber) internal pure returns (bool) {
        return w.revealStart == NEVER && blockNumber >= w.takeBackStart;
    }

    /// @notice Whether the round is over.
    function isOver(Windows memory w, uint256 blockNumber) internal pure returns (bool) {
        return blockNumber >= w.revealEnd;
    }

    function later(uint64 a, uint64 b) internal pure returns (uint64) {
        return a > b ? a : b;
    }
}
