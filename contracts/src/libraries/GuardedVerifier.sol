// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStatementVerifier, Statement} from "../interfaces/IStatementVerifier.sol";
import {IZkPowRollupErrors} from "../interfaces/IZkPowRollupErrors.sol";

/// @title Calls a verifier so that a right proof can never look wrong for want of gas
/// @dev A call gets at most 63/64 of the gas that is left (EIP-150), silently less than asked for. So the gas is looked
/// at first, after all encoding, and the verifier gets exactly its fixed amount.
library GuardedVerifier {
    /// @dev Cost of the call itself: a cold account (2,600) and what the compiler puts between check and call.
    uint256 private constant CALL_OVERHEAD = 5_000;

    /// @return true only if the verifier returned true; false if it reverted or returned anything else
    function verifies(address verifier, uint256 verifierGas, Statement memory statement, bytes calldata proof)
        internal
        view
        returns (bool)
    {
        bytes memory call = abi.encodeCall(IStatementVerifier.verifyStatement, (statement, proof));
        uint256 need = gasNeeded(verifierGas);
        uint256 have = gasleft();
        if (have < need) revert IZkPowRollupErrors.NotEnoughGas(have, need);
        (bool success, bytes memory result) = verifier.staticcall{gas: verifierGas}(call);
        return success && result.length == 32 && uint256(bytes32(result)) == 1;
    }

    /// @notice Gas that must be left for the verifier to get `verifierGas`.
    function gasNeeded(uint256 verifierGas) internal pure returns (uint256) {
        return verifierGas + verifierGas / 63 + 1 + CALL_OVERHEAD;
    }
}
