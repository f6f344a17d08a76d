import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import type { EndpointStatus } from '../../activities/chain/endpoints/endpoint.js';
import { probeLacks } from '../../activities/chain/endpoints/probe-lacks.js';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import { mapAtOnce } from '../../activities/map-at-once.js';
import type { Database } from '../../activities/storage/database.js';
import { selectProvers } from '../../activities/storage/provers.js';
import { selectRollups, type RollupRow } from '../../activities/storage/rollups.js';
import { within } from '../../activities/within.js';
import { rollupWorkflowId } from '../../domain/names.js';
import { readSequences, type SequencePage } from './read-sequences.js';

/** How everything stands, as `--json` gives it. */
export interface Status extends SequencePage {
  chainId: number;
  /** Null if the chain does not answer. */
  head: number | null;
  endpoints: EndpointStatus[];
  rollups: RollupStatus[];
  provers: { name: string; lastSeen: string | null; setAsideFor: string | null }[];
  /** What did not answer, so that its part is missing. */
  troubles: string[];
}

export interface RollupStatus {
  rollup: string;
  rollupType: string;
  /** Whether its follower runs; null if Temporal does not answer. */
  following: boolean | null;
  startBatch: number;
  paused: boolean;
  /** Null where the address holds no rollup (any more), or the chain does not answer. */
  lastBatchPosted: number | null;
  lastBatchVerified: number | null;
  /** Whether there is a rollup at the address; null if the chain does not answer. */
  exists: boolean | null;
}

export interface StatusParts {
  client: Client;
  db: Database;
  rpc: StatusRpc;
  endpoints: EndpointPool;
}

/** What is asked of the chain. */
export type StatusRpc = Pick<ChainRpc, 'chainId' | 'latest' | 'call'>;

const ANSWER_MS = 5_000;
const ASKED_AT_ONCE = 16;

/** Asks chain, database and Temporal side by side. One that does not answer costs its part and some seconds. */
export async function readStatus(parts: StatusParts, wanted: { page: number; limit: number }): Promise<Status> {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  try {
    return await parts.client.withAbortSignal(stop.signal, () => askAll(parts, wanted));
  } finally {
    // What is still open would be tried again on a connection that is closed by then.
    stop.abort();
  }
}

async function askAll(
  { client, db, rpc, endpoints }: StatusParts,
  wanted: { page: number; limit: number },
): Promise<Status> {
  const troubles: string[] = [];
  const orElse = <T>(otherwise: T, answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      const trouble = error instanceof Error ? error.message : String(error);
      if (!troubles.includes(trouble)) troubles.push(trouble);
      return otherwise;
    });
  const database = <T>(answer: Promise<T>): Promise<T> => within(ANSWER_MS, 'The database', answer);
  const nothing: SequencePage = { total: 0, ...wanted, sequences: [] };

  const [head, rollups, provers, sequences] = await Promise.all([
    orElse(
      null,
      within(ANSWER_MS, 'The base chain', rpc.latest()).then(({ number }): number | null => number),
    ),
    orElse(
      [],
      database(selectRollups(db, rpc.chainId)).then((rows) => readRollups(client, rpc, rows)),
    ),
    orElse([], database(selectProvers(db))),
    orElse(nothing, readSequences(client, wanted)),
    orElse(undefined, within(ANSWER_MS, 'An RPC endpoint', probeLacks(endpoints))),
  ]);
  return {
    ...{ chainId: rpc.chainId, head, endpoints: endpoints.status(), rollups, ...sequences },
    provers: provers.map(({ name, lastSeenAt, setAsideFor }) => ({
      ...{ name, setAsideFor },
      lastSeen: lastSeenAt?.toISOString() ?? null,
    })),
    troubles,
  };
}

async function readRollups(client: Client, rpc: StatusRpc, rows: readonly RollupRow[]): Promise<RollupStatus[]> {
  const end = Date.now() + 2 * ANSWER_MS;
  return mapAtOnce(ASKED_AT_ONCE, rows, (row) => rollupStatus(client, rpc, row, end));
}

async function rollupStatus(client: Client, rpc: StatusRpc, row: RollupRow, end: number): Promise<RollupStatus> {
  const { rollup, rollupType, startBatch, paused } = row;
  const left = Math.max(0, Math.min(ANSWER_MS, end - Date.now()));
  const ask = <T>(answer: Promise<T>): Promise<T | undefined> =>
    within(left, 'It', answer).catch((): undefined => undefined);
  const [posted, verified, following] = await Promise.all([
    ask(readBatchNumber(rpc, rollup, 'lastBatchSequenced')),
    ask(readBatchNumber(rpc, rollup, 'lastVerifiedBatch')),
    ask(isRunning(client, rollupWorkflowId(row))),
  ]);
  const exists = posted === undefined ? null : posted !== null;
  return {
    ...{ rollup, rollupType, startBatch, paused, exists, following: following ?? null },
    ...{ lastBatchPosted: posted ?? null, lastBatchVerified: verified ?? null },
  };
}

/** Null where the address holds no rollup (any more). */
async function readBatchNumber(
  rpc: StatusRpc,
  rollup: string,
  name: 'lastBatchSequenced' | 'lastVerifiedBatch',
): Promise<number | null> {
  const answer = await rpc.call({ to: rollup, data: ROLLUP.encodeFunctionData(name) }, 'latest');
  return answer === '0x' ? null : Number(BigInt(answer));
}

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch {
    return false;
  }
}
