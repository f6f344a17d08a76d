import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArtifactLostError, createArtifactStore, MAX_ARTIFACT_BYTES } from '../../activities/storage/artifact-store.js';
import { artifactIsSound } from '../../activities/storage/artifacts.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const CONTENT = new TextEncoder().encode('a proof');

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function damage(digest: string): Promise<void> {
  await database.pool.query(`UPDATE artifacts SET bytes = 'scribble' WHERE digest = $1`, [digest]);
}

test('bytes come back under their digest', async () => {
  const store = createArtifactStore(database.pool);
  const digest = await store.put(CONTENT);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(Buffer.from(await store.get(digest))).toEqual(Buffer.from(CONTENT));
  expect(await store.put(CONTENT)).toBe(digest);
});

test('a missing artifact is named', async () => {
  const store = createArtifactStore(database.pool);
  await expect(store.get('0'.repeat(64))).rejects.toThrow(ArtifactLostError);
});

test('a damaged artifact says so by its digest, is removed, and is made again', async () => {
  const store = createArtifactStore(database.pool);
  const digest = await store.put(CONTENT);
  await damage(digest);
  expect(await artifactIsSound(database.pool, digest)).toBe(false);
  await expect(store.get(digest)).rejects.toThrow(new RegExp(`${digest} is damaged: its 8 bytes have the sha256`));
  await expect(store.get(digest)).rejects.toThrow(/is not in the database/);
  await store.put(CONTENT);
  expect(await artifactIsSound(database.pool, digest)).toBe(true);
});

test('putting the bytes again mends a damaged artifact that nobody has read', async () => {
  const store = createArtifactStore(database.pool);
  const digest = await store.put(CONTENT);
  await damage(digest);
  await store.put(CONTENT);
  expect(await artifactIsSound(database.pool, digest)).toBe(true);
});

test('an artifact over the limit is refused with its size', async () => {
  const store = createArtifactStore(database.pool);
  await expect(store.put(new Uint8Array(MAX_ARTIFACT_BYTES + 1))).rejects.toThrow(/67108865 bytes is over the limit/);
});
