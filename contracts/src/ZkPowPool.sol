// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IZkPowPool, Rewards, RollupStake, Stake, Touch} from "./interfaces/IZkPowPool.sol";

/// @title The money of all rollups of one factory
contract ZkPowPool is IZkPowPool, ReentrancyGuard {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @inheritdoc IZkPowPool
    address public immutable asset;
    /// @inheritdoc IZkPowPool
    address public immutable factory;

    /// @dev Stands for "no cap" once a rollup has held anything: its slot is never zero again, and so costs 17,100 gas less
    /// whenever a first reserve is taken.
    uint128 private constant NO_CAP = type(uint128).max;

    /// @inheritdoc IZkPowPool
    mapping(address rollup => bool) public isRollup;
    mapping(address miner => Stake) private _stakes;
    mapping(address rollup => mapping(address miner => RollupStake)) private _rollupStakes;
    mapping(address rollup => Rewards) private _rewards;
    /// @inheritdoc IZkPowPool
    mapping(address rollup => mapping(address miner => uint256)) public owed;
    /// @inheritdoc IZkPowPool
    mapping(address rollup => uint256) public slashed;
    /// @inheritdoc IZkPowPool
    uint256 public totalStake;
    /// @inheritdoc IZkPowPool
    uint256 public accounted;

    /// @param asset_ ERC-20 token of stakes and rewards, 0 for the chain's own coin
    /// @param factory_ registers the rollups; need not exist yet
    constructor(address asset_, address factory_) {
        asset = asset_;
        factory = factory_;
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
    function deposit(uint256 amount) external payable nonReentrant {
        _take(amount);
        _stakes[msg.sender].amount += amount.toUint128();
        totalStake += amount;
        emit Deposited(msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function withdraw(uint256 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        Stake storage stake = _stakes[msg.sender];
        _requireFree(stake, msg.sender, amount);
        stake.amount -= uint128(amount); // at most what is free
        totalStake -= amount;
        emit Withdrawn(msg.sender, amount);
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function setCap(address rollup, uint256 cap) external {
        _checkRollup(rollup);
        _rollupStakes[rollup][msg.sender].cap = cap.toUint128();
        emit CapSet(msg.sender, rollup, cap);
    }

    /// @inheritdoc IZkPowPool
    function fund(address rollup, uint256 amount) external payable nonReentrant {
        _checkRollup(rollup);
        _take(amount);
        _rewards[rollup].free += amount.toUint128();
        emit Funded(rollup, msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function claim(address rollup) external nonReentrant returns (uint256 amount) {
        amount = owed[rollup][msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        owed[rollup][msg.sender] = 0;
        _rewards[rollup].owed -= uint128(amount); // part of that sum
        emit Claimed(rollup, msg.sender, amount);
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IZkPowPool
    function touch(uint64 finalBatch, Touch what) external onlyRollup {
        emit RollupTouched(msg.sender, finalBatch, what);
    }

    /// @inheritdoc IZkPowPool
    function reserve(address miner, uint256 amount, uint64 finalBatch) external onlyRollup {
        Stake storage stake = _stakes[miner];
        _requireFree(stake, miner, amount);
        RollupStake storage held = _rollupStakes[msg.sender][miner];
        (uint256 reserved, uint256 cap) = (held.reserved, held.cap);
        if (cap == 0) held.cap = NO_CAP;
        else if (reserved + amount > cap) revert CapReached(miner, msg.sender, reserved, amount, cap);
        stake.reserved += uint128(amount); // at most what is free
        held.reserved += uint128(amount);
        emit RollupTouched(msg.sender, finalBatch, Touch.Committed);
    }

    /// @inheritdoc IZkPowPool
    function release(address miner, uint256 amount) external onlyRollup {
        _release(miner, amount);
    }

    /// @inheritdoc IZkPowPool
    function slash(address miner, uint256 reserved, uint256 penalty) external onlyRollup {
        if (penalty > reserved) revert BooksTooSmall(reserved, penalty);
        _release(miner, reserved);
        _stakes[miner].amount -= uint128(penalty); // part of what was reserved
        totalStake -= penalty;
        slashed[msg.sender] += penalty;
        emit Slashed(msg.sender, miner, penalty);
    }

    /// @inheritdoc IZkPowPool
    function accept(address miner, uint256 reserved, uint256 reward, uint64 finalBatch)
        external
        onlyRollup
        returns (uint256 earmarked)
    {
        _release(miner, reserved);
        Rewards storage rewards = _rewards[msg.sender];
        uint128 free = rewards.free;
        earmarked = Math.min(reward, free);
        rewards.free = free - uint128(earmarked);
        rewards.earmarked += uint128(earmarked);
        emit RollupTouched(msg.sender, finalBatch, Touch.Accepted);
    }

    /// @inheritdoc IZkPowPool
    function awardEarmarked(address miner, uint256 amount, uint256 rest) external onlyRollup {
        Rewards storage rewards = _rewards[msg.sender];
        if (rewards.earmarked < amount + rest) revert BooksTooSmall(rewards.earmarked, amount + rest);
        rewards.earmarked -= uint128(amount + rest);
        rewards.free += uint128(rest);
        _owe(rewards, miner, amount);
    }

    /// @inheritdoc IZkPowPool
    function awardLate(address miner, uint256 reserved, uint256 amount) external onlyRollup returns (uint256 awarded) {
        _release(miner, reserved);
        Rewards storage rewards = _rewards[msg.sender];
        awarded = Math.min(amount, rewards.free);
        rewards.free -= uint128(awarded);
        _owe(rewards, miner, awarded);
    }

    /// @inheritdoc IZkPowPool
    function stakeOf(address miner) external view returns (Stake memory) {
        return _stakes[miner];
    }

    /// @inheritdoc IZkPowPool
    function rollupStakeOf(address rollup, address miner) external view returns (RollupStake memory held) {
        held = _rollupStakes[rollup][miner];
        if (held.cap == NO_CAP) held.cap = 0;
    }

    /// @inheritdoc IZkPowPool
    function reservableOf(address rollup, address miner) external view returns (uint256) {
        _checkRollup(rollup);
        Stake memory stake = _stakes[miner];
        RollupStake memory held = _rollupStakes[rollup][miner];
        uint256 free = stake.amount - stake.reserved;
        if (held.cap == 0) return free;
        return held.reserved >= held.cap ? 0 : Math.min(free, held.cap - held.reserved);
    }

    /// @inheritdoc IZkPowPool
    function rewardsOf(address rollup) external view returns (Rewards memory) {
        return _rewards[rollup];
    }

    function _checkRollup(address rollup) private view {
        if (!isRollup[rollup]) revert NotARollup(rollup);
    }

    function _requireFree(Stake storage stake, address miner, uint256 needed) private view {
        uint256 free = stake.amount - stake.reserved;
        if (free < needed) revert InsufficientFreeStake(miner, free, needed);
    }

    function _release(address miner, uint256 amount) private {
        if (amount == 0) return;
        RollupStake storage held = _rollupStakes[msg.sender][miner];
        if (held.reserved < amount) revert BooksTooSmall(held.reserved, amount);
        held.reserved -= uint128(amount);
        _stakes[miner].reserved -= uint128(amount);
    }

    function _owe(Rewards storage rewards, address miner, uint256 amount) private {
        if (amount == 0) return;
        rewards.owed += uint128(amount); // was part of the free or earmarked money
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
