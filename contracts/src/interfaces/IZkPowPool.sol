// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A miner's money in the pool, one stake for all rollups. `amount` >= `reserved` always.
struct Stake {
    uint128 amount;
    /// Put at risk by commitments that have not ended.
    uint128 reserved;
}

/// @notice A miner's stake as seen from one rollup.
struct RollupStake {
    /// Put at risk by commitments with this rollup.
    uint128 reserved;
    /// Most that the miner lets this rollup hold at a time; 0 for no cap.
    uint128 cap;
}

/// @notice A rollup's reward money.
struct Rewards {
    /// Not promised to anybody.
    uint128 free;
    /// Promised to the proofs accepted in rounds whose shares are not booked yet.
    uint128 earmarked;
    /// Earned, not claimed yet.
    uint128 owed;
}

/// @notice What happened to a rollup.
enum Touch {
    Posted,
    Committed,
    TakenBack,
    Accepted,
    RolledBack,
    SettingsProposed,
    SettingsApplied,
    SettingsCancelled,
    RollbackScheduled,
    RollbackCancelled,
    Paused,
    Resumed
}

interface IZkPowPoolEvents {
    /// @notice The factory launched a rollup.
    event RollupRegistered(address indexed rollup);
    /// @notice Something happened to a rollup: to the sequence that ends with `finalBatch`, or 0 if to all of it. The one
    /// address at which all rollups of a factory can be followed.
    event RollupTouched(address indexed rollup, uint64 indexed finalBatch, Touch indexed what);
    /// @notice A miner added to its stake.
    event Deposited(address indexed miner, uint256 amount);
    /// @notice Stake was paid out.
    event Withdrawn(address indexed miner, uint256 amount);
    /// @notice A miner lets a rollup hold at most so much of its stake; 0 for no cap.
    event CapSet(address indexed miner, address indexed rollup, uint256 cap);
    /// @notice Somebody added to a rollup's reward money.
    event Funded(address indexed rollup, address indexed from, uint256 amount);
    /// @notice A miner has earned `amount`; it may claim it.
    event RewardOwed(address indexed rollup, address indexed miner, uint256 amount);
    /// @notice Earned money was paid out.
    event Claimed(address indexed rollup, address indexed miner, uint256 amount);
    /// @notice A penalty was taken from a stake, for ever.
    event Slashed(address indexed rollup, address indexed miner, uint256 amount);
}

interface IZkPowPoolErrors {
    error NotTheFactory(address caller, address factory);
    error NotARollup(address rollup);
    error AlreadyRegistered(address rollup);
    error ZeroAmount();
    /// @notice The pool of a native coin takes exactly the value sent; the pool of a token takes none.
    error WrongValue(uint256 sent, uint256 expected);
    /// @notice The token delivered less or more than was sent: tokens with fees or changing balances are refused.
    error TokenAmountMismatch(uint256 received, uint256 expected);
    /// @notice The pool holds less of the token than its books say: the token changed balances.
    error TokenBalanceShort(uint256 balance, uint256 accounted);
    /// @notice The part of the stake that is not reserved is too small: settle commitments that have ended, or deposit.
    error InsufficientFreeStake(address miner, uint256 free, uint256 needed);
    /// @notice The miner lets this rollup hold `cap` of its stake at most: raise the cap, or settle there.
    error CapReached(address miner, address rollup, uint256 reserved, uint256 asked, uint256 cap);
    error NothingToClaim(address miner);
    /// @notice A rollup asked for more than is booked for it.
    error BooksTooSmall(uint256 booked, uint256 asked);
}

/// @title Stakes, penalties and rewards of all rollups of one factory, in one coin or token
/// @notice A miner has one stake for all rollups. A rollup can reserve of it only in a call of that miner, and take only
/// from what it holds reserved. Reward money is kept per rollup and leaves only as rewards; slashed money never leaves.
interface IZkPowPool is IZkPowPoolEvents, IZkPowPoolErrors {
    /// @notice The ERC-20 token, or 0 for the chain's own coin.
    function asset() external view returns (address);
    /// @notice Registers rollups; moves no money.
    function factory() external view returns (address);
    /// @notice Whether an address is a rollup of the factory.
    function isRollup(address rollup) external view returns (bool);

    /// @notice Adds to the caller's stake. Send the amount as value in a pool of the chain's own coin, approve it before
    /// in a pool of a token.
    function deposit(uint256 amount) external payable;
    /// @notice Pays out stake that is not reserved. Looks at no rollup: what commitments reserve is free once they are
    /// settled there.
    function withdraw(uint256 amount) external;
    /// @notice Lets a rollup hold at most `cap` of the caller's stake at a time; 0 for no cap. What it holds already stays.
    function setCap(address rollup, uint256 cap) external;

    /// @notice Adds to a rollup's reward money, for good.
    function fund(address rollup, uint256 amount) external payable;
    /// @notice Pays the caller what it has earned with a rollup.
    function claim(address rollup) external returns (uint256 amount);

    /// @notice A miner's stake, and what of it is reserved.
    function stakeOf(address miner) external view returns (Stake memory);
    /// @notice What of a miner's stake one rollup holds, and may hold.
    function rollupStakeOf(address rollup, address miner) external view returns (RollupStake memory);
    /// @notice What of a miner's stake a commitment with a rollup may reserve now, as booked.
    function reservableOf(address rollup, address miner) external view returns (uint256);
    /// @notice A rollup's reward money.
    function rewardsOf(address rollup) external view returns (Rewards memory);
    /// @notice What a miner has earned with a rollup and not claimed yet.
    function owed(address rollup, address miner) external view returns (uint256);
    /// @notice Sum of all stakes.
    function totalStake() external view returns (uint256);
    /// @notice Sum taken by penalties of a rollup; nobody can ever take it out.
    function slashed(address rollup) external view returns (uint256);
    /// @notice Sum of all books: what the pool must hold at least.
    function accounted() external view returns (uint256);

    /// @notice Factory only.
    function registerRollup(address rollup) external;

    /// @notice Rollup only: tells that something happened to it.
    function touch(uint64 finalBatch, Touch what) external;
    /// @notice Rollup only: reserves `amount` of a miner's stake for a commitment.
    function reserve(address miner, uint256 amount, uint64 finalBatch) external;
    /// @notice Rollup only: gives a reserve back.
    function release(address miner, uint256 amount) external;
    /// @notice Rollup only: gives a reserve back less a penalty, which is at most the reserve.
    function slash(address miner, uint256 reserved, uint256 penalty) external;
    /// @notice Rollup only: gives the first prover's reserve back and sets up to `reward` of the free rewards aside.
    function accept(address miner, uint256 reserved, uint256 reward, uint64 finalBatch)
        external
        returns (uint256 earmarked);
    /// @notice Rollup only: owes `amount` of the earmarked rewards to a miner, and puts `rest` of them back.
    function awardEarmarked(address miner, uint256 amount, uint256 rest) external;
    /// @notice Rollup only: gives a late prover's reserve back and owes it up to `amount` of the free rewards.
    function awardLate(address miner, uint256 reserved, uint256 amount) external returns (uint256 awarded);
}
