import type pg from 'pg';
import { z } from 'zod';
import type { Hex, RollupRef } from '../../domain/sequence.js';
import { mapAtOnce } from '../map-at-once.js';
import { hex, type Database } from '../storage/database.js';
import { selectBlockBeforeGap, selectLastPosted } from '../storage/posted-sequences.js';
import { lowerReadMark, selectRollup, selectRollups } from '../storage/rollups.js';
import type { ChainRpc } from './chain-rpc.js';
import type { Header } from './endpoints/rpc-answers.js';
import type { PostingsRead } from './posting-index.js';
import { ROLLUP } from './rollup-facts.js';

/** Rollups asked about side by side. */
const ASKED_AT_ONCE = 8;
/** After so many blocks a rollup that is still incomplete is read again; twice as many each time. */
const FIRST_PAUSE_BLOCKS = 1;
const LONGEST_PAUSE_BLOCKS = 1_000;

/** How often a rollup's postings were found incomplete in a row, and from which head on that is looked at again. */
interface Suspicion {
  times: number;
  notBefore: number;
}

/**
 * Proves that no posting is missing: the contract says which batch was sequenced last, and its accumulated input hash
 * covers all that was ever posted. Nodes behind a load balancer leave out the logs of their newest blocks without an
 * error, and a posting that is not seen would make every later one impossible to prove.
 */
export interface MissingPostings {
  /**
   * Compares the table with the contract at a head up to which it was read, where anything may be missing, and has what is
   * incomplete read again. The first look is at all rollups: an earlier run may have left a gap.
   *
   * @returns what is missing after it was read again already, in words; empty as a rule
   */
  look(read: PostingsRead, head: Header): Promise<string[]>;
}

export function createMissingPostings(pool: pg.Pool, rpc: ChainRpc): MissingPostings {
  const toProve = new Map<string, RollupRef>();
  const suspicions = new Map<string, Suspicion>();
  const everRolledBack = new Map<string, RollupRef>();
  let isFirstLook = true;

  async function suspectFrom({ toProve: suspects, rolledBack, reorged }: PostingsRead): Promise<void> {
    const known = isFirstLook ? await selectRollups(pool, rpc.chainId) : [];
    isFirstLook = false;
    for (const ref of rolledBack) everRolledBack.set(ref.rollup, ref);
    for (const ref of [...known, ...suspects, ...(reorged ? everRolledBack.values() : [])])
      toProve.set(ref.rollup, ref);
  }

  async function prove(ref: RollupRef, head: Header): Promise<string | null> {
    const { rollup } = ref;
    const { times = 0, notBefore = 0 } = suspicions.get(rollup) ?? {};
    // Another process may have read on meanwhile, or blocks were taken back.
    const isReadUpToHead = (await selectRollup(pool, ref))?.readUpTo === head.number;
    if (head.number < notBefore || !isReadUpToHead) return null;
    const missing = await whatIsMissing(pool, rpc, ref, head);
    if (missing === null) {
      toProve.delete(rollup);
      suspicions.delete(rollup);
      return null;
    }
    rpc.distrustLogs();
    // First from the gap on; where that did not help, from the launch on.
    await lowerReadMark(pool, ref, times === 0 ? missing.afterBlock : 0);
    const pauseBlocks = Math.min(LONGEST_PAUSE_BLOCKS, FIRST_PAUSE_BLOCKS * 2 ** times);
    suspicions.set(rollup, { times: times + 1, notBefore: head.number + pauseBlocks });
    return times === 0
      ? null
      : `postings of rollup ${rollup} are missing (${missing.what}): the endpoints leave out logs`;
  }

  return {
    async look(read, head) {
      await suspectFrom(read);
      const problems = await mapAtOnce(ASKED_AT_ONCE, [...toProve.values()], (ref) =>
        prove(ref, head).catch(describeError),
      );
      return problems.filter((problem) => problem !== null);
    },
  };
}

/** An endpoint that fails now is asked again at the next look. */
function describeError(error: unknown): string {
  return `whether postings are missing cannot be asked: ${error instanceof Error ? error.message : String(error)}`;
}

/** Has a rollup's postings read again from the first gap on. Returns whether there is one. */
export async function rereadFromGap(db: Database, rollup: RollupRef): Promise<boolean> {
  const block = await selectBlockBeforeGap(db, rollup);
  if (block !== null) await lowerReadMark(db, rollup, block - 1);
  return block !== null;
}

interface Missing {
  what: string;
  /** Postings up to this block are known. */
  afterBlock: number;
}

async function whatIsMissing(db: Database, rpc: ChainRpc, ref: RollupRef, head: Header): Promise<Missing | null> {
  const block = await selectBlockBeforeGap(db, ref);
  if (block !== null) return { what: `a gap after block ${block}`, afterBlock: block - 1 };
  const known = await selectLastPosted(db, ref);
  const said = await lastSequenced(rpc, ref, head.hash);
  // No rollup at this address: that is for others to say.
  if (said === null) return null;
  const isSame = said.lastBatch === (known?.lastBatch ?? 0) && (!known || said.accInputHash === known.accInputHash);
  if (isSame) return null;
  const what = `the contract says that batch ${said.lastBatch} was posted last, the logs say ${known?.lastBatch ?? 'none'}`;
  // The block of the last known posting again: several may be in it.
  return { what, afterBlock: (known?.blockNumber ?? 0) - 1 };
}

const posted = z.tuple([hex]).rest(z.unknown());

async function lastSequenced(
  rpc: ChainRpc,
  { rollup }: RollupRef,
  blockHash: Hex,
): Promise<{ lastBatch: number; accInputHash: Hex } | null> {
  const read = (name: 'lastBatchSequenced' | 'sequencedBatches', args: unknown[]): Promise<Hex> =>
    rpc.call({ to: rollup, data: ROLLUP.encodeFunctionData(name, args) }, { blockHash });
  const last = await read('lastBatchSequenced', []);
  if (last === '0x') return null;
  const lastBatch = BigInt(last);
  const record = ROLLUP.decodeFunctionResult('sequencedBatches', await read('sequencedBatches', [lastBatch]));
  const [accInputHash] = posted.parse(record.toArray());
  return { lastBatch: Number(lastBatch), accInputHash };
}
