// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IHonkVerifier} from "../interfaces/IHonkVerifier.sol";
import {ITypeRule, Statement} from "../interfaces/ITypeRule.sol";
import {BatchData} from "../interfaces/RollupTypes.sol";
import {LocalChain} from "../libraries/LocalChain.sol";
import {PaddedRecords} from "../libraries/PaddedRecords.sol";

/// @title Rule of rollup type `transfers`: its data, and a statement in the words of the final circuit
contract TransfersRule is ITypeRule {
    /// @dev Order of the BN254 scalar field: a state root is an element of it.
    uint256 private constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant PUBLIC_INPUTS = 11;

    IHonkVerifier public immutable honkVerifier;
    /// @inheritdoc ITypeRule
    bytes32 public immutable circuitId;
    uint256 private immutable _proofLength;
    /// @inheritdoc ITypeRule
    uint256 public immutable verificationGas;
    /// @notice Its trusted set-up is a generated one, whose secret anybody knows: for local chains only.
    bool public immutable developmentSetup;

    error NotAContract(address account);

    constructor(
        IHonkVerifier honkVerifier_,
        bytes32 circuitId_,
        uint256 proofLength_,
        uint256 verificationGas_,
        bool developmentSetup_
    ) {
        if (address(honkVerifier_).code.length == 0) {
            revert NotAContract(address(honkVerifier_));
        }
        if (developmentSetup_) LocalChain.requireLocal();
        honkVerifier = honkVerifier_;
        circuitId = circuitId_;
        _proofLength = proofLength_;
        verificationGas = verificationGas_;
        developmentSetup = developmentSetup_;
    }

    /// @inheritdoc ITypeRule
    function accumulate(bytes32 accInputHash, BatchData[] calldata batches, address l2Coinbase)
        external
        pure
        returns (bytes32, uint256)
    {
        return PaddedRecords.accumulate(accInputHash, batches, l2Coinbase, PaddedRecords.transfers());
    }

    /// @inheritdoc ITypeRule
    function verify(Statement calldata statement, bytes calldata proof) external view returns (bool) {
        if (uint256(statement.newStateRoot) >= FIELD_ORDER || uint256(statement.oldStateRoot) >= FIELD_ORDER) {
            return false;
        }
        // The generated verifier reverts on a bad proof.
        try honkVerifier.verify(proof, publicInputs(statement)) returns (bool verified) {
            return verified;
        } catch {
            return false;
        }
    }

    /// @inheritdoc ITypeRule
    function proofLengths() external view returns (uint256, uint256) {
        return (_proofLength, _proofLength);
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
        return "noir";
    }

    /// @inheritdoc ITypeRule
    function parts() external view returns (address[] memory) {
        address[] memory called = new address[](1);
        called[0] = address(honkVerifier);
        return called;
    }

    /// @notice Public inputs of the final circuit: the 32-byte hashes as two 128-bit limbs, high one first.
    function publicInputs(Statement calldata statement) public pure returns (bytes32[] memory words) {
        words = new bytes32[](PUBLIC_INPUTS);
        words[0] = statement.oldStateRoot;
        words[1] = statement.newStateRoot;
        words[2] = bytes32(uint256(statement.firstBatch));
        words[3] = bytes32(uint256(statement.lastBatch));
        words[4] = bytes32(statement.chainId);
        words[5] = bytes32(uint256(uint160(statement.rollup)));
        (words[6], words[7]) = _limbs(statement.oldAccInputHash);
        (words[8], words[9]) = _limbs(statement.newAccInputHash);
        words[10] = bytes32(uint256(uint160(statement.miner)));
    }

    function _limbs(bytes32 word) private pure returns (bytes32 high, bytes32 low) {
        high = word >> 128;
        low = bytes32(uint256(uint128(uint256(word))));
    }
}
