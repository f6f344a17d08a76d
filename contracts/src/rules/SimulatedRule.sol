// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITypeRule, Statement} from "../interfaces/ITypeRule.sol";
import {BatchData} from "../interfaces/RollupTypes.sol";
import {LocalChain} from "../libraries/LocalChain.sol";
import {PaddedRecords} from "../libraries/PaddedRecords.sol";

/// @title Rule of types with simulated proofs, which anybody can make: for local chains only
/// @notice A proof is `salt || sha256("zkpow simulated proof" || salt || digest of the statement)`, 64 bytes.
contract SimulatedRule is ITypeRule {
    uint32 private immutable _recordBytes;
    uint32 private immutable _maxRecords;
    uint32 private immutable _paddedBytes;

    /// @param recordBytes length of one record of a batch
    /// @param maxRecords most records that a batch may hold
    /// @param paddedBytes length to which a batch is padded with zero bytes before it is hashed
    constructor(uint32 recordBytes, uint32 maxRecords, uint32 paddedBytes) {
        LocalChain.requireLocal();
        (_recordBytes, _maxRecords, _paddedBytes) = (recordBytes, maxRecords, paddedBytes);
    }

    /// @inheritdoc ITypeRule
    function accumulate(bytes32 accInputHash, BatchData[] calldata batches, address l2Coinbase)
        external
        view
        returns (bytes32, uint256)
    {
        PaddedRecords.Layout memory layout = PaddedRecords.Layout(_recordBytes, _maxRecords, _paddedBytes);
        return PaddedRecords.accumulate(accInputHash, batches, l2Coinbase, layout);
    }

    /// @inheritdoc ITypeRule
    function verify(Statement calldata statement, bytes calldata proof) external pure returns (bool) {
        if (proof.length != 64) return false;
        bytes32 salt = bytes32(proof[:32]);
        return
            bytes32(proof[32:]) == sha256(abi.encodePacked("zkpow simulated proof", salt, statementDigest(statement)));
    }

    /// @notice sha256 over the ten fields of a statement, 32 bytes each, numbers and addresses padded on the left.
    function statementDigest(Statement calldata statement) public pure returns (bytes32) {
        return sha256(abi.encode(statement));
    }

    /// @inheritdoc ITypeRule
    function verificationGas() external pure returns (uint256) {
        return 50_000;
    }

    /// @inheritdoc ITypeRule
    function proofLengths() external pure returns (uint256, uint256) {
        return (64, 64);
    }

    /// @inheritdoc ITypeRule
    function bindsMiner() external pure returns (bool) {
        return true;
    }

    /// @inheritdoc ITypeRule
    function hasExitRoots() external pure returns (bool) {
        return false;
    }

    /// @inheritdoc ITypeRule
    function proofSystem() external pure returns (string memory) {
        return "simulated";
    }

    /// @inheritdoc ITypeRule
    function circuitId() external pure returns (bytes32) {
        return sha256("zkpow simulated proof");
    }

    /// @inheritdoc ITypeRule
    function parts() external pure returns (address[] memory) {
        return new address[](0);
    }
}
