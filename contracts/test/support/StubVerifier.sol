// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStatementVerifier, Statement} from "../../src/interfaces/IStatementVerifier.sol";

/// @notice Answers and says of itself what it is told to.
contract StubVerifier is IStatementVerifier {
    uint256 public immutable verifierGas;
    uint256 public immutable proofLength;
    bool private immutable answer;

    constructor(bool answers, uint256 gas, uint256 length) {
        answer = answers;
        verifierGas = gas;
        proofLength = length;
    }

    function verifyStatement(Statement calldata, bytes calldata) external view returns (bool) {
        return answer;
    }

    function proofSystem() external pure returns (string memory) {
        return "stub";
    }

    function circuitId() external pure returns (bytes32) {
        return 0;
    }
}
