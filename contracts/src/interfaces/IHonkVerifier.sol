// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The verifier contract that Barretenberg generates for a circuit and a trusted set-up
interface IHonkVerifier {
    /// @notice Returns true for a right proof; reverts on any other.
    /// @param publicInputs elements of the BN254 scalar field, one a word
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool);
}
