// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RoundWindows} from "../src/libraries/RoundWindows.sol";
import {Shares} from "../src/libraries/Shares.sol";

/// @notice For halmos, which tries all inputs at once: `npm run audit:contracts`. What must hold is asserted; forge runs
/// none of it. Hashing stays out: halmos cannot do sha256 on symbolic data.
contract WindowsAndSharesCheck {
    using RoundWindows for RoundWindows.Windows;

    bool public constant IS_TEST = true;
    /// @dev Longest T1 and T2 that a rollup takes, and more blocks than any chain will have.
    uint64 private constant LONGEST = 100_800;
    uint64 private constant LAST_BLOCK = 2 ** 62;

    function check_a_block_is_in_exactly_one_phase(uint64 s, uint64 t1, uint64 t2, uint64 p, uint64 b) public pure {
        RoundWindows.Windows memory w = verified(s, t1, t2, p);
        if (b < s) return;
        bool hashes = w.takesHashes(b);
        bool proofs = w.takesProofs(b);
        bool over = w.isOver(b);
        assert((hashes && !proofs && !over) || (!hashes && proofs && !over) || (!hashes && !proofs && over));
        assert(!w.takesBack(b));
    }

    function check_proofs_come_after_t1_and_after_the_predecessor(uint64 s, uint64 t1, uint64 t2, uint64 p)
        public
        pure
    {
        RoundWindows.Windows memory w = verified(s, t1, t2, p);
        assert(w.revealStart >= s + t1 && w.revealStart > p);
        assert(w.revealStart == s + t1 || w.revealStart == p + 1);
        assert(w.revealEnd == w.revealStart + t2 && w.revealEnd != RoundWindows.NEVER);
    }

    function check_before_the_predecessor_only_hashes(uint64 s, uint64 t1, uint64 t2, uint64 b) public pure {
        bounded(s, t1, t2);
        RoundWindows.Windows memory w = RoundWindows.windows(s, t1, t2, RoundWindows.NEVER);
        if (b < s || b > LAST_BLOCK) return;
        assert(w.takesHashes(b) && !w.takesProofs(b) && !w.isOver(b));
        assert(w.takesBack(b) == (b >= s + t1));
    }

    /// @dev What a miner was told about a round stays true when its predecessor is verified meanwhile.
    function check_the_predecessor_only_ends_the_hash_window_later(uint64 s, uint64 t1, uint64 t2, uint64 p, uint64 b)
        public
        pure
    {
        RoundWindows.Windows memory w = verified(s, t1, t2, p);
        if (b < s || b > p) return;
        assert(w.takesHashes(b));
    }

    function check_a_share_is_the_floor_one_of_three(uint128 amount) public pure {
        assert(Shares.share(amount, 1, 3) == uint256(amount) / 3);
    }

    function check_a_share_is_the_floor_two_of_three(uint128 amount) public pure {
        assert(Shares.share(amount, 2, 3) == 2 * uint256(amount) / 3);
    }

    function check_a_share_is_the_floor_three_of_seven(uint128 amount) public pure {
        assert(Shares.share(amount, 3, 7) == 3 * uint256(amount) / 7);
    }

    function check_a_share_is_no_more_than_the_whole(uint8 amount, uint8 weight) public pure {
        if (weight > 7) return;
        uint256 own = Shares.share(amount, weight, 7);
        assert(own <= amount);
        if (weight == 7) assert(own == amount);
        if (weight == 0) assert(own == 0);
    }

    function check_a_reward_is_capped(uint128 perSequence, uint128 perBatch, uint128 cap, uint16 batches) public pure {
        uint256 reward = Shares.sequenceReward(perSequence, perBatch, cap, batches);
        assert(reward <= cap);
        assert(reward == cap || reward == uint256(perSequence) + uint256(perBatch) * batches);
    }

    function verified(uint64 s, uint64 t1, uint64 t2, uint64 p) private pure returns (RoundWindows.Windows memory) {
        bounded(s, t1, t2);
        if (p > LAST_BLOCK) skip();
        return RoundWindows.windows(s, t1, t2, p);
    }

    function bounded(uint64 s, uint64 t1, uint64 t2) private pure {
        if (s == 0 || s > LAST_BLOCK || t1 == 0 || t1 > LONGEST || t2 == 0 || t2 > LONGEST) skip();
    }

    /// @dev Not an input that can be: a revert is no counterexample.
    function skip() private pure {
        revert();
    }
}
