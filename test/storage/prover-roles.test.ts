import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArtifactLostError, createArtifactStore, sha256Hex } from '../../activities/storage/artifact-store.js';
import { createPool } from '../../activities/storage/database.js';
import { insertProofTask } from '../../activities/storage/proof-tasks.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createProverStore, type ProverStore } from '../../activities/storage/prover-store.js';
import {
  readmitProver,
  refuseSubmittedProof,
  selectProvers,
  setProverAside,
} from '../../activities/storage/provers.js';
import { dismissProver } from '../../scripts/miner/known-provers.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { sampleStatement } from '../support/proof-samples.js';

let database: TestDatabase;
let proverPool: pg.Pool;
let store: ProverStore;
beforeAll(async () => {
  database = await openTestDatabase();
  const login = await grantProver(database.pool, 'rig-1');
  proverPool = createPool(proverDatabaseUrl(database.url, login), 4);
  store = createProverStore(proverPool);
});
afterAll(async () => {
  await proverPool.end();
  await database.close();
});

async function newTask(): Promise<string> {
  const taskId = sha256Hex(randomBytes(8));
  const statement = sampleStatement(1, 1);
  const about = { kind: 'batch', rollupType: 'transfers', circuitId: '0x01', firstBatch: 1, lastBatch: 1 } as const;
  await insertProofTask(database.pool, { taskId, ...about, statement, miner: null, inputDigest: taskId }, taskId);
  return taskId;
}

describe("a prover's role", () => {
  test('reads inputs, adds proofs and finds them again', async () => {
    const input = await createArtifactStore(database.pool).put(randomBytes(100));
    expect(await store.readArtifact(input)).toHaveLength(100);
    const taskId = await newTask();
    expect(await store.findProof(taskId)).toBeNull();
    const proof = randomBytes(64);
    const proofDigest = await store.addProof(taskId, proof, 2.5);
    expect(proofDigest).toBe(sha256Hex(proof));
    expect(await store.findProof(taskId)).toEqual({ proofDigest, prover: 'rig-1', seconds: 2.5 });
    const [prover] = await selectProvers(database.pool);
    expect(prover?.lastSeenAt).toBeInstanceOf(Date);
  });

  test('can do nothing else', async () => {
    const tables = await database.pool.query<{ name: string }>(
      `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.rows.length).toBeGreaterThan(5);
    const denied = [
      ...tables.rows.flatMap(({ name }) => [`SELECT * FROM ${name}`, `DELETE FROM ${name}`]),
      `INSERT INTO public.artifacts (digest, bytes) VALUES ('${'0'.repeat(64)}', 'x')`,
      'CREATE TABLE public.mine (x int)',
      'CREATE TEMPORARY TABLE mine (x int)',
      'CREATE SCHEMA mine',
      'CREATE FUNCTION prover.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'SELECT prover.current_prover()',
      'CREATE ROLE mine',
      'SET ROLE postgres',
      'SELECT pg_advisory_lock(1)',
      'SELECT pg_try_advisory_lock_shared(1, 2)',
      `SELECT lo_from_bytea(0, 'x')`,
      `COPY (SELECT 1) TO PROGRAM 'true'`,
    ];
    for (const statement of denied) {
      await expect(proverPool.query(statement), statement).rejects.toThrow(/permission denied|does not exist/);
    }
  });

  test('is refused another role, too large a proof, an unknown task and a flood', async () => {
    const taskId = await newTask();
    await expect(createProverStore(database.pool).findProof(taskId)).rejects.toThrow(/belongs to no prover/);
    await expect(store.addProof(taskId, new Uint8Array(16 * 1024 * 1024 + 1), 1)).rejects.toThrow(/over the limit/);
    await expect(store.addProof('0'.repeat(64), randomBytes(8), 1)).rejects.toThrow(/there is no task/);
    for (let i = 0; i < 8; i++) await store.addProof(taskId, randomBytes(8), 1);
    await expect(store.addProof(taskId, randomBytes(8), 1)).rejects.toThrow(/handed in 8 proofs/);
  });

  test('gets nothing any more once its machine is set aside, until it is readmitted', async () => {
    const input = await createArtifactStore(database.pool).put(randomBytes(10));
    await setProverAside(database.pool, 'rig-1', 'it lied');
    await expect(store.readArtifact(input)).rejects.toThrow(/prover rig-1 is set aside: it lied/);
    await expect(store.addProof(await newTask(), randomBytes(8), 1)).rejects.toThrow(/set aside/);
    await readmitProver(database.pool, 'rig-1');
    expect(await store.readArtifact(input)).toHaveLength(10);
  });
});

test('a damaged input, a refused proof and a damaged one are not taken for good', async () => {
  const input = await createArtifactStore(database.pool).put(randomBytes(10));
  await database.pool.query(`UPDATE artifacts SET bytes = 'x' WHERE digest = $1`, [input]);
  await expect(store.readArtifact(input)).rejects.toThrow(ArtifactLostError);

  const taskId = await newTask();
  const refused = await store.addProof(taskId, randomBytes(8), 1);
  await refuseSubmittedProof(database.pool, taskId, refused, 'does not verify');
  expect(await store.findProof(taskId)).toBeNull();
  const proof = randomBytes(8);
  const damaged = await store.addProof(taskId, proof, 1);
  await database.pool.query(`UPDATE artifacts SET bytes = 'x' WHERE digest = $1`, [damaged]);
  expect(await store.findProof(taskId)).toBeNull();
  await store.addProof(taskId, proof, 1);
  expect(await store.findProof(taskId)).toMatchObject({ proofDigest: damaged });
});

test('granting again gives a new password and keeps the machine', async () => {
  const login = await grantProver(database.pool, 'rig-2');
  const again = await grantProver(database.pool, 'rig-2');
  expect(again.role).toBe(login.role);
  expect(again.password).not.toBe(login.password);
  await connectOnce(proverDatabaseUrl(database.url, again));
  await expect(grantProver(database.pool, 'no spaces!')).rejects.toThrow(/names no prover/);
});

test('npm run miner -- remove-prover: the login is gone at once, proofs stay, and the name can be used again', async () => {
  const login = await grantProver(database.pool, 'rig-3');
  const url = proverDatabaseUrl(database.url, login);
  const own = createPool(url, 1);
  const taskId = await newTask();
  try {
    const proofDigest = await createProverStore(own).addProof(taskId, randomBytes(64), 1);
    expect(await dismissProver(database.pool, 'rig-3')).toMatch(/^rig-3 has no login for the database any more/);

    await expect(createProverStore(own).findProof(taskId)).rejects.toThrow();
    await expect(connectOnce(url)).rejects.toThrow(/password authentication failed/);
    expect(await store.findProof(taskId)).toMatchObject({ proofDigest, prover: 'rig-3' });
    expect((await selectProvers(database.pool)).map(({ name }) => name)).not.toContain('rig-3');
    await expect(dismissProver(database.pool, 'rig-3')).rejects.toThrow(/no prover "rig-3", known: rig-1/);

    await connectOnce(proverDatabaseUrl(database.url, await grantProver(database.pool, 'rig-3')));
    expect((await selectProvers(database.pool)).map(({ name }) => name)).toContain('rig-3');
  } finally {
    await own.end();
  }
});

async function connectOnce(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.end();
}
