import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readStatus, type StatusParts, type StatusRpc } from '../../scripts/status/read-status.js';
import { parseStatusOptions } from '../../scripts/status/status-options.js';
import { statusText } from '../../scripts/status/status-text.js';
import { AGGREGATOR_QUEUE } from '../../domain/names.js';
import { sequenceSearchAttributes } from '../../domain/search-attributes.js';
import { openEndpoints } from '../support/endpoints.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { sampleSequence, SAMPLE_MINER } from '../support/proof-samples.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';

const ENDS = ['rewarded', 'verified-by-another', 'failure', 'never', 'never'] as const;
const never = new Promise<never>(() => undefined);

let database: TestDatabase;
let temporal: TestNamespace;
let parts: StatusParts;

function chain(latest: StatusRpc['latest']): StatusRpc {
  return { chainId: 31337, latest, call: () => never };
}

/** Has workflows of five sequences run to where they end, then takes their worker away. */
const endpoints = openEndpoints('http://127.0.0.1:9');
beforeAll(async () => {
  [database, temporal] = await Promise.all([openTestDatabase(), openTestNamespace()]);
  const { client, namespace, workerConnection: connection } = temporal;
  const worker = await Worker.create({
    ...{ namespace, connection, taskQueue: AGGREGATOR_QUEUE, ...TEST_WORKER },
    workflowsPath: fileURLToPath(new URL('./ended-sequence.ts', import.meta.url)),
  });
  await worker.runUntil(async () => {
    for (const [index, end] of ENDS.entries()) {
      const sequence = sampleSequence(2 * index + 1, 2 * index + 2);
      const handle = await client.workflow.start('sequenceWorkflow', {
        ...{
          taskQueue: AGGREGATOR_QUEUE,
          workflowId: `sequence/31337/0xaa/${sequence.firstBatch}-${sequence.lastBatch}/00`,
        },
        ...{ args: [end], typedSearchAttributes: sequenceSearchAttributes(sequence, SAMPLE_MINER) },
      });
      if (end !== 'never') await handle.result().catch(() => undefined);
    }
  });
  parts = {
    client,
    db: database.pool,
    rpc: chain(async () => ({ number: 7, hash: '0x07', parentHash: '0x06', timestamp: 0, baseFeePerGas: null })),
    endpoints,
  };
  // What the server lists follows what it does.
  await vi.waitFor(
    async () => {
      const { sequences } = await readStatus(parts, { page: 1, limit: 50 });
      expect(sequences.map(({ status }) => status).sort()).toEqual([
        ...['COMPLETED', 'COMPLETED', 'FAILED', 'RUNNING', 'RUNNING'],
      ]);
    },
    { timeout: 60_000, interval: 500 },
  );
});
afterAll(async () => {
  await temporal.close();
  await database.close();
});

describe('status without an aggregator', () => {
  test('tells how sequences ended, and that nobody answers for those that run', async () => {
    const text = statusText(await readStatus(parts, { page: 1, limit: 50 }));
    expect(text).toContain('Chain 31337, block 7');
    expect(text).toContain('Endpoint 127.0.0.1:9: PASSED OVER, has not answered yet');
    expect(text).toContain('batches 1-2: done: rewarded');
    expect(text).toContain('batches 3-4: done: verified-by-another');
    expect(text).toContain('batches 5-6: workflow FAILED (the circuits are gone)');
    expect(text).toMatch(/batches 7-8: proving, as last reported \((no aggregator runs|its aggregator is busy)/);
    expect(text).not.toContain('of 5, those that run and the newest first');
  });

  test('shows pages, the newest first, and how many there are', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((page) => readStatus(parts, { page, limit: 2 })));
    const shown = pages.map(({ sequences }) => sequences.map(({ firstBatch }) => firstBatch));
    expect(shown.flat()).toHaveLength(ENDS.length);
    expect(new Set(shown.flat()).size).toBe(ENDS.length);
    // What runs comes first, and it is the newest here.
    expect(shown[0]).toEqual([9, 7]);
    const [first, , last, beyond] = pages.map(statusText);
    expect(first).toContain('Sequences 1 to 2 of 5, those that run and the newest first; the next: --page 2');
    expect(last).toMatch(/Sequences 5 to 5 of 5, those that run and the newest first$/m);
    expect(beyond).toContain('No sequences on this page');
  });
});

test('a part that does not answer is named, and the others are shown', async () => {
  const status = await readStatus(
    { client: temporal.client, db: { query: () => never }, rpc: chain(() => never), endpoints },
    { page: 1, limit: 50 },
  );
  expect(status.troubles.sort()).toEqual([
    'The base chain did not answer within 5 s',
    'The database did not answer within 5 s',
  ]);
  expect(status.sequences).toHaveLength(ENDS.length);
  expect(statusText(status)).toContain('Chain 31337, which does not answer');
});

test('options are checked', () => {
  expect(parseStatusOptions([])).toEqual({ json: false, page: 1, limit: 50 });
  expect(parseStatusOptions(['--page', '3', '--limit', '10', '--json'])).toEqual({ json: true, page: 3, limit: 10 });
  expect(() => parseStatusOptions(['--page', '0'])).toThrow('--page is "0", expected a whole number from 1');
  expect(() => parseStatusOptions(['--limit', 'all'])).toThrow('--limit is "all"');
});
