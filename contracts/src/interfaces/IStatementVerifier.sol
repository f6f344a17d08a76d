// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a final proof says: executing the data posted between two accumulated input hashes moves the state
/// from the old root to the new one, proved by `miner`.
struct Statement {
    /// EIP-155 id of the base chain.
    uint256 chainId;
    /// The rollup's contract.
    address rollup;
    /// First batch of the sequence, from 1.
    uint64 firstBatch;
    /// Last batch of the sequence.
    uint64 lastBatch;
    /// State root before the first batch.
    bytes32 oldStateRoot;
    /// State root after the last batch; the only word that comes from the caller.
    bytes32 newStateRoot;
    /// Accumulated input hash before the first batch.
    bytes32 oldAccInputHash;
    /// Accumulated input hash after the last batch.
    bytes32 newAccInputHash;
    /// The address the proof is bound to.
    address miner;
}

/// @title Verifier of one rollup type
/// @notice Tells whether a proof proves a statement. A rollup type brings one; nothing else in the rollup knows the
/// proof system.
interface IStatementVerifier {
    /// @notice True only if `proof` proves `statement`. May revert or return false on a bad proof, never change state,
    /// and needs at most `verifierGas()` gas for a right one.
    function verifyStatement(Statement calldata statement, bytes calldata proof) external view returns (bool);

    /// @notice Name of the proof system: `noir` or `simulated`.
    function proofSystem() external view returns (string memory);

    /// @notice Digest of the circuits and keys that a proof must come from.
    function circuitId() external view returns (bytes32);

    /// @notice Length of every proof, in bytes.
    function proofLength() external view returns (uint256);

    /// @notice Gas that a call of `verifyStatement` is given: enough for every right proof.
    function verifierGas() external view returns (uint256);
}
