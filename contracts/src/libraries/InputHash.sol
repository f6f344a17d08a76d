// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchData, DataRule} from "../interfaces/RollupTypes.sol";

/// @title The accumulated input hash: it binds all data posted up to a batch
library InputHash {
    /// @notice sha256 of (hash before || sha256 of the padded data || global exit root || timestamp, 8 bytes || coinbase)
    function next(bytes32 accInputHash, BatchData calldata batch, DataRule memory rule, address l2Coinbase)
        internal
        pure
        returns (bytes32)
    {
        bytes memory padding = new bytes(rule.paddedBytes - batch.transactions.length);
        bytes32 dataHash = sha256(abi.encodePacked(batch.transactions, padding));
        return sha256(abi.encodePacked(accInputHash, dataHash, batch.globalExitRoot, batch.timestamp, l2Coinbase));
    }

    /// @notice Whether data of this length is 0 to `maxRecords` whole records.
    function isWholeRecords(uint256 length, DataRule memory rule) internal pure returns (bool) {
        return length % rule.recordBytes == 0 && length / rule.recordBytes <= rule.maxRecords;
    }

    function isUsable(DataRule memory rule) internal pure returns (bool) {
        if (rule.recordBytes == 0 || rule.maxRecords == 0) return false;
        return uint256(rule.recordBytes) * rule.maxRecords <= rule.paddedBytes;
    }
}
