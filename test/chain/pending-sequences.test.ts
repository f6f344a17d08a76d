import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listCommittedSequences, listProvedSequences } from '../../activities/chain/pending-sequences.js';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import { sha256Hex } from '../../activities/storage/artifact-store.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { word32 } from '../support/proof-samples.js';
import { openTestChain, type TestChain } from '../support/test-chain.js';
import { startTestRollup, type TestRollup } from '../support/test-rollup.js';

let database: TestDatabase;
let rollup: TestRollup;
let chain: TestChain;
beforeAll(async () => {
  rollup = await startTestRollup();
  database = await openTestDatabase();
  chain = openTestChain(database, rollup.rpcUrl);
});
afterAll(async () => {
  await chain.close();
  await database.close();
  await rollup.close();
});

async function committed(): Promise<SequenceIdentity[]> {
  const found = await listCommittedSequences(chain.rpc, rollup.ref, rollup.miner.address);
  return found.map(({ sequence }) => sequence);
}

function proved(): Promise<SequenceIdentity[]> {
  return listProvedSequences(database.pool, chain.rpc, rollup.ref, rollup.miner.address);
}

async function storeFinal(sequence: SequenceIdentity): Promise<void> {
  const proof = randomBytes(64);
  const { chainId, rollup: address, firstBatch, lastBatch, accInputHash: newAccInputHash } = sequence;
  const roots = { oldStateRoot: word32(0), newStateRoot: word32(1), oldAccInputHash: word32(0), newAccInputHash };
  await chain.finals.add({
    ...{ proofDigest: sha256Hex(proof), taskId: sha256Hex('task'), sequence, miner: rollup.miner.address, proof },
    statement: { chainId, rollup: address, firstBatch, lastBatch, ...roots },
    proofHash: proofHashOf(proof, rollup.miner.address),
    seconds: 1,
  });
}

test('finds open commitments with an empty database, and stored proofs without a commitment', async () => {
  const [first, second, third] = [
    await rollup.post('0x01'),
    await rollup.post('0x02', '0x03'),
    await rollup.post('0x'),
  ];
  expect(await committed()).toEqual([]);

  await rollup.commit(rollup.miner, second, randomBytes(64));
  expect(await committed()).toEqual([second]);

  await storeFinal(first);
  await storeFinal(second);
  await storeFinal({ ...third, accInputHash: word32(7) });
  expect(await proved()).toEqual([first, second]);
});
