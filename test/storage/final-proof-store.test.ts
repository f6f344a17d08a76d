import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import { sha256Hex } from '../../activities/storage/artifact-store.js';
import type { FinalProofFile } from '../../activities/storage/final-proof-files.js';
import { createFinalProofStore, type FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { SAMPLE_MINER, sampleSequence, sampleStatement } from '../support/proof-samples.js';

let database: TestDatabase;
let directory: string;
let store: FinalProofStore;
let batch = 0;
beforeAll(async () => {
  database = await openTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'zkpow-finals-'));
  store = createFinalProofStore(database.pool, directory);
});
beforeEach(() => {
  batch += 1;
});
afterAll(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

/** Another final proof of this test's sequence. */
function newFinal(): FinalProofFile {
  const proof = randomBytes(64);
  return {
    proofDigest: sha256Hex(proof),
    taskId: sha256Hex(`task of ${sha256Hex(proof)}`),
    sequence: sampleSequence(batch, batch),
    miner: SAMPLE_MINER,
    statement: sampleStatement(batch, batch),
    proofHash: proofHashOf(proof, SAMPLE_MINER),
    seconds: 1.5,
    proof,
  };
}

async function loseInDatabase({ proofDigest }: FinalProofFile): Promise<void> {
  await database.pool.query('DELETE FROM artifacts WHERE digest = $1', [proofDigest]);
}

test('the newest fit proof serves the next round, the committed one its own', async () => {
  const [older, newer] = [newFinal(), newFinal()];
  await store.add(older);
  await store.markCommitted(older.proofDigest);
  await store.add(newer);

  expect(await store.newestFit(older.sequence, SAMPLE_MINER)).toMatchObject({ proofDigest: newer.proofDigest });
  const committed = await store.committedTo(older.sequence, SAMPLE_MINER, older.proofHash);
  expect(committed).toMatchObject({ proofDigest: older.proofDigest, committed: true });
  await store.markUnfit(newer.proofDigest, 'its reveal fails');
  expect(await store.newestFit(older.sequence, SAMPLE_MINER)).toMatchObject({ proofDigest: older.proofDigest });
});

test('bytes that the database lost or damaged come back from the file', async () => {
  const final = newFinal();
  await store.add(final);
  await loseInDatabase(final);
  expect(Buffer.from((await store.bytes(final.proofDigest)) ?? [])).toEqual(final.proof);

  await database.pool.query(`UPDATE artifacts SET bytes = 'scribble' WHERE digest = $1`, [final.proofDigest]);
  expect(await store.committedTo(final.sequence, SAMPLE_MINER, final.proofHash)).not.toBeNull();
  expect(Buffer.from((await store.bytes(final.proofDigest)) ?? [])).toEqual(final.proof);
});

test('a proof lost in both places is not offered; its row stays, and it is again when its file is back', async () => {
  const final = newFinal();
  await store.add(final);
  await store.markCommitted(final.proofDigest);
  await loseInDatabase(final);
  const file = join(directory, `${final.proofDigest}.json`);
  const content = await readFile(file);
  await truncate(file, 100);

  expect(await store.committedTo(final.sequence, SAMPLE_MINER, final.proofHash)).toBeNull();
  expect(await store.newestFit(final.sequence, SAMPLE_MINER)).toBeNull();
  const [kept] = await store.list(final.sequence, SAMPLE_MINER);
  expect(kept?.committed).toBe(true);

  await writeFile(file, content);
  expect(await store.newestFit(final.sequence, SAMPLE_MINER)).toMatchObject({ proofDigest: final.proofDigest });
  expect(await store.committedTo(final.sequence, SAMPLE_MINER, final.proofHash)).not.toBeNull();
});

test('a committed proof can be neither deleted nor replaced', async () => {
  const final = newFinal();
  await store.add(final);
  await store.markCommitted(final.proofDigest);
  const attempts = [
    `DELETE FROM final_proofs WHERE proof_digest = '${final.proofDigest}'`,
    `UPDATE final_proofs SET proof_hash = '0x00' WHERE proof_digest = '${final.proofDigest}'`,
    `UPDATE final_proofs SET committed_at = NULL WHERE proof_digest = '${final.proofDigest}'`,
  ];
  for (const attempt of attempts)
    await expect(database.pool.query(attempt)).rejects.toThrow(/never replaced, nor deleted before it is settled/);
  await store.add({ ...final, proofHash: '0x00' });
  expect(await store.list(final.sequence, SAMPLE_MINER)).toMatchObject([{ proofHash: final.proofHash }]);
});

test('what an older database lacks comes back from the files, kept as if it were committed to', async () => {
  const final = newFinal();
  await store.add(final);
  await database.pool.query('DELETE FROM final_proofs WHERE proof_digest = $1', [final.proofDigest]);
  await loseInDatabase(final);

  expect(await store.restoreFromFiles()).toBe(1);
  expect(await store.restoreFromFiles()).toBe(0);
  const restored = await store.committedTo(final.sequence, SAMPLE_MINER, final.proofHash);
  expect(restored).toMatchObject({ committed: true, statement: final.statement, taskId: final.taskId });
});

test('writing leaves no unfinished files', async () => {
  await store.add(newFinal());
  expect((await readdir(directory)).filter((name) => !/^[0-9a-f]{64}\.json$/.test(name))).toEqual([]);
});
