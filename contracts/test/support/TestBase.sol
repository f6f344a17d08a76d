// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "./Vm.sol";

/// @notice What forge needs of a test contract, and the comparisons the tests use.
abstract contract TestBase {
    bool public constant IS_TEST = true;
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(string what, uint256 actual, uint256 expected);
    error NotTrue(string what);
    error WrongRevert(bytes returned, bytes expected);
    error CallFailed(bytes returned);

    function check(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function checkEqual(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqual(what, actual, expected);
    }

    function checkEqual(bytes32 actual, bytes32 expected, string memory what) internal pure {
        checkEqual(uint256(actual), uint256(expected), what);
    }

    function checkEqual(address actual, address expected, string memory what) internal pure {
        checkEqual(uint160(actual), uint160(expected), what);
    }

    function bound(uint256 value, uint256 minimum, uint256 maximum) internal pure returns (uint256) {
        if (value >= minimum && value <= maximum) return value;
        return minimum + value % (maximum - minimum + 1);
    }

    function tryFrom(address sender, address target, bytes memory call) internal returns (bool, bytes memory) {
        vm.prank(sender);
        return target.call(call);
    }

    /// @dev Whether a call from `sender` would succeed now; changes nothing.
    function succeeds(address sender, address target, bytes memory call) internal returns (bool success) {
        uint256 snapshot = vm.snapshotState();
        vm.prank(sender);
        (success,) = target.call(call);
        vm.revertToState(snapshot);
    }

    /// @dev The call must revert with exactly this error.
    function checkReverts(address sender, address target, bytes memory call, bytes memory expected) internal {
        vm.prank(sender);
        (bool success, bytes memory returned) = target.call(call);
        check(!success, "the call must revert");
        if (keccak256(returned) != keccak256(expected)) revert WrongRevert(returned, expected);
    }
}
