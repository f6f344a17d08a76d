// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RoundWindows} from "../src/libraries/RoundWindows.sol";
import {Shares} from "../src/libraries/Shares.sol";

/// @notice For halmos, which tries all inputs at once: `npm run audit:contracts`. What must hold is asserted; forge runs
/// none of it. Hashing stays out: halmos cannot do sha256 on symbolic data.
contract WindowsAndSharesCheck {
    using RoundWindows for RoundWindows.Windows;

    bool public constant IS_TEST = true;
    /// @dev More than the longest window that a rollup takes, in the shortest blocks; more blocks than any chain will have.
    uint64 private constant LONGEST = 2 ** 32;
    uint64 private constant LAST_BLOCK = 2 ** 62;

    function check_a_block_is_in_exactly_one_phase(
        uint64 s,
        RoundWindows.Lengths memory lengths,
        uint64 posted,
        uint64 p,
        uint64 b
    ) public pure {
        RoundWindows.Windows memory w = verified(s, lengths, posted, p);
        if (b < s) return;
        bool hashes = w.takesHashes(b);
        bool proofs = w.takesProofs(b);
        bool over = w.isOver(b);
        assert((hashes && !proofs && !over) || (!hashes && proofs && !over) || (!hashes && !proofs && over));
        assert(!w.takesBack(b));
    }

    function check_proofs_come_after_t1_after_the_predecessor_and_after_tmin(
        uint64 s,
        RoundWindows.Lengths memory lengths,
        uint64 posted,
        uint64 p
    ) public pure {
        RoundWindows.Windows memory w = verified(s, lengths, posted, p);
        assert(w.revealStart >= s + lengths.t1 && w.revealStart > p && w.revealStart >= posted + lengths.tMin);
        bool soonest =
            w.revealStart == s + lengths.t1 || w.revealStart == p + 1 || w.revealStart == posted + lengths.tMin;
        assert(soonest);
        assert(w.revealEnd == w.revealStart + lengths.t2 && w.revealEnd != RoundWindows.NEVER);
    }

    function check_before_the_predecessor_only_hashes(
        uint64 s,
        RoundWindows.Lengths memory lengths,
        uint64 posted,
        uint64 b
    ) public pure {
        bounded(s, lengths, posted);
        RoundWindows.Windows memory w = RoundWindows.windows(s, lengths, posted, RoundWindows.NEVER);
        if (b < s || b > LAST_BLOCK) return;
        assert(w.takesHashes(b) && !w.takesProofs(b) && !w.isOver(b));
        assert(w.takesBack(b) == (b >= s + lengths.t1));
    }

    /// @dev What a miner was told about a round stays true when its predecessor is verified meanwhile.
    function check_the_predecessor_only_ends_the_hash_window_later(
        uint64 s,
        RoundWindows.Lengths memory lengths,
        uint64 posted,
        uint64 p,
        uint64 b
    ) public pure {
        RoundWindows.Windows memory w = verified(s, lengths, posted, p);
        if (b < s || b > p) return;
        assert(w.takesHashes(b));
    }

    /// @dev Whoever opens a round, and whenever the predecessor is verified.
    function check_nobody_is_shut_out_before_tmin(
        uint64 s,
        RoundWindows.Lengths memory lengths,
        uint64 posted,
        uint64 p,
        uint64 b
    ) public pure {
        RoundWindows.Windows memory w = verified(s, lengths, posted, p);
        if (b < s || b >= posted + lengths.tMin) return;
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

    /// @dev Small numbers: to divide a wide one by 10,000 is beyond the solvers, and all edges of rounding are among these.
    function check_a_part_is_no_more_than_the_whole(uint8 amount, uint16 basisPoints) public pure {
        if (basisPoints > Shares.WHOLE) return;
        uint256 own = Shares.part(amount, basisPoints);
        assert(own <= amount);
        if (basisPoints == Shares.WHOLE) assert(own == amount);
        if (basisPoints == 0) assert(own == 0);
    }

    /// @dev With what was paid to late proofs before, no more than the budget.
    function check_late_rewards_stay_within_their_budget(uint8 pot, uint8 paidLate) public pure {
        if (paidLate > uint256(pot) / 4) return;
        assert(paidLate + Shares.lateReward(pot, 3, 4, 2500, paidLate) <= uint256(pot) / 4);
    }

    function check_nothing_is_paid_beyond_a_late_budget_that_is_used_up(uint8 pot, uint8 paidLate) public pure {
        if (paidLate < uint256(pot) / 4) return;
        assert(Shares.lateReward(pot, 3, 4, 2500, paidLate) == 0);
    }

    function check_a_reward_is_capped(uint128 perSequence, uint128 perBatch, uint128 cap, uint16 batches) public pure {
        uint256 reward = Shares.sequenceReward(perSequence, perBatch, cap, batches);
        assert(reward <= cap);
        assert(reward == cap || reward == uint256(perSequence) + uint256(perBatch) * batches);
    }

    function verified(uint64 s, RoundWindows.Lengths memory lengths, uint64 posted, uint64 p)
        private
        pure
        returns (RoundWindows.Windows memory)
    {
        bounded(s, lengths, posted);
        if (p > LAST_BLOCK) skip();
        return RoundWindows.windows(s, lengths, posted, p);
    }

    function bounded(uint64 s, RoundWindows.Lengths memory lengths, uint64 posted) private pure {
        (uint64 t1, uint64 t2, uint64 tMin) = (lengths.t1, lengths.t2, lengths.tMin);
        if (s == 0 || s > LAST_BLOCK || t1 == 0 || t1 > LONGEST || t2 == 0 || t2 > LONGEST) skip();
        if (posted > s || tMin < t1 || tMin > LONGEST) skip();
    }

    /// @dev Not an input that can be: a revert is no counterexample.
    function skip() private pure {
        revert();
    }
}
