import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import { markSettledWork } from '../../activities/chain/settled-work.js';
import type { FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { selectExpiredFinalProofs } from '../../activities/storage/final-proofs.js';
import { deleteExpiredTasks } from '../../activities/storage/retention.js';
import { selectRollups } from '../../activities/storage/rollups.js';
import type { Logger } from '../../platform/log.js';

const PASS_INTERVAL_MS = 10 * 60_000;
/** Of tasks or final proofs deleted in one go: others want the database too. */
const DELETED_AT_ONCE = 200;
const PAUSE_MS = 100;

export interface RetentionDeps {
  pool: pg.Pool;
  rpc: ChainRpc;
  finals: FinalProofStore;
  log: Logger;
  /** Depth at which what the chain says counts as final. */
  confirmations: number;
  /** How long what a settled sequence has left behind is kept. */
  settledForMs: number;
  /** Default ten minutes. */
  intervalMs?: number;
}

/**
 * Deletes what settled sequences have left behind, from time to time, until it is stopped. Several aggregators may do so
 * side by side; a failure is logged, and the next pass goes on.
 */
export function startRetention(deps: RetentionDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await pass(deps, stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted)
          deps.log.warn({ error }, 'what settled sequences left behind cannot be deleted now');
      });
      await delay(deps.intervalMs ?? PASS_INTERVAL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function pass({ pool, rpc, finals, log, confirmations, settledForMs }: RetentionDeps, end: AbortSignal) {
  for (const rollup of await selectRollups(pool, rpc.chainId)) {
    end.throwIfAborted();
    try {
      await markSettledWork({ rpc, pool }, rollup, confirmations);
    } catch (error) {
      // One rollup that cannot be read (its chain was made anew, say) must not keep the others' rows for ever.
      log.warn({ error, rollup: rollup.rollup }, 'what of a rollup is settled cannot be read now');
    }
  }
  const deleted = { tasks: 0, artifacts: 0, finalProofs: 0 };
  const bounds = { settledForMs, limit: DELETED_AT_ONCE };
  for (;;) {
    end.throwIfAborted();
    const { tasks, artifacts } = await deleteExpiredTasks(pool, bounds);
    deleted.tasks += tasks;
    deleted.artifacts += artifacts;
    if (tasks < DELETED_AT_ONCE) break;
    await delay(PAUSE_MS);
  }
  for (const proofDigest of await selectExpiredFinalProofs(pool, bounds)) {
    end.throwIfAborted();
    if (await finals.deleteSettled(proofDigest)) deleted.finalProofs += 1;
  }
  if (deleted.tasks + deleted.finalProofs > 0) log.info(deleted, 'deleted what settled sequences left behind');
}
