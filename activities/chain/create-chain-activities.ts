import { Context } from '@temporalio/activity';
import { getAddress } from 'ethers';
import { chainQueue } from '../../domain/names.js';
import { viewFingerprint } from '../../domain/sequence-view.js';
import { mappingFailures } from '../failures.js';
import { withHeartbeat } from '../heartbeat.js';
import type { RollupType } from '../../domain/rollup-type.js';
import { setRollupFollowing } from '../storage/rollups.js';
import type { ChainActivities } from '../../domain/chain-activities.js';
import type { ChainReader } from './chain-reader.js';
import type { Sighting } from './sightings.js';
import { ensureRollupIsRead, readRollupEntry } from './rollup-directory.js';
import { nextSequences } from './sequence-feed.js';
import type { SequenceViewDeps, SequenceViewReader } from './sequence-view-reader.js';

/** A timer never sleeps longer than this before the head is read again: expected block times may be wrong. */
const LONGEST_SLEEP_MS = 600_000;

export interface ChainActivitiesDeps {
  pool: SequenceViewDeps['pool'];
  /** Started by whoever made it. */
  reader: ChainReader;
  views: SequenceViewReader;
  findRollupType: (name: string) => RollupType;
  /** Shares of busy machines, by the rollup's address; 1 for all others. */
  weights?: ReadonlyMap<string, number>;
}

/** Reading one base chain, for all rollups on it. */
export function createChainActivities({
  pool,
  reader,
  views,
  findRollupType,
  weights,
}: ChainActivitiesDeps): ChainActivities {
  const { rpc } = reader;

  /** Asks at every new head until there is an answer. */
  async function untilAnswered<T>(doing: string, ask: () => Promise<T | null>): Promise<T> {
    let seen: Sighting | null = null;
    return withHeartbeat(
      () => ({ doing, head: seen?.head.number ?? null, problem: reader.problem() }),
      async (signal) => {
        for (;;) {
          signal.throwIfAborted();
          const answer = await ask();
          if (answer !== null) return answer;
          seen = await reader.nextSighting(seen?.number ?? 0, signal);
        }
      },
    );
  }

  return {
    describeRollup: mappingFailures(async (rollup) => {
      const { rollupType, proofSystem } = await readRollupEntry(rpc, rollup);
      const weight = weights?.get(getAddress(rollup.rollup));
      const stages = findRollupType(rollupType).manifest;
      return { rollupType, proofSystem, stages, ...(weight !== undefined && { weight }) };
    }),

    waitForSequences: mappingFailures(async (request) => {
      const following = { startBatch: request.startBatch, following: true };
      await ensureRollupIsRead(pool, rpc, request, following);
      await setRollupFollowing(pool, request, following);
      return untilAnswered(`waiting for sequences of ${request.rollup}`, async () => {
        const sequences = await nextSequences(pool, rpc, request);
        return sequences.length > 0 || onlyLooks(request.chainId) ? sequences : null;
      });
    }),

    readSequenceView: mappingFailures(({ sequence, miner, lastUsed }) => views.readView(sequence, miner, lastUsed)),

    waitForChange: mappingFailures(async ({ sequence, miner, lastUsed, fingerprint, untilBlock }) => {
      const { firstBatch, lastBatch } = sequence;
      await untilAnswered(`watching sequence ${firstBatch}-${lastBatch}`, async () => {
        const view = await views.readView(sequence, miner, lastUsed);
        if (onlyLooks(sequence.chainId)) return view;
        if (view.stale) return null;
        const isDue = untilBlock !== null && view.head.number >= untilBlock - 1;
        return isDue || viewFingerprint(view) !== fingerprint ? view : null;
      });
    }),

    expectedTimeUntilBlock: mappingFailures(async ({ block }) => {
      const [head, blockTimeMs] = [await reader.freshHead(), await reader.blockTimeMs()];
      // The next block is one above the head, so `block` is it once the head is one below.
      const missing = Math.max(0, block - 1 - head.number);
      return { head: head.number, timeMs: Math.min(LONGEST_SLEEP_MS, Math.ceil(missing * blockTimeMs)) };
    }),
  };
}

/** On the queue of the short reads nothing waits, be it left there by an earlier version. */
function onlyLooks(chainId: number): boolean {
  return Context.current().info.taskQueue === chainQueue(chainId);
}
