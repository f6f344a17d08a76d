import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';

const vectors = z
  .object({
    paddedBytes: z.number(),
    l2Coinbase: z.string(),
    batches: z.array(
      z.object({
        transactions: z.string(),
        globalExitRoot: z.string(),
        timestamp: z.number(),
        accInputHash: z.string(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../vectors/acc-input-hash.json', import.meta.url), 'utf8')));

// The contract is held to the same vectors by contracts/test/Sequencing.t.sol.
test('the shared vectors are the sha256 chain that the format says', () => {
  let accInputHash: Buffer = Buffer.alloc(32);
  for (const batch of vectors.batches) {
    const data = Buffer.alloc(vectors.paddedBytes);
    bytes(batch.transactions).copy(data);
    const timestamp = Buffer.alloc(8);
    timestamp.writeBigUInt64BE(BigInt(batch.timestamp));
    const parts = [accInputHash, sha256(data), bytes(batch.globalExitRoot), timestamp, bytes(vectors.l2Coinbase)];
    accInputHash = sha256(Buffer.concat(parts));
    expect(`0x${accInputHash.toString('hex')}`).toBe(batch.accInputHash);
  }
});

test('the shared vectors hold an empty, a short and a full batch', () => {
  const lengths = vectors.batches.map(({ transactions }) => bytes(transactions).length);
  expect(lengths).toEqual(expect.arrayContaining([0, 160, vectors.paddedBytes]));
});

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}
