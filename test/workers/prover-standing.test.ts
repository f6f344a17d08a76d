import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../activities/storage/database.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createProverStore } from '../../activities/storage/prover-store.js';
import { setProverAside } from '../../activities/storage/provers.js';
import { watchStanding } from '../../workers/prover-standing.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('a machine with nothing to do hears that it was set aside, and why', async () => {
  const pool = createPool(proverDatabaseUrl(database.url, await grantProver(database.pool, 'rig-1')), 1);
  const store = createProverStore(pool);
  let asked = 0;
  const told: string[] = [];
  const counting = { ...store, findProof: (task: string) => ((asked += 1), store.findProof(task)) };
  const end = watchStanding(counting, (reason) => told.push(reason), 20);
  try {
    await expect.poll(() => asked).toBeGreaterThan(1);
    expect(told).toEqual([]);
    await setProverAside(database.pool, 'rig-1', 'its proof does not verify');
    await expect.poll(() => told).toEqual([expect.stringContaining('its proof does not verify')]);
  } finally {
    end();
    await pool.end();
  }
});

test('a database that is away is no reason to stop', async () => {
  let asked = 0;
  const away = {
    findProof: () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { attempt: (asked += 1) })),
    readArtifact: () => Promise.reject(new Error('not asked')),
    addProof: () => Promise.reject(new Error('not asked')),
    circuits: () => Promise.reject(new Error('not asked')),
  };
  const told: string[] = [];
  const end = watchStanding(away, (reason) => told.push(reason), 5);
  await expect.poll(() => asked).toBeGreaterThan(2);
  end();
  expect(told).toEqual([]);
});
