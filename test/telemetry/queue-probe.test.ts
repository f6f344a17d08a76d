import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertRollup } from '../../activities/storage/rollups.js';
import type { Metrics } from '../../platform/telemetry/metrics.js';
import { queueProbe } from '../../activities/probes/miner-probes.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openTestNamespace, type TestNamespace } from '../support/temporal.js';
import { findRollupType } from '../../rollup-types/registry.js';

const ROLLUP = `0x${'aa'.repeat(20)}` as const;
const MINER = `0x${'bb'.repeat(20)}` as const;
let database: TestDatabase;
let temporal: TestNamespace;
beforeAll(async () => {
  [database, temporal] = await Promise.all([openTestDatabase(), openTestNamespace()]);
});
afterAll(async () => {
  await temporal.close();
  await database.close();
});

test('every queue that proofs can go to is looked at: also those of machines to which they may spill over', async () => {
  await insertRollup(database.pool, {
    ...{ chainId: 1, rollup: ROLLUP, rollupType: 'transfers', fromBlock: 1, startBatch: 1, following: true },
  });
  const seen: Record<string, string[]> = {};
  const metrics: Metrics = {
    set: (name, value, labels) => void (seen[name] ??= []).push(`${Object.values(labels).join()} ${value}`),
    count: () => undefined,
    observe: () => undefined,
  };
  await queueProbe(temporal.client, database.pool, { chainId: 1, miner: MINER }, findRollupType).read(metrics);
  const proving = ['prove/transfers/cpu 0', 'prove/transfers/gpu 0'];
  const others = ['aggregator 0', 'chain/1 0', 'chain-waits/1 0', `sender/1/${MINER} 0`];
  for (const name of ['zkpow_queue_pollers', 'zkpow_queue_backlog', 'zkpow_queue_backlog_age_seconds']) {
    expect(seen[name]?.sort(), name).toEqual([...others, ...proving].sort());
  }
  expect(seen['zkpow_queue_in_hand']?.sort()).toEqual(proving);
});
