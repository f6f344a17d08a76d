import type { RollupRef, SequenceIdentity } from '../../domain/sequence.js';
import type { RollupDataSource } from './rollup-data.js';
import type { BatchWork, PostedBatch, RollupReplay, RollupType } from '../../domain/rollup-type.js';

/** Rollups whose state is kept in memory; another one is replayed from its beginning. */
const MAX_ROLLUPS = 8;
/** Batches a rollup whose work is kept (some 25 kB each): more than a sequence may have. */
const MAX_RECENT_BATCHES = 1_000;

/** What was posted does not follow from the state the replay is in. */
export class ReplayMismatchError extends Error {
  override readonly name = 'ReplayMismatchError';
}

/** Turns posted batches into work, by replaying each rollup once and keeping its state. */
export interface BatchReplays {
  /**
   * The work of each batch of a sequence, in order.
   *
   * @throws SequenceNotPostedError if the chain holds no such sequence
   */
  workOf(sequence: SequenceIdentity): Promise<BatchWork[]>;
}

interface KeptReplay {
  replay: RollupReplay | null;
  recent: Map<number, BatchWork>;
  /** Ends with the last request, so that batches are applied one after the other. */
  queue: Promise<unknown>;
}

export function createBatchReplays(
  source: RollupDataSource,
  findRollupType: (name: string) => RollupType,
): BatchReplays {
  const kept = new Map<string, KeptReplay>();

  async function open(rollup: RollupRef): Promise<RollupReplay> {
    const { rollupType } = await source.describe(rollup);
    return findRollupType(rollupType).openReplay(rollup, await source.genesis(rollup));
  }

  async function advance(state: KeptReplay, sequence: SequenceIdentity): Promise<BatchWork[]> {
    const before = recentWork(state, sequence);
    if (before) return before;

    if (state.replay && canGoOn(state, state.replay, sequence)) {
      try {
        return await applyUpTo(state, state.replay, source, sequence);
      } catch (error) {
        // A reorg put other data under batches that were applied already: begin again. Other errors lose nothing.
        if (!(error instanceof ReplayMismatchError)) throw error;
      }
    }
    state.recent.clear();
    state.replay = await open(sequence);
    return applyUpTo(state, state.replay, source, sequence);
  }

  return {
    workOf(sequence) {
      const key = `${sequence.chainId}/${sequence.rollup}`;
      const state = kept.get(key) ?? { replay: null, recent: new Map(), queue: Promise.resolve() };
      // Last in the map is the one used last.
      kept.delete(key);
      kept.set(key, state);
      const [oldest] = kept.keys();
      if (kept.size > MAX_ROLLUPS && oldest !== undefined) kept.delete(oldest);

      const work = state.queue.then(() => advance(state, sequence));
      state.queue = work.catch(() => {});
      return work;
    },
  };
}

/** The sequence's work from memory, if the replay went over exactly these batches lately. */
function recentWork(
  { recent }: KeptReplay,
  { firstBatch, lastBatch, accInputHash }: SequenceIdentity,
): BatchWork[] | null {
  if (recent.get(lastBatch)?.statement.newAccInputHash !== accInputHash) return null;
  const work: BatchWork[] = [];
  for (let batch = firstBatch; batch <= lastBatch; batch++) {
    const one = recent.get(batch);
    if (!one) return null;
    work.push(one);
  }
  return work;
}

/** Whether the replay stands before the sequence's end, and the work of what it is past is still there. */
function canGoOn({ recent }: KeptReplay, replay: RollupReplay, { firstBatch, lastBatch }: SequenceIdentity): boolean {
  if (replay.lastBatch >= lastBatch) return false;
  for (let batch = firstBatch; batch <= replay.lastBatch; batch++) if (!recent.has(batch)) return false;
  return true;
}

async function applyUpTo(
  state: KeptReplay,
  replay: RollupReplay,
  source: RollupDataSource,
  sequence: SequenceIdentity,
): Promise<BatchWork[]> {
  for await (const batch of source.postedBatches(sequence, replay.lastBatch + 1)) {
    state.recent.set(batch.batchNumber, await apply(replay, batch));
    const [oldest] = state.recent.keys();
    if (state.recent.size > MAX_RECENT_BATCHES && oldest !== undefined) state.recent.delete(oldest);
  }
  const work = recentWork(state, sequence);
  if (work) return work;
  throw new ReplayMismatchError(
    `the batches up to ${replay.lastBatch} hash to ${replay.accInputHash}, ` +
      `the sequence's ${sequence.firstBatch}-${sequence.lastBatch} to ${sequence.accInputHash}`,
  );
}

async function apply(replay: RollupReplay, batch: PostedBatch): Promise<BatchWork> {
  try {
    return await replay.apply(batch);
  } catch (cause) {
    throw new ReplayMismatchError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
