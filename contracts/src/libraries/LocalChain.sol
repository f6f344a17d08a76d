// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Chain ids of development chains
/// @notice What must never carry value on a public chain (simulated proofs, a development trusted set-up) is refused
/// anywhere else. The ids are those of Geth's and Ganache's (1337), Hardhat's and Anvil's (31337) development chains
/// and a few next to them for several chains on one machine.
library LocalChain {
    error NotALocalChain(uint256 chainId);

    function isLocal(uint256 chainId) internal pure returns (bool) {
        return chainId == 1337 || chainId == 1338 || (chainId >= 31_337 && chainId <= 31_346);
    }

    function requireLocal() internal view {
        if (!isLocal(block.chainid)) revert NotALocalChain(block.chainid);
    }
}
