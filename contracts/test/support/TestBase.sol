// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "./Vm.sol";

/// @notice What forge needs of a test contract, and the comparisons the tests use.
abstract contract TestBase {
    bool public constant IS_TEST = true;
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(string what, uint256 actual, uint256 expected);
    error NotTrue(string what);

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

    function revertReason(bytes memory returned) internal pure returns (bytes4) {
        return bytes4(returned);
    }
}
