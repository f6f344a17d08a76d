import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import type { EndpointStatus } from '../../activities/chain/endpoints/endpoint.js';
import { probeLacks } from '../../activities/chain/endpoints/probe-lacks.js';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import type { Database } from '../../activities/storage/database.js';
import { selectProvers } from '../../activities/storage/provers.js';
import { selectRollups, type RollupRow } from '../../activities/storage/rollups.js';
import { rollupWorkflowId } from '../../workflows/domain/names.js';
import type { SequenceProgress } from '../../workflows/domain/sequence-progress.js';
import { askProgress } from '../sequence/ask-progress.js';

/** Workflows looked at: the newest ones. */
const MAX_SEQUENCES = 200;

/** How everything stands, as `--json` gives it. */
export interface Status {
  chainId: number;
  head: number;
  endpoints: EndpointStatus[];
  rollups: RollupStatus[];
  sequences: SequenceStatus[];
  provers: { name: string; lastSeen: string | null; setAsideFor: string | null }[];
}

export interface RollupStatus {
  rollup: string;
  rollupType: string;
  /** Whether its follower runs. */
  following: boolean;
  startBatch: number;
  paused: boolean;
  lastBatchPosted: number | null;
  lastBatchVerified: number | null;
}

export interface SequenceStatus {
  workflowId: string;
  /** Of the workflow: RUNNING, COMPLETED, FAILED, … */
  status: string;
  startedAt: string;
  /** Null where no worker answers. */
  progress: SequenceProgress | null;
}

export interface StatusParts {
  client: Client;
  db: Database;
  rpc: ChainRpc;
  endpoints: EndpointPool;
}

export async function readStatus({ client, db, rpc, endpoints }: StatusParts): Promise<Status> {
  const [{ number: head }, rollups, provers] = await Promise.all([
    rpc.latest(),
    selectRollups(db, rpc.chainId),
    selectProvers(db),
    probeLacks(endpoints),
  ]);
  return {
    ...{ chainId: rpc.chainId, head, endpoints: endpoints.status() },
    rollups: await Promise.all(rollups.map((row) => rollupStatus(client, rpc, row))),
    sequences: await readSequences(client),
    provers: provers.map(({ name, lastSeenAt, setAsideFor }) => ({
      ...{ name, setAsideFor },
      lastSeen: lastSeenAt?.toISOString() ?? null,
    })),
  };
}

async function readSequences(client: Client): Promise<SequenceStatus[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const workflow of client.workflow.list({ query: 'WorkflowType = "sequenceWorkflow"' })) {
    if (found.push(workflow) >= MAX_SEQUENCES) break;
  }
  const sequences = await Promise.all(
    found.map(async ({ workflowId, runId, status, startTime }) => ({
      ...{ workflowId, status: status.name, startedAt: startTime.toISOString() },
      progress: await askProgress(client, workflowId, runId),
    })),
  );
  return sequences.sort((a, b) => firstBatchOf(a) - firstBatchOf(b));
}

function firstBatchOf({ workflowId, progress }: SequenceStatus): number {
  return progress?.sequence.firstBatch ?? Number(/\/(\d+)-\d+\/[0-9a-f]+$/.exec(workflowId)?.[1] ?? 0);
}

async function rollupStatus(client: Client, rpc: ChainRpc, row: RollupRow): Promise<RollupStatus> {
  const { rollup, rollupType, startBatch, paused } = row;
  const [lastBatchPosted, lastBatchVerified, following] = await Promise.all([
    readBatchNumber(rpc, rollup, 'lastBatchSequenced'),
    readBatchNumber(rpc, rollup, 'lastVerifiedBatch'),
    isRunning(client, rollupWorkflowId(row)),
  ]);
  return { rollup, rollupType, following, startBatch, paused, lastBatchPosted, lastBatchVerified };
}

/** Null where the address holds no rollup (any more). */
async function readBatchNumber(
  rpc: ChainRpc,
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
