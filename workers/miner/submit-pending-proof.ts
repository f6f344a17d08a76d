import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import { listCommittedSequences, listProvedSequences } from '../../activities/chain/pending-sequences.js';
import { mapAtOnce } from '../../activities/map-at-once.js';
import type { Database } from '../../activities/storage/database.js';
import { selectRollups } from '../../activities/storage/rollups.js';
import { within } from '../../activities/within.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { Logger } from '../../platform/log.js';
import { startSequence } from './start-sequence.js';

/** Pauses before the rollups that could not be read are read again: doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;
/** Rollups read, and workflows started, side by side. */
const AT_ONCE = 16;
/** What a rollup has not told of within this time is asked for again later: the others' windows are short. */
const SLOW_MS = 2_000;

export interface SubmitPendingDeps {
  client: Client;
  db: Database;
  rpc: ChainRpc;
  log: Logger;
}

export interface SubmittingPending {
  /** Resolves when each rollup was asked once for open commitments, and those found have their workflows. */
  commitmentsTaken: Promise<void>;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/**
 * Run once when an aggregator starts: completes what its last run left unfinished. Chain and database are asked, not
 * Temporal, whose database may be new: every sequence with an open commitment of ours, or with a final proof that was
 * not submitted, gets its workflow. Open commitments come first, the one whose window ends first before all others: each
 * that is missed costs a penalty. Rollups that could not be read (their chain was made anew, or an endpoint failed) keep
 * nobody waiting and are looked at again and again.
 */
export function submitPendingProof(
  deps: SubmitPendingDeps,
  { chainId, miner }: { chainId: number; miner: string },
): SubmittingPending {
  const stopping = new AbortController();
  const { signal } = stopping;
  const us = { chainId, miner };
  const rollups = selectRollups(deps.db, chainId).then((rows) => rows.map(({ rollup }) => rollup));
  const commitments = rollups.then((known) => takeCommitments(quick(deps), us, known));
  const work = async (): Promise<void> => {
    const [known, withoutAnswer] = [await rollups, await commitments];
    await Promise.all([
      untilAllAreRead(withoutAnswer, signal, (left) => takeCommitments(deps, us, left)),
      untilAllAreRead(await takeProofs(deps, us, known), signal, (left) => takeProofs(deps, us, left)),
    ]);
  };
  const working = work().catch((error: unknown) =>
    deps.log.error({ error }, 'which rollups have pending proofs cannot be read from the database'),
  );
  return {
    commitmentsTaken: commitments.then(() => undefined),
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

interface Us {
  chainId: number;
  miner: string;
}

/** @returns the rollups that could not be read */
async function takeCommitments(deps: SubmitPendingDeps, us: Us, rollups: readonly string[]): Promise<string[]> {
  const { chainId, miner } = us;
  const failures: Failure[] = [];
  const read = await mapAtOnce(AT_ONCE, rollups, (rollup) =>
    orUnread(failures, rollup, () => listCommittedSequences(deps.rpc, { chainId, rollup }, miner)),
  );
  const found = read.flatMap((answer) => answer ?? []);
  found.sort((a, b) => (a.revealEnd ?? Infinity) - (b.revealEnd ?? Infinity));
  const started = await mapAtOnce(AT_ONCE, found, ({ sequence }) =>
    orUnread(failures, sequence.rollup, () => start(deps, sequence, miner)),
  );
  tell(deps, failures);
  const failed = new Set(found.filter((_, index) => started[index] === null).map(({ sequence }) => sequence.rollup));
  return rollups.filter((rollup, index) => read[index] === null || failed.has(rollup));
}

/** @returns the rollups that could not be read */
async function takeProofs(deps: SubmitPendingDeps, us: Us, rollups: readonly string[]): Promise<string[]> {
  const { chainId, miner } = us;
  const failures: Failure[] = [];
  const read = await mapAtOnce(AT_ONCE, rollups, (rollup) =>
    orUnread(failures, rollup, async () => {
      const sequences = await listProvedSequences(deps.db, deps.rpc, { chainId, rollup }, miner);
      for (const sequence of sequences) await start(deps, sequence, miner);
      return sequences;
    }),
  );
  tell(deps, failures);
  return rollups.filter((_, index) => read[index] === null);
}

async function start({ client, log }: SubmitPendingDeps, sequence: SequenceIdentity, miner: string): Promise<boolean> {
  const started = await startSequence(client, sequence, miner, { again: true });
  const { rollup, firstBatch, lastBatch } = sequence;
  log.info({ rollup, firstBatch, lastBatch, started }, 'a proof of an earlier run is pending');
  return started;
}

/** The same chain, which has to answer soon. */
function quick(deps: SubmitPendingDeps): SubmitPendingDeps {
  const soon = <T>(answer: Promise<T>): Promise<T> => within(SLOW_MS, 'The chain', answer);
  const { rpc } = deps;
  return { ...deps, rpc: { ...rpc, call: (...asked) => soon(rpc.call(...asked)), latest: () => soon(rpc.latest()) } };
}

/** Null where a rollup cannot be read. */
async function orUnread<T>(failures: Failure[], rollup: string, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    failures.push({ rollup, error });
    return null;
  }
}

interface Failure {
  rollup: string;
  error: unknown;
}

/** In one line: mostly they all have the same cause. */
function tell({ log }: SubmitPendingDeps, failures: readonly Failure[]): void {
  const [first] = failures;
  if (!first) return;
  log.error({ ...first, rollups: failures.length }, 'the pending proofs of rollups cannot be found; tried again');
}

/** @param read again, after a pause; resolves with those that could still not be read */
async function untilAllAreRead(
  unread: readonly string[],
  signal: AbortSignal,
  read: (left: readonly string[]) => Promise<string[]>,
): Promise<void> {
  let left = unread;
  for (let pauseMs = FIRST_PAUSE_MS; left.length > 0; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    left = await read(left);
  }
}
