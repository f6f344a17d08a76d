// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITypeRule, Statement} from "../src/interfaces/ITypeRule.sol";
import {BatchData} from "../src/interfaces/RollupTypes.sol";

/// @title A rule whose verifier can be made dearer, as a chain does that reprices what it uses
/// @notice Of a scenario, for local chains: everything but the gas is another rule's.
contract RepricedRule is ITypeRule {
    ITypeRule private immutable _rule;
    /// @notice Gas that verifying a rollup's proof takes besides; anybody may set it.
    mapping(address rollup => uint256) public extraGas;

    constructor(ITypeRule rule) {
        _rule = rule;
    }

    function reprice(address rollup, uint256 gas) external {
        extraGas[rollup] = gas;
    }

    function verify(Statement calldata statement, bytes calldata proof) external view returns (bool) {
        uint256 extra = extraGas[statement.rollup];
        uint256 before = gasleft();
        while (before - gasleft() < extra) {}
        return _rule.verify(statement, proof);
    }

    function accumulate(bytes32 accInputHash, BatchData[] calldata batches, address l2Coinbase)
        external
        view
        returns (bytes32, uint256)
    {
        return _rule.accumulate(accInputHash, batches, l2Coinbase);
    }

    function verificationGas() external view returns (uint256) {
        return _rule.verificationGas() + 20_000;
    }

    function proofLengths() external view returns (uint256, uint256) {
        return _rule.proofLengths();
    }

    function bindsMiner() external view returns (bool) {
        return _rule.bindsMiner();
    }

    function hasExitRoots() external view returns (bool) {
        return _rule.hasExitRoots();
    }

    function proofSystem() external view returns (string memory) {
        return _rule.proofSystem();
    }

    function circuitId() external view returns (bytes32) {
        return _rule.circuitId();
    }

    function parts() external view returns (address[] memory addresses) {
        addresses = new address[](1);
        addresses[0] = address(_rule);
    }
}
