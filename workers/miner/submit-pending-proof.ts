import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import { listPendingSequences } from '../../activities/chain/pending-sequences.js';
import type { Database } from '../../activities/storage/database.js';
import { selectRollups } from '../../activities/storage/rollups.js';
import type { Logger } from '../log.js';
import { startSequence } from './start-sequence.js';

/** Pauses before the rollups that could not be read are read again: doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;

export interface SubmitPendingDeps {
  client: Client;
  db: Database;
  rpc: ChainRpc;
  log: Logger;
}

export interface SubmittingPending {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/**
 * Run once when an aggregator starts: completes what its last run left unfinished. Chain and database are asked, not
 * Temporal, whose database may be new: every sequence with an open commitment of ours, or with a final proof that was
 * not submitted, gets its workflow. Resolves when each rollup was looked at; those that could not be read (their chain
 * was made anew, or an endpoint failed) keep nobody waiting and are looked at again and again.
 */
export async function submitPendingProof(
  deps: SubmitPendingDeps,
  { chainId, miner }: { chainId: number; miner: string },
): Promise<SubmittingPending> {
  const stopping = new AbortController();
  const submitAll = async (rollups: readonly string[]): Promise<string[]> => {
    const unread: string[] = [];
    for (const rollup of rollups) {
      if (!stopping.signal.aborted && !(await submitPending(deps, { chainId, rollup, miner }))) unread.push(rollup);
    }
    return unread;
  };
  const submitLater = async (unread: readonly string[]): Promise<void> => {
    let left = unread;
    for (let pauseMs = FIRST_PAUSE_MS; left.length > 0; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      left = await submitAll(left);
    }
  };
  const known = await selectRollups(deps.db, chainId);
  const later = submitLater(await submitAll(known.map(({ rollup }) => rollup)));
  return {
    async stop() {
      stopping.abort();
      await later;
    },
  };
}

/** @returns whether the rollup could be read */
async function submitPending(
  { client, db, rpc, log }: SubmitPendingDeps,
  { chainId, rollup, miner }: { chainId: number; rollup: string; miner: string },
): Promise<boolean> {
  try {
    for (const sequence of await listPendingSequences(db, rpc, { chainId, rollups: [rollup], miner })) {
      const started = await startSequence(client, sequence, miner, { again: true });
      const { firstBatch, lastBatch } = sequence;
      log.info({ rollup, firstBatch, lastBatch, started }, 'a proof of an earlier run is pending');
    }
    return true;
  } catch (error) {
    log.error({ error, rollup }, 'the pending proofs of a rollup cannot be found; tried again');
    return false;
  }
}
