// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A miner's money with one rollup. `amount` >= `withdrawing` + `reserved` always.
struct Deposit {
    /// All of it, what is being withdrawn included.
    uint256 amount;
    /// On its way out: counts for nothing, can still be slashed.
    uint256 withdrawing;
    /// Held for the silence penalties of open commitments.
    uint256 reserved;
    /// Block from which on `withdrawing` may be taken.
    uint64 withdrawableBlock;
}

/// @notice A rollup's reward money.
struct Rewards {
    /// Not promised to anybody.
    uint256 free;
    /// Promised to the committers of rounds with an accepted proof.
    uint256 earmarked;
    /// Earned, not claimed yet.
    uint256 owed;
}

interface IZkPowPoolEvents {
    /// @notice The factory launched a rollup.
    event RollupRegistered(address indexed rollup);
    /// @notice A miner added to its deposit.
    event Deposited(address indexed rollup, address indexed miner, uint256 amount);
    /// @notice A miner wants `amount` more of its deposit back; all that it asked for can be taken from `withdrawableBlock` on.
    event WithdrawalRequested(address indexed rollup, address indexed miner, uint256 amount, uint64 withdrawableBlock);
    /// @notice What was being withdrawn counts again.
    event WithdrawalCancelled(address indexed rollup, address indexed miner, uint256 amount);
    /// @notice Deposit was paid out.
    event Withdrawn(address indexed rollup, address indexed miner, uint256 amount);
    /// @notice Somebody added to a rollup's reward money.
    event Funded(address indexed rollup, address indexed from, uint256 amount);
    /// @notice A miner has earned `amount`; it may claim it.
    event RewardOwed(address indexed rollup, address indexed miner, uint256 amount);
    /// @notice Earned money was paid out.
    event Claimed(address indexed rollup, address indexed miner, uint256 amount);
    /// @notice A penalty was taken from a deposit, for ever.
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
    /// @notice Free deposit (neither being withdrawn nor reserved) is too small.
    error InsufficientFreeDeposit(address miner, uint256 free, uint256 needed);
    error NothingToWithdraw(address miner);
    error WithdrawalTooEarly(uint256 blockNumber, uint64 withdrawableBlock);
    error NothingToClaim(address miner);
    /// @notice A rollup asked for more than is booked for it.
    error BooksTooSmall(uint256 booked, uint256 asked);
    error DelayOutOfRange(uint64 delayBlocks, uint64 limit);
}

/// @title Deposits, penalties and rewards of all rollups of one factory, in one coin or token
/// @notice Books are kept per (rollup, miner) and per rollup: a rollup can move only what is booked under its own
/// address. Reward money leaves only as rewards; slashed money never leaves.
interface IZkPowPool is IZkPowPoolEvents, IZkPowPoolErrors {
    /// @notice The ERC-20 token, or 0 for the chain's own coin.
    function asset() external view returns (address);
    /// @notice Registers rollups; moves no money.
    function factory() external view returns (address);
    /// @notice Blocks between asking for a withdrawal and taking it.
    function withdrawalDelayBlocks() external view returns (uint64);
    /// @notice Whether an address is a rollup of the factory.
    function isRollup(address rollup) external view returns (bool);

    /// @notice Adds to the caller's deposit with a rollup. Send the amount as value in a pool of the chain's own coin,
    /// approve it before in a pool of a token.
    function deposit(address rollup, uint256 amount) external payable;

    /// @notice Starts to take `amount` out of the caller's free deposit; asking again adds to it and starts the delay
    /// anew.
    function requestWithdrawal(address rollup, uint256 amount) external;
    /// @notice Puts what is being withdrawn back to work.
    function cancelWithdrawal(address rollup) external;
    /// @notice Pays what was asked for, after the delay.
    function withdraw(address rollup) external returns (uint256 amount);

    /// @notice Adds to a rollup's reward money, for good.
    function fund(address rollup, uint256 amount) external payable;
    /// @notice Pays the caller what it has earned with a rollup.
    function claim(address rollup) external returns (uint256 amount);

    /// @notice A miner's deposit with a rollup, with what is being withdrawn or reserved.
    function depositOf(address rollup, address miner) external view returns (Deposit memory);
    /// @notice Deposit that is neither being withdrawn nor reserved, counting reserves that settling would release.
    function freeDepositOf(address rollup, address miner) external view returns (uint256);
    /// @notice Deposit that is neither being withdrawn nor reserved, as booked.
    function unreservedDepositOf(address rollup, address miner) external view returns (uint256);
    /// @notice A rollup's reward money.
    function rewardsOf(address rollup) external view returns (Rewards memory);
    /// @notice What a miner has earned with a rollup and not claimed yet.
    function owed(address rollup, address miner) external view returns (uint256);
    /// @notice Sum of a rollup's deposits.
    function totalDeposits(address rollup) external view returns (uint256);
    /// @notice Sum taken by penalties; nobody can ever take it out.
    function slashed(address rollup) external view returns (uint256);
    /// @notice Sum of all books of all rollups: what the pool must hold at least.
    function accounted() external view returns (uint256);

    /// @notice Factory only.
    function registerRollup(address rollup) external;

    /// @notice Rollup only: reserves `amount` of a miner's deposit if `minimumFree` beside it stays free.
    /// @return weight the miner's whole deposit less what is being withdrawn
    function reserve(address miner, uint256 amount, uint256 minimumFree) external returns (uint256 weight);
    /// @notice Rollup only: gives a reserve back.
    function release(address miner, uint256 amount) external;
    /// @notice Rollup only: gives `reserveReleased` back and takes up to `amount`, never what is still reserved.
    function slash(address miner, uint256 amount, uint256 reserveReleased) external returns (uint256 taken);
    /// @notice Rollup only: sets up to `amount` of the free rewards aside.
    function earmark(uint256 amount) external returns (uint256 earmarked);
    /// @notice Rollup only: puts earmarked rewards back.
    function releaseEarmark(uint256 amount) external;
    /// @notice Rollup only: owes `amount` of the earmarked rewards to a miner.
    function awardEarmarked(address miner, uint256 amount) external;
    /// @notice Rollup only: owes up to `amount` of the free rewards to a miner.
    function awardFree(address miner, uint256 amount) external returns (uint256 awarded);
}
