import { getBytes, sha256, solidityPackedSha256 } from 'ethers';
import type { BatchContent } from '../domain/rollup-type.js';
import type { Hex } from '../domain/sequence.js';

/**
 * Accumulated input hash after a batch: sha256 over the hash before, the sha256 of the data filled up with zero bytes to
 * the type's batch size, the global exit root, the timestamp and the coinbase, packed.
 */
export function accumulatePadded(previous: Hex, batch: BatchContent, batchBytes: number): Hex {
  const data = getBytes(batch.transactions);
  if (data.length > batchBytes) {
    throw new Error(`A batch has ${data.length} bytes, expected at most the ${batchBytes} of its rollup type`);
  }
  const padded = new Uint8Array(batchBytes);
  padded.set(data);
  return asHex(
    solidityPackedSha256(
      ['bytes32', 'bytes32', 'bytes32', 'uint64', 'address'],
      [previous, sha256(padded), batch.globalExitRoot, batch.timestamp, batch.l2Coinbase],
    ),
  );
}

function asHex(text: string): Hex {
  return `0x${text.slice(2).toLowerCase()}`;
}
