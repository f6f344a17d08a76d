import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { upsertCircuits, type Circuit } from '../../activities/storage/circuits.js';
import { createPool } from '../../activities/storage/database.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createProverStore, type ProverStore } from '../../activities/storage/prover-store.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import { requireSameCircuits } from '../../workers/prover-circuits.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const QUIET = pino({ level: 'silent' });
const backend = createSimulatedBackend();
const OWN: Circuit[] = (['batch', 'aggregate', 'final'] as const).map((kind) => {
  return { proofSystem: backend.proofSystem, kind, circuitId: backend.circuitId(kind) };
});

let database: TestDatabase;
let store: ProverStore;
let closePool = (): Promise<void> => Promise.resolve();
beforeAll(async () => {
  database = await openTestDatabase();
  const pool = createPool(proverDatabaseUrl(database.url, await grantProver(database.pool, 'rig-1')), 1);
  closePool = () => pool.end();
  store = createProverStore(pool);
});
afterAll(async () => {
  await closePool();
  await database.close();
});
beforeEach(() => database.pool.query('DELETE FROM circuits'));

describe('a machine may start', () => {
  test('where its miner has told of no circuits of its proof system yet', async () => {
    await requireSameCircuits(store, backend, QUIET, 0);
    await upsertCircuits(database.pool, [{ proofSystem: 'another', kind: 'batch', circuitId: '0xother' }]);
    await requireSameCircuits(store, backend, QUIET, 0);
  });

  test('once the miner has come to the same version', async () => {
    await upsertCircuits(
      database.pool,
      OWN.map((circuit) => ({ ...circuit, circuitId: '0xold' })),
    );
    let asked = 0;
    const watched = { ...store, circuits: () => ((asked += 1), store.circuits()) };
    const start = requireSameCircuits(watched, backend, QUIET, 60_000);
    await expect.poll(() => asked).toBe(1);
    await upsertCircuits(database.pool, OWN);
    await start;
  });
});

test('a machine with another circuit than its miner does not start, and is told what to change', async () => {
  const [batch, ...others] = OWN;
  if (!batch) throw new Error('there are three circuits');
  await upsertCircuits(database.pool, [{ ...batch, circuitId: '0xnew' }, ...others]);
  await expect(requireSameCircuits(store, backend, QUIET, 0)).rejects.toThrow(
    /This machine has other circuits than the aggregator's \(batch 0x[0-9a-f]+, there 0xnew\): .*git checkout/,
  );
});
