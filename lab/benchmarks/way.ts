import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { selectRow, type Database } from '../../activities/storage/database.js';
import type { BenchServers } from './bench-servers.js';
import { boundOf, type BenchWork, type WorkBound } from './bench-work.js';
import { benchRollup, benchSequence } from './bench-rollup.js';
import type { ProofSpan } from './proof-log.js';
import type { Reach } from './reach.js';

/** What is to be done, on what. */
export interface WayOptions {
  servers: BenchServers;
  work: BenchWork;
  bound: WorkBound;
  /** Prover processes. */
  machines: number;
  slotsPerMachine: number;
  /** Absent: the provers are in the servers' network. */
  reach?: Reach;
  report(line: string): void;
}

/** CPU time from the start to the last accepted proof, in seconds; null where the system does not tell. */
export interface CpuSeconds {
  /** Temporal and Postgres. */
  servers: number | null;
  aggregator: number | null;
  provers: number | null;
}

/** One run of a work in one way. */
export interface WayResult {
  startedAtMs: number;
  /** From the first request to the last proof that was checked and stored. */
  wallMs: number;
  spans: ProofSpan[];
  cpu: CpuSeconds;
  /** Bytes of workflow history; 0 where there are no workflows. */
  historyBytes: number;
  /** By how much the databases grew, in bytes: inputs, proofs, rows, and histories. */
  databaseBytes: number;
}

const POLL_MS = 100;
/** A run that takes so many times its bound, and a while for the start, stands still. */
const PATIENCE_FACTOR = 6;
const PATIENCE_MS = 60_000;

const progress = z.object({ accepted: z.number(), last_ms: z.number().nullable() });

/**
 * Waits until so many proofs are accepted, of those that were after the start.
 *
 * @returns when the last one was, in milliseconds since 1970
 * @throws Error if they stay away
 */
export async function waitForProofs(db: Database, { tasks, boundMs }: WorkBound, startedAtMs: number): Promise<number> {
  const end = Date.now() + PATIENCE_FACTOR * boundMs + PATIENCE_MS;
  for (;;) {
    const row = await selectRow(
      db,
      progress,
      `SELECT count(*)::int AS accepted, (extract(epoch FROM max(accepted_at)) * 1000)::float8 AS last_ms
       FROM proof_tasks WHERE accepted_at > to_timestamp($1::float8 / 1000)`,
      [startedAtMs],
    );
    if (row?.last_ms && row.accepted >= tasks) return row.last_ms;
    if (Date.now() > end) {
      throw new Error(`Only ${row?.accepted} of ${tasks} proofs were made in ${PATIENCE_FACTOR} times the bound`);
    }
    await delay(POLL_MS);
  }
}

/** CPU time that passed between two looks. */
export function cpuBetween(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  const part = (name: keyof CpuSeconds): number | null => {
    const [begin, end] = [before[name], after[name]];
    return begin === null || end === null ? null : end - begin;
  };
  return { servers: part('servers'), aggregator: part('aggregator'), provers: part('provers') };
}

/** Its number is no other rollup's. */
const WARM_UP_ROLLUP = 1_000_000;

/**
 * Batch proofs of another rollup, two for each slot: what programs do only once after their start is done when the clock
 * starts, and machines know how long a proof takes.
 */
export function warmUpOf(options: WayOptions): WayOptions {
  const slots = options.machines * options.slotsPerMachine;
  const sequences = [benchSequence(benchRollup(WARM_UP_ROLLUP), 1, 2 * slots)];
  const work = { ...options.work, sequences, folds: false };
  return { ...options, work, bound: boundOf(work, slots) };
}
