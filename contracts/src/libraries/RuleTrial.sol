// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITypeRule, Statement} from "../interfaces/ITypeRule.sol";
import {IZkPowFactory, Sample} from "../interfaces/IZkPowFactory.sol";
import {GuardedRule} from "./GuardedRule.sol";

/// @title What a type rule must show before it is registered
/// @notice That it and all it calls have code, that it takes a right proof with the gas that it declares, and that it takes
/// none of a few broken ones.
library RuleTrial {
    /// @dev A reveal must fit a transaction (EIP-7825: 16,777,216 gas), with room.
    uint256 internal constant MAXIMUM_VERIFICATION_GAS = 10_000_000;
    /// @dev Cost of a call itself.
    uint256 private constant CALL_OVERHEAD = 5_000;

    /// @return measuredGas what verifying the sample took
    function run(ITypeRule rule, Sample calldata sample) internal view returns (uint256 measuredGas) {
        _requireCode(address(rule));
        _requireAnswer(rule, abi.encodeCall(ITypeRule.parts, ()), 64);
        _requireAnswer(rule, abi.encodeCall(ITypeRule.verificationGas, ()), 32);
        _requireAnswer(rule, abi.encodeCall(ITypeRule.proofLengths, ()), 64);
        _requireAnswer(rule, abi.encodeCall(ITypeRule.bindsMiner, ()), 32);
        _requireAnswer(rule, abi.encodeCall(ITypeRule.hasExitRoots, ()), 32);
        address[] memory parts = rule.parts();
        for (uint256 i = 0; i < parts.length; i++) {
            _requireCode(parts[i]);
        }
        uint256 gas = _checkFigures(rule, sample.proof.length);
        bool yes;
        (yes, measuredGas) = _ask(rule, gas, sample.statement, sample.proof);
        if (!yes) revert IZkPowFactory.SampleRefused(address(rule), gas);

        uint256 last = sample.proof.length - 1;
        _refusesChangedByte(rule, gas, sample, 0);
        _refusesChangedByte(rule, gas, sample, last / 2);
        _refusesChangedByte(rule, gas, sample, last);
        _refusesOtherStatements(rule, gas, sample);
    }

    /// @dev What every type must bind: both ends, in state and in data. Chain, rollup and batch numbers some bind by them.
    function _refusesOtherStatements(ITypeRule rule, uint256 gas, Sample calldata sample) private view {
        Statement memory statement = sample.statement;
        statement.oldStateRoot = _flipped(statement.oldStateRoot);
        _refusesStatement(rule, gas, statement, sample.proof, "oldStateRoot");
        statement = sample.statement;
        statement.newStateRoot = _flipped(statement.newStateRoot);
        _refusesStatement(rule, gas, statement, sample.proof, "newStateRoot");
        statement = sample.statement;
        statement.oldAccInputHash = _flipped(statement.oldAccInputHash);
        _refusesStatement(rule, gas, statement, sample.proof, "oldAccInputHash");
        statement = sample.statement;
        statement.newAccInputHash = _flipped(statement.newAccInputHash);
        _refusesStatement(rule, gas, statement, sample.proof, "newAccInputHash");
        if (rule.hasExitRoots()) {
            statement = sample.statement;
            statement.newLocalExitRoot = _flipped(statement.newLocalExitRoot);
            _refusesStatement(rule, gas, statement, sample.proof, "newLocalExitRoot");
        }
        if (!rule.bindsMiner()) return;
        statement = sample.statement;
        statement.miner = address(uint160(statement.miner) ^ 1);
        _refusesStatement(rule, gas, statement, sample.proof, "miner");
    }

    function _checkFigures(ITypeRule rule, uint256 sampleLength) private view returns (uint256 gas) {
        gas = rule.verificationGas();
        (uint256 minimum, uint256 maximum) = rule.proofLengths();
        bool lengthsFit = minimum != 0 && minimum <= maximum && maximum <= type(uint32).max;
        if (gas == 0 || gas > MAXIMUM_VERIFICATION_GAS || !lengthsFit) {
            revert IZkPowFactory.RuleFigures(address(rule), gas, MAXIMUM_VERIFICATION_GAS, minimum, maximum);
        }
        if (sampleLength < minimum || sampleLength > maximum) revert IZkPowFactory.SampleRefused(address(rule), gas);
    }

    function _refusesChangedByte(ITypeRule rule, uint256 gas, Sample calldata sample, uint256 index) private view {
        bytes memory proof = sample.proof;
        proof[index] ^= 0x01;
        (bool yes,) = _ask(rule, gas, sample.statement, proof);
        if (yes) revert IZkPowFactory.BrokenProofAccepted(address(rule), index);
    }

    function _refusesStatement(
        ITypeRule rule,
        uint256 gas,
        Statement memory statement,
        bytes calldata proof,
        string memory changed
    ) private view {
        (bool yes,) = _ask(rule, gas, statement, proof);
        if (yes) revert IZkPowFactory.StatementNotBound(address(rule), changed);
    }

    function _flipped(bytes32 word) private pure returns (bytes32) {
        return word ^ bytes32(uint256(1));
    }

    function _ask(ITypeRule rule, uint256 given, Statement memory statement, bytes memory proof)
        private
        view
        returns (bool yes, uint256 used)
    {
        bytes memory question = abi.encodeCall(ITypeRule.verify, (statement, proof));
        // The call passes on 63/64 of what there is (EIP-150): a "no" for want of gas would be none.
        uint256 need = given + given / 63 + CALL_OVERHEAD;
        uint256 before = gasleft();
        if (before < need) revert IZkPowFactory.NotEnoughGas(before, need);
        yes = GuardedRule.saysYes(address(rule), given, question);
        used = before - gasleft();
    }

    /// @dev The answer to a question is at least so long.
    function _requireAnswer(ITypeRule rule, bytes memory question, uint256 length) private view {
        (bool success, bytes memory answer) = address(rule).staticcall(question);
        if (!success || answer.length < length) revert IZkPowFactory.NotATypeRule(address(rule));
    }

    function _requireCode(address account) private view {
        if (account.code.length == 0) revert IZkPowFactory.NotAContract(account);
    }
}
