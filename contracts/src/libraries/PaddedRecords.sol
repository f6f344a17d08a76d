// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchData} from "../interfaces/RollupTypes.sol";

/// @title The accumulated input hash of types whose batches are records of one length
/// @notice Per batch: sha256 of (hash before || sha256 of the zero-padded records || global exit root || timestamp, 8
/// bytes || coinbase). sha256 is a precompile for the EVM and a built-in for the circuits.
library PaddedRecords {
    /// @notice Which data a batch may hold.
    struct Layout {
        /// Length of one record, in bytes.
        uint32 recordBytes;
        /// Most records that a batch may hold.
        uint32 maxRecords;
        /// Length to which the data is padded with zero bytes before it is hashed.
        uint32 paddedBytes;
    }

    /// @notice A batch must hold whole records, `maxRecords` at most.
    error BatchDataLength(uint256 batchIndex, uint256 length, uint32 recordBytes, uint32 maxRecords);
    error ForcedBatchesUnsupported(uint256 batchIndex, uint64 minForcedTimestamp);

    /// @return newAccInputHash after the last batch
    /// @return nonEmpty batches with at least one record
    function accumulate(bytes32 accInputHash, BatchData[] calldata batches, address l2Coinbase, Layout memory layout)
        internal
        pure
        returns (bytes32 newAccInputHash, uint256 nonEmpty)
    {
        newAccInputHash = accInputHash;
        bytes memory padded = new bytes(layout.paddedBytes);
        for (uint256 i = 0; i < batches.length; i++) {
            BatchData calldata batch = batches[i];
            uint256 length = batch.transactions.length;
            if (length % layout.recordBytes != 0 || length / layout.recordBytes > layout.maxRecords) {
                revert BatchDataLength(i, length, layout.recordBytes, layout.maxRecords);
            }
            if (batch.minForcedTimestamp != 0) revert ForcedBatchesUnsupported(i, batch.minForcedTimestamp);
            _fill(padded, batch.transactions);
            newAccInputHash = sha256(
                abi.encodePacked(newAccInputHash, sha256(padded), batch.globalExitRoot, batch.timestamp, l2Coinbase)
            );
            if (length > 0) nonEmpty++;
        }
    }

    /// @dev One buffer for all batches: memory costs more the more of it is used.
    /// @param data not longer than the buffer
    function _fill(bytes memory padded, bytes calldata data) private pure {
        assembly ("memory-safe") {
            let start := add(padded, 32)
            calldatacopy(start, data.offset, data.length)
            // What is copied from beyond the calldata is zero.
            calldatacopy(add(start, data.length), calldatasize(), sub(mload(padded), data.length))
        }
    }

    /// @notice Batches of rollup type `transfers`: 0 to 8 records of 160 bytes.
    function transfers() internal pure returns (Layout memory) {
        return Layout({recordBytes: 160, maxRecords: 8, paddedBytes: 1280});
    }
}
