// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITypeRule, Statement} from "../interfaces/ITypeRule.sol";
import {IZkPowRollupErrors} from "../interfaces/IZkPowRollupErrors.sol";

/// @title Asks a type rule so that a right proof can never look wrong for want of gas
/// @dev A chain may reprice what a verifier uses, and a verifier that is short of gas may revert, or return false. So it
/// gets all the gas there is, less what the caller needs afterwards, and a "no" counts only if gas was left over.
library GuardedRule {
    /// @dev What the caller needs after a "yes": measured 130,000 at most.
    uint256 internal constant RESERVE = 200_000;
    /// @dev Cost of the call itself: a cold account (2,600), reading the answer, and what lies between check and call.
    uint256 private constant CALL_OVERHEAD = 5_000;
    /// @dev A call passes on 63/64 of what it has (EIP-150). Through four nested calls, as of a rule over a wrapper over a
    /// verifier over a precompile, up to 4/64 stays behind when the innermost one runs out.
    uint256 private constant LEFT_BEHIND = 16;

    /// @param floor gas that the rule needs at least
    /// @return whether the rule said yes; a "no" is one that was said with gas left over
    function verifies(address rule, uint256 floor, Statement memory statement, bytes calldata proof)
        internal
        view
        returns (bool)
    {
        bytes memory question = abi.encodeCall(ITypeRule.verify, (statement, proof));
        uint256 need = gasNeeded(floor);
        uint256 have = gasleft();
        if (have < need) revert IZkPowRollupErrors.NotEnoughGas(have, need);
        uint256 given = have - RESERVE - CALL_OVERHEAD;
        uint256 most = (have - CALL_OVERHEAD) - (have - CALL_OVERHEAD) / 64;
        if (given > most) given = most;
        bool yes = saysYes(rule, given, question);
        uint256 used = have - gasleft();
        if (!yes && used >= given - given / LEFT_BEHIND) revert IZkPowRollupErrors.VerificationUnknown(used, given);
        return yes;
    }

    /// @notice Gas that must be left before the call for the rule to get `floor`.
    function gasNeeded(uint256 floor) internal pure returns (uint256) {
        uint256 behind = floor / 63 + 1;
        return floor + (behind > RESERVE ? behind : RESERVE) + CALL_OVERHEAD;
    }

    /// @notice Whether a call of a rule with so much gas returns exactly `true`; only one word of the answer is read, however
    /// long it is.
    function saysYes(address rule, uint256 given, bytes memory question) internal view returns (bool yes) {
        assembly ("memory-safe") {
            mstore(0, 0)
            let success := staticcall(given, rule, add(question, 32), mload(question), 0, 32)
            yes := and(and(success, eq(returndatasize(), 32)), eq(mload(0), 1))
        }
    }
}
