// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStatementVerifier, Statement} from "../interfaces/IStatementVerifier.sol";
import {LocalChain} from "../libraries/LocalChain.sol";

/// @title Verifier of simulated proofs, which anybody can make: for local chains only
/// @notice A proof is `salt || sha256("zkpow simulated proof" || salt || digest of the statement)`, 64 bytes.
contract SimulatedVerifier is IStatementVerifier {
    constructor() {
        LocalChain.requireLocal();
    }

    /// @inheritdoc IStatementVerifier
    function verifyStatement(Statement calldata statement, bytes calldata proof) external pure returns (bool) {
        if (proof.length != 64) return false;
        bytes32 salt = bytes32(proof[:32]);
        return
            bytes32(proof[32:]) == sha256(abi.encodePacked("zkpow simulated proof", salt, statementDigest(statement)));
    }

    /// @notice sha256 over the nine fields of a statement, 32 bytes each, numbers and addresses padded on the left.
    function statementDigest(Statement calldata statement) public pure returns (bytes32) {
        return sha256(abi.encode(statement));
    }

    /// @inheritdoc IStatementVerifier
    function proofSystem() external pure returns (string memory) {
        return "simulated";
    }

    /// @inheritdoc IStatementVerifier
    function circuitId() external pure returns (bytes32) {
        return sha256("zkpow simulated proof");
    }

    /// @inheritdoc IStatementVerifier
    function proofLength() external pure returns (uint256) {
        return 64;
    }

    /// @inheritdoc IStatementVerifier
    function verifierGas() external pure returns (uint256) {
        return 50_000;
    }
}
