// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchData} from "./RollupTypes.sol";

/// @notice What a final proof says: executing the data posted between two accumulated input hashes moves the state
/// from the old root to the new one.
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
    /// State root after the last batch. Comes from the caller.
    bytes32 newStateRoot;
    /// Accumulated input hash before the first batch.
    bytes32 oldAccInputHash;
    /// Accumulated input hash after the last batch.
    bytes32 newAccInputHash;
    /// What the sequence exports: an exit root, a withdraw root, or a digest of several such words. Comes from the caller;
    /// 0 for a type that exports nothing.
    bytes32 newLocalExitRoot;
    /// The address that reveals. A rule binds it to the proof if `bindsMiner()`.
    address miner;
}

/// @title All that is special about one rollup type
/// @notice How posted data is checked and chained, and which proofs prove a statement. Nothing else in a rollup knows a
/// hash function, a layout of public inputs or a proof system. A rule holds no state that changes.
interface ITypeRule {
    /// @notice Checks the data of consecutive batches and chains it to what was posted before; reverts on data that no
    /// proof could be about. May read blob hashes of the transaction.
    /// @param accInputHash accumulated input hash after the batch before the first of these, 0 at the start
    /// @return newAccInputHash binds all data posted up to the last of these
    /// @return payingBatches how many of them hold something: each of those may be rewarded
    function accumulate(bytes32 accInputHash, BatchData[] calldata batches, address l2Coinbase)
        external
        view
        returns (bytes32 newAccInputHash, uint256 payingBatches);

    /// @notice True only if `proof` proves `statement`. May revert or return false on a bad proof.
    function verify(Statement calldata statement, bytes calldata proof) external view returns (bool);

    /// @notice Gas that `verify` needs for every right proof, under the gas prices of today. It gets more where there is more.
    function verificationGas() external view returns (uint256);

    /// @notice Bytes that a proof has at least and at most; the same for proofs of one length.
    function proofLengths() external view returns (uint256 minimum, uint256 maximum);

    /// @notice Whether a proof made for one miner proves nothing for another.
    function bindsMiner() external view returns (bool);

    /// @notice Whether statements have a `newLocalExitRoot`; else it must be 0.
    function hasExitRoots() external view returns (bool);

    /// @notice Name of the proof system: `noir`, `simulated`, …
    function proofSystem() external view returns (string memory);

    /// @notice Digest of the circuits and keys that a proof must come from.
    function circuitId() external view returns (bytes32);

    /// @notice The contracts that it calls. Each must have code.
    function parts() external view returns (address[] memory);
}
