import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { openEndpoints } from '../support/endpoints.js';
import { createChainRpc, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import { selectRollups } from '../../activities/storage/rollups.js';
import { followRollup } from '../../scripts/start-rollup/follow-rollup.js';
import { tellOfDeepConfirmations } from '../../workers/miner/tell-of-deep-confirmations.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openTestNamespace, type TestNamespace } from '../support/temporal.js';
import { startTestRollup, T2, type TestRollup } from '../support/test-rollup.js';

let chain: TestRollup;
let database: TestDatabase;
let temporal: TestNamespace;
let endpoints: EndpointPool;
let rpc: ChainRpc;

beforeAll(async () => {
  [chain, database, temporal] = await Promise.all([startTestRollup(), openTestDatabase(), openTestNamespace()]);
  endpoints = openEndpoints(chain.rpcUrl);
  rpc = createChainRpc(endpoints);
});
afterAll(async () => {
  endpoints.close();
  await temporal.close();
  await database.close();
  await chain.close();
});

function follow(confirmations: number): Promise<string> {
  const { chainId, ref, miner } = chain;
  const env = { ZKPOW_MINER: miner.address, ZKPOW_CONFIRMATIONS: String(confirmations) };
  const { client } = temporal;
  return followRollup({ env, chainId, client, pool: database.pool, rpc }, ref.rollup, 1);
}

test('a rollup whose T2 is too short for the confirmations is not followed: the numbers, and what to set', async () => {
  await expect(follow(T2 / 2)).rejects.toThrow(
    `ZKPOW_CONFIRMATIONS is ${T2 / 2} and T2 of rollup ${chain.ref.rollup} is ${T2} blocks: a nonce taken by another ` +
      `program could not be noticed in time. Set it to ${T2 / 2 - 1} or less`,
  );
  expect(await selectRollups(database.pool, chain.chainId)).toEqual([]);

  const workflowId = await follow(T2 / 2 - 1);
  expect(await selectRollups(database.pool, chain.chainId)).toMatchObject([{ rollup: chain.ref.rollup }]);
  expect(await temporal.client.workflow.getHandle(workflowId).describe()).toMatchObject({ type: 'rollupWorkflow' });
  await expect(follow(1)).rejects.toThrow(/is followed already/);
});

test('a sender says so at its start of a rollup that is followed already', async () => {
  const { chainId, ref } = chain;
  const lines: string[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) });
  const tell = (confirmations: number) =>
    tellOfDeepConfirmations({ pool: database.pool, rpc }, { chainId, confirmations }, log);
  await tell(T2 / 2 - 1);
  expect(lines).toEqual([]);
  await tell(T2 / 2);
  expect(lines).toEqual([expect.stringContaining(`T2 of rollup ${ref.rollup} is ${T2} blocks`)]);
});
