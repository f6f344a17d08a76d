// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Deposit, IZkPowPool, Rewards} from "./interfaces/IZkPowPool.sol";
import {IZkPowRollup} from "./interfaces/IZkPowRollup.sol";

/// @title The money of all rollups of one factory
contract ZkPowPool is IZkPowPool, ReentrancyGuard {
    using SafeERC20 for IERC20;

    /// @dev About two years of 12 s blocks.
    uint64 private constant MAXIMUM_DELAY_BLOCKS = 5_000_000;

    /// @inheritdoc IZkPowPool
    address public immutable asset;
    /// @inheritdoc IZkPowPool
    address public immutable factory;
    /// @inheritdoc IZkPowPool
    uint64 public immutable withdrawalDelayBlocks;

    /// @inheritdoc IZkPowPool
    mapping(address rollup => bool) public isRollup;
    mapping(address rollup => mapping(address miner => Deposit)) private _deposits;
    mapping(address rollup => Rewards) private _rewards;
    /// @inheritdoc IZkPowPool
    mapping(address rollup => mapping(address miner => uint256)) public owed;
    /// @inheritdoc IZkPowPool
    mapping(address rollup => uint256) public totalDeposits;
    /// @inheritdoc IZkPowPool
    mapping(address rollup => uint256) public slashed;
    /// @inheritdoc IZkPowPool
    uint256 public accounted;

    /// @param asset_ ERC-20 token of deposits and rewards, 0 for the chain's own coin
    /// @param withdrawalDelayBlocks_ blocks between asking for a deposit back and getting it
    /// @param factory_ registers the rollups; need not exist yet
    constructor(address asset_, uint64 withdrawalDelayBlocks_, address factory_) {
        if (withdrawalDelayBlocks_ == 0 || withdrawalDelayBlocks_ > MAXIMUM_DELAY_BLOCKS) {
            revert DelayOutOfRange(withdrawalDelayBlocks_, MAXIMUM_DELAY_BLOCKS);
        }
        asset = asset_;
        factory = factory_;
        withdrawalDelayBlocks = withdrawalDelayBlocks_;
    }

    /// @dev The caller moves only what is booked under its own address.
    modifier onlyRollup() {
        _checkRollup(msg.sender);
        _;
    }

    /// @inheritdoc IZkPowPool
    function registerRollup(address rollup) external {
        if (msg.sender != factory) revert NotTheFactory(msg.sender, factory);
        if (isRollup[rollup]) revert AlreadyRegistered(rollup);
        isRollup[rollup] = true;
        emit RollupRegistered(rollup);
    }

    /// @inheritdoc IZkPowPool
    function deposit(address rollup, uint256 amount) external payable nonReentrant {
        _checkRollup(rollup);
        _take(amount);
        _deposits[rollup][msg.sender].amount += amount;
        totalDeposits[rollup] += amount;
        emit Deposited(rollup, msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function requestWithdrawal(address rollup, uint256 amount) external {
        _checkRollup(rollup);
        if (amount == 0) revert ZeroAmount();
        if (unreservedDepositOf(rollup, msg.sender) < amount) {
            IZkPowRollup(rollup).settleMany(msg.sender, type(uint256).max);
        }
        _requireFree(rollup, msg.sender, amount);
        Deposit storage account = _deposits[rollup][msg.sender];
        account.withdrawing += amount;
        account.withdrawableBlock = uint64(block.number) + withdrawalDelayBlocks;
        emit WithdrawalRequested(rollup, msg.sender, amount, account.withdrawableBlock);
    }

    /// @inheritdoc IZkPowPool
    function cancelWithdrawal(address rollup) external {
        Deposit storage account = _deposits[rollup][msg.sender];
        uint256 amount = account.withdrawing;
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        account.withdrawing = 0;
        emit WithdrawalCancelled(rollup, msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function withdraw(address rollup) external nonReentrant returns (uint256 amount) {
        Deposit storage account = _deposits[rollup][msg.sender];
        amount = account.withdrawing;
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        if (block.number < account.withdrawableBlock) {
            revert WithdrawalTooEarly(block.number, account.withdrawableBlock);
        }
        account.withdrawing = 0;
        account.amount -= amount;
        totalDeposits[rollup] -= amount;
        emit Withdrawn(rollup, msg.sender, amount);
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function fund(address rollup, uint256 amount) external payable nonReentrant {
        _checkRollup(rollup);
        _take(amount);
        _rewards[rollup].free += amount;
        emit Funded(rollup, msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function claim(address rollup) external nonReentrant returns (uint256 amount) {
        amount = owed[rollup][msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        owed[rollup][msg.sender] = 0;
        _rewards[rollup].owed -= amount;
        emit Claimed(rollup, msg.sender, amount);
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function reserve(address miner, uint256 amount, uint256 minimumFree) external onlyRollup returns (uint256 weight) {
        _requireFree(msg.sender, miner, minimumFree + amount);
        Deposit storage account = _deposits[msg.sender][miner];
        account.reserved += amount;
        return account.amount - account.withdrawing;
    }

    /// @inheritdoc IZkPowPool
    function release(address miner, uint256 amount) external onlyRollup {
        _release(_deposits[msg.sender][miner], amount);
    }

    /// @inheritdoc IZkPowPool
    function slash(address miner, uint256 amount, uint256 reserveReleased) external onlyRollup returns (uint256 taken) {
        Deposit storage account = _deposits[msg.sender][miner];
        _release(account, reserveReleased);
        taken = Math.min(amount, account.amount - account.reserved);
        account.amount -= taken;
        account.withdrawing = Math.min(account.withdrawing, account.amount - account.reserved);
        totalDeposits[msg.sender] -= taken;
        slashed[msg.sender] += taken;
        emit Slashed(msg.sender, miner, taken);
    }

    /// @inheritdoc IZkPowPool
    function earmark(uint256 amount) external onlyRollup returns (uint256 earmarked) {
        Rewards storage rewards = _rewards[msg.sender];
        earmarked = Math.min(amount, rewards.free);
        rewards.free -= earmarked;
        rewards.earmarked += earmarked;
    }

    /// @inheritdoc IZkPowPool
    function releaseEarmark(uint256 amount) external onlyRollup {
        Rewards storage rewards = _rewards[msg.sender];
        _takeEarmarked(rewards, amount);
        rewards.free += amount;
    }

    /// @inheritdoc IZkPowPool
    function awardEarmarked(address miner, uint256 amount) external onlyRollup {
        Rewards storage rewards = _rewards[msg.sender];
        _takeEarmarked(rewards, amount);
        _owe(rewards, miner, amount);
    }

    /// @inheritdoc IZkPowPool
    function awardFree(address miner, uint256 amount) external onlyRollup returns (uint256 awarded) {
        Rewards storage rewards = _rewards[msg.sender];
        awarded = Math.min(amount, rewards.free);
        rewards.free -= awarded;
        _owe(rewards, miner, awarded);
    }

    /// @inheritdoc IZkPowPool
    function depositOf(address rollup, address miner) external view returns (Deposit memory) {
        return _deposits[rollup][miner];
    }

    /// @inheritdoc IZkPowPool
    function freeDepositOf(address rollup, address miner) external view returns (uint256) {
        _checkRollup(rollup);
        return unreservedDepositOf(rollup, miner) + IZkPowRollup(rollup).releasableReserve(miner);
    }

    /// @inheritdoc IZkPowPool
    function unreservedDepositOf(address rollup, address miner) public view returns (uint256) {
        Deposit storage account = _deposits[rollup][miner];
        return account.amount - account.withdrawing - account.reserved;
    }

    /// @inheritdoc IZkPowPool
    function rewardsOf(address rollup) external view returns (Rewards memory) {
        return _rewards[rollup];
    }

    function _checkRollup(address rollup) private view {
        if (!isRollup[rollup]) revert NotARollup(rollup);
    }

    function _requireFree(address rollup, address miner, uint256 needed) private view {
        uint256 free = unreservedDepositOf(rollup, miner);
        if (free < needed) revert InsufficientFreeDeposit(miner, free, needed);
    }

    function _release(Deposit storage account, uint256 amount) private {
        if (account.reserved < amount) revert BooksTooSmall(account.reserved, amount);
        account.reserved -= amount;
    }

    function _takeEarmarked(Rewards storage rewards, uint256 amount) private {
        if (rewards.earmarked < amount) revert BooksTooSmall(rewards.earmarked, amount);
        rewards.earmarked -= amount;
    }

    function _owe(Rewards storage rewards, address miner, uint256 amount) private {
        rewards.owed += amount;
        owed[msg.sender][miner] += amount;
        emit RewardOwed(msg.sender, miner, amount);
    }

    /// @dev Takes exactly `amount` from the caller, or reverts.
    function _take(uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        uint256 expectedValue = asset == address(0) ? amount : 0;
        if (msg.value != expectedValue) revert WrongValue(msg.value, expectedValue);
        if (asset != address(0)) _takeToken(amount);
        accounted += amount;
    }

    function _takeToken(uint256 amount) private {
        uint256 balance = IERC20(asset).balanceOf(address(this));
        if (balance < accounted) revert TokenBalanceShort(balance, accounted);
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(asset).balanceOf(address(this)) - balance;
        if (received != amount) revert TokenAmountMismatch(received, amount);
    }

    /// @dev Last thing a call does: all books are closed by then.
    function _pay(address to, uint256 amount) private {
        accounted -= amount;
        if (asset == address(0)) Address.sendValue(payable(to), amount);
        else IERC20(asset).safeTransfer(to, amount);
    }
}
