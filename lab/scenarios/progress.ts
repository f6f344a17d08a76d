import { Client } from '@temporalio/client';
import { createChainRpc, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import { readSequenceFacts, type SequenceFacts } from '../../activities/chain/rollup-facts.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import type { SequenceProgress } from '../../domain/sequence-progress.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { Arena } from './arena.js';
import type { ScenarioChain } from './chain.js';
import type { Field } from './field.js';
import type { Miner } from './miner.js';
import { readRollupRecord, type RollupRecord } from './rollup-record.js';

/** What the contract says of a sequence and a miner, at the newest block. */
export async function factsOf(
  { chain }: Field,
  sequence: Omit<SequenceIdentity, 'accInputHash'>,
  miner: string,
): Promise<SequenceFacts> {
  const rpc = chainReads(chain);
  return readSequenceFacts(rpc, sequence, miner, (await rpc.latest()).hash);
}

function chainReads(chain: ScenarioChain): ChainRpc {
  return createChainRpc(chain.endpoints);
}

/** Waits until a miner has committed to a sequence so many times, each time in another round; gives the last. */
export async function untilCommitted(
  field: Field,
  address: string,
  sequence: SequenceIdentity,
  times = 1,
  withinBlocks = 400,
): Promise<RollupRecord['commitments'][number]> {
  return field.chain.until(`commitment ${times} to batch ${sequence.lastBatch}`, withinBlocks, async () => {
    const own = await commitmentsTo(field, address, sequence);
    return own.length >= times ? (own.at(-1) ?? null) : null;
  });
}

/** All commitments of a miner to a sequence, in order. */
export async function commitmentsTo(
  { chain, rollup }: Field,
  address: string,
  { lastBatch }: SequenceIdentity,
): Promise<RollupRecord['commitments']> {
  const { commitments } = await readRollupRecord(chain, rollup);
  return commitments.filter(({ miner, finalBatch }) => miner === address && finalBatch === lastBatch);
}

/** What the workflow of a sequence shows to people; its aggregator must run. */
export async function progressOf(
  { connection }: Arena,
  { namespace }: Miner,
  sequence: SequenceIdentity,
): Promise<SequenceProgress> {
  const client = new Client({ connection, namespace });
  return client.workflow.getHandle(sequenceWorkflowId(sequence)).query<SequenceProgress>('progress');
}

/** Waits until the workflow of a sequence shows this alarm to people. */
export async function untilAlarm(
  { chain }: Field,
  arena: Arena,
  miner: Miner,
  sequence: SequenceIdentity,
  text: string,
): Promise<void> {
  await chain.until(`alarm of ${miner.name} "${text}"`, 400, async () => {
    // An aggregator that has just been started answers no query yet.
    const progress = await progressOf(arena, miner, sequence).catch(() => null);
    return progress?.alarm === text ? true : null;
  });
}
