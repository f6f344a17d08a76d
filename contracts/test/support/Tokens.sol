// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that can be told to keep a fee of every transfer and to change balances.
contract TestToken is ERC20 {
    uint256 public fee;

    constructor() ERC20("Test", "T") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        _burn(from, amount);
    }

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (fee > 0 && from != address(0) && to != address(0)) super._update(from, address(0xFEE), fee);
        super._update(from, to, from == address(0) || to == address(0) ? amount : amount - fee);
    }
}

/// @notice As some old tokens are: six decimals, no answers, and an allowance changes only from zero or to zero.
contract OldToken {
    string public constant symbol = "OLD";
    uint8 public constant decimals = 6;
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        require(amount == 0 || allowance[msg.sender][spender] == 0, "set it to zero first");
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        move(from, to, amount);
    }

    function move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice A token that tells sender and receiver of every transfer, as ERC-777 does.
contract HookToken is ERC20 {
    constructor() ERC20("Hook", "H") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        tell(from);
        tell(to);
    }

    function tell(address account) private {
        if (account.code.length == 0) return;
        try HookThief(account).tokensMoved() {} catch {} // the pool has no such function
    }
}

/// @notice A miner that calls back into the pool while tokens move.
contract HookThief {
    address private immutable _pool;
    bytes private _again;
    bool public called;
    bool public reentered;

    constructor(address pool, address token) {
        _pool = pool;
        ERC20(token).approve(pool, type(uint256).max);
    }

    function armWith(bytes calldata again) external {
        _again = again;
        (called, reentered) = (false, false);
    }

    function call(bytes calldata data) external {
        (bool success,) = _pool.call(data);
        require(success, "call failed");
    }

    function tokensMoved() external {
        if (_again.length == 0) return;
        called = true;
        (bool success,) = _pool.call(_again);
        if (success) reentered = true;
    }
}

/// @notice A miner that calls back into the pool while it is being paid.
contract Reentrant {
    address private immutable _pool;
    bytes private _again;
    uint256 private _againValue;
    bool public called;
    bool public reenteredSuccessfully;

    constructor(address pool) {
        _pool = pool;
    }

    function call(uint256 value, bytes calldata data) external payable returns (bytes memory) {
        (bool success, bytes memory returned) = _pool.call{value: value}(data);
        require(success, "call failed");
        return returned;
    }

    function armWith(uint256 value, bytes calldata again) external {
        (_againValue, _again) = (value, again);
        (called, reenteredSuccessfully) = (false, false);
    }

    receive() external payable {
        if (_again.length == 0) return;
        called = true;
        (reenteredSuccessfully,) = _pool.call{value: _againValue}(_again);
    }
}
