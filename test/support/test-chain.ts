import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createChainReader, type ChainReader } from '../../activities/chain/chain-reader.js';
import { createChainRpc, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import { createChainActivities } from '../../activities/chain/create-chain-activities.js';
import type { ChainActivities } from '../../domain/chain-activities.js';
import { EASY_POLICY, type MinerPolicy } from '../../domain/miner-policy.js';
import { createSequenceViewReader, type SequenceViewReader } from '../../activities/chain/sequence-view-reader.js';
import { createStepRows } from '../../activities/sender/step-rows.js';
import { createFinalProofStore, type FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { openEndpoints } from './endpoints.js';
import { counterType } from '../rollup-types/counter-type.js';
import type { TestDatabase } from './database.js';

export const CONFIRMATIONS = 2;
export const MARGIN_BLOCKS = 1;

/** One chain's reader with all that hangs on it, as an aggregator wires it. */
export interface TestChain {
  rpc: ChainRpc;
  reader: ChainReader;
  finals: FinalProofStore;
  views: SequenceViewReader;
  activities: ChainActivities;
  problems: Error[];
  close(): Promise<void>;
}

export function openTestChain(
  { pool }: TestDatabase,
  rpcUrls: string | string[],
  throughWhat = (rpc: ChainRpc): ChainRpc => rpc,
  policy: MinerPolicy = EASY_POLICY,
): TestChain {
  const endpoints = openEndpoints(rpcUrls);
  const rpc = throughWhat(createChainRpc(endpoints));
  const problems: Error[] = [];
  const reader = createChainReader({ rpc, pool, onProblem: (error) => problems.push(error), maximumPauseMs: 100 });
  const finals = createFinalProofStore(pool, null);
  const steps = createStepRows(pool);
  const limits = { confirmations: CONFIRMATIONS, marginBlocks: MARGIN_BLOCKS, policyFor: () => policy };
  const views = createSequenceViewReader({ pool, reader, finals, steps, ...limits });
  const activities = createChainActivities({ pool, reader, views, findRollupType: () => counterType });
  return {
    ...{ rpc, reader, finals, views, activities, problems },
    async close() {
      await reader.stop();
      endpoints.close();
    },
  };
}

/** Runs one activity as a worker would; `cancel` asks it to end. */
export function startActivity<T>(run: () => Promise<T>): { result: Promise<T>; cancel(): void; beats: unknown[] } {
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 400 }, { logger: new DefaultLogger('ERROR') });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  return { result: environment.run(run), cancel: () => environment.cancel(), beats };
}

export function runActivity<T>(run: () => Promise<T>): Promise<T> {
  return startActivity(run).result;
}
