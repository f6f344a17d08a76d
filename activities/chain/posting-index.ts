import { isHexString } from 'ethers';
import type pg from 'pg';
import type { PostedSequence, RollupRef } from '../../domain/sequence.js';
import { deleteBlocksAbove, insertBlock, selectNewestBlock, selectReadBlocks } from '../storage/chain-blocks.js';
import { inTransaction, isHex, type Database } from '../storage/database.js';
import {
  deletePostedAbove,
  deletePostedFrom,
  insertPostedSequence,
  selectPostedSequence,
} from '../storage/posted-sequences.js';
import { lowerReadMarks, moveReadMark, selectRollups, type RollupRow } from '../storage/rollups.js';
import type { ChainRpc } from './chain-rpc.js';
import type { ChainLog, Header } from './endpoints/rpc-answers.js';
import { PAGE_BLOCKS, type BlockRange } from './log-pages.js';
import { ROLLUP } from './rollup-facts.js';

const POSTED = ROLLUP.getEvent('SequencePosted')?.topicHash ?? '';
export const ROLLED_BACK = ROLLUP.getEvent('SequenceRolledBack')?.topicHash ?? '';

/** Something changed while a page of logs was read; the next try sees it. */
class ChangedMeanwhile extends Error {}

/** After so long what is left to read is left to the next look: others wait for the head. */
const LONGEST_LOOK_MS = 2_000;

/** How the table of posted sequences stands to a head of the chain. */
export interface PostingsRead {
  /** Whether this call read anything. */
  hasRead: boolean;
  /**
   * Which rollups are known up to which block, as text to compare: another process may have been the one that read.
   * Null where the chain or the table changed in the meantime, or there is more to read, so that postings up to the head may
   * be missing.
   */
  known: string | null;
  /**
   * Rollups of which postings may be missing: a node may leave out logs of a range without an error, and a posting that
   * does not follow the one before shows that it did.
   */
  toProve: RollupRef[];
  /** Rollups of which sequences were rolled back: a reorg that undoes it brings postings back whose logs are not read again. */
  rolledBack: RollupRef[];
  /** Whether blocks that had been read are no longer in the chain. */
  reorged: boolean;
  /** Why not all could be read, null if nothing failed. */
  problem: Error | null;
}

/**
 * Brings the table of posted sequences up to a head of the chain: walks back where a reorg took blocks away, then reads
 * the logs of all rollups that stand at the same block in one request. Several processes may do so at once.
 */
export async function bringPostingsUpTo(pool: pg.Pool, rpc: ChainRpc, head: Header): Promise<PostingsRead> {
  const read: PostingsRead = {
    hasRead: false,
    known: null,
    toProve: [],
    rolledBack: [],
    reorged: false,
    problem: null,
  };
  try {
    const newest = await selectNewestBlock(pool, rpc.chainId);
    if (newest && !(await follows(rpc, head, newest))) {
      read.reorged = true;
      await walkBack(pool, rpc);
    }

    for (const end = Date.now() + LONGEST_LOOK_MS; ;) {
      const rollups = await selectRollups(pool, rpc.chainId);
      const behind = rollups.filter(({ readUpTo }) => readUpTo < head.number);
      // Those that are nearly there first: one that is read again from its launch on holds up no other.
      const [first] = behind.sort((a, b) => b.readUpTo - a.readUpTo);
      if (!first) {
        return { ...read, known: rollups.map(({ rollup, readUpTo }) => `${rollup}:${readUpTo}`).join() };
      }
      if (Date.now() > end) return read;
      const together = behind.filter(({ readUpTo }) => readUpTo === first.readUpTo);
      const part = await readOn(pool, rpc, together, head);
      read.toProve.push(...part.toProve);
      read.rolledBack.push(...part.rolledBack);
      read.hasRead = true;
    }
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) read.problem = error instanceof Error ? error : new Error(String(error));
    return read;
  }
}

/** Whether the newest block read is still in the chain. A head below it says nothing: an endpoint may lag. */
async function follows(rpc: ChainRpc, head: Header, newest: { number: number; hash: string }): Promise<boolean> {
  if (head.number === newest.number + 1) return head.parentHash === newest.hash;
  if (head.number === newest.number) return head.hash === newest.hash;
  const now = await rpc.block(newest.number);
  if (now === null && head.number > newest.number) throw new ChangedMeanwhile();
  return now === null || now.hash === newest.hash;
}

/** Forgets all that was read above the last block that is still in the chain. */
async function walkBack(pool: pg.Pool, rpc: ChainRpc): Promise<void> {
  let common = -1;
  for (const { number, hash } of await selectReadBlocks(pool, rpc.chainId)) {
    if ((await rpc.block(number))?.hash !== hash) continue;
    common = number;
    break;
  }
  // The marks come first, as they do where a page is read: two processes never wait for each other.
  await inTransaction(pool, async (db) => {
    await lowerReadMarks(db, rpc.chainId, common);
    await deletePostedAbove(db, rpc.chainId, common);
    await deleteBlocksAbove(db, rpc.chainId, common);
  });
}

/** Blocks below the head that are read one by one, each by its hash: a node that does not have it says so. */
const NEAR_BLOCKS = 32;

/** Reads what comes next for rollups that stand at the same block. */
async function readOn(
  pool: pg.Pool,
  rpc: ChainRpc,
  rollups: RollupRow[],
  head: Header,
): Promise<Pick<PostingsRead, 'toProve' | 'rolledBack'>> {
  const readUpTo = rollups[0]?.readUpTo ?? head.number;
  const near = Math.max(0, head.number - NEAR_BLOCKS);
  const part = await (readUpTo < near
    ? readRange(rpc, rollups, { from: readUpTo + 1, to: Math.min(readUpTo + PAGE_BLOCKS, near) })
    : readNear(rpc, rollups, readUpTo + 1, head));
  const toProve = new Set<RollupRow>(part.mayHaveGaps ? rollups : []);
  const rolledBack = new Set<RollupRow>();
  await inTransaction(pool, async (db) => {
    for (const rollup of rollups) {
      if (!(await moveReadMark(db, rollup, { from: readUpTo, to: part.to }))) throw new ChangedMeanwhile();
      for (const log of part.logs.filter(({ address }) => sameAddress(address, rollup.rollup))) {
        const follows = await apply(db, rollup, log);
        if (!follows) toProve.add(rollup);
        if (log.topics[0] === ROLLED_BACK) rolledBack.add(rollup);
      }
    }
    for (const block of part.blocks) await insertBlock(db, rpc.chainId, block);
  });
  return { toProve: [...toProve], rolledBack: [...rolledBack] };
}

/** Logs of all blocks up to `to`, in order. */
interface ReadPart {
  logs: ChainLog[];
  to: number;
  /** To be remembered, so that a reorg is seen. */
  blocks: Header[];
  /** Whether a node could have left out logs without anybody noticing. */
  mayHaveGaps: boolean;
}

const TOPICS = [[POSTED, ROLLED_BACK]];

/** Nothing proves that the logs of a range are complete: what the contract says is compared afterwards. */
async function readRange(rpc: ChainRpc, rollups: readonly RollupRow[], blocks: BlockRange): Promise<ReadPart> {
  const end = await rpc.block(blocks.to);
  if (!end) throw new ChangedMeanwhile();
  const logs = await rpc.logs({ addresses: rollups.map(({ rollup }) => rollup), topics: TOPICS, blocks });
  // A range is named by numbers: make sure that it was still this chain's when its logs were read.
  if ((await rpc.block(blocks.to))?.hash !== end.hash) throw new ChangedMeanwhile();
  return { logs, to: blocks.to, blocks: [end], mayHaveGaps: true };
}

/** Reads every block up to the head by its hash, each the parent of the next one. */
async function readNear(rpc: ChainRpc, rollups: readonly RollupRow[], from: number, head: Header): Promise<ReadPart> {
  const blocks = [head];
  for (let first = head; first.number > from; blocks.unshift(first)) {
    const parent = await rpc.block(first.parentHash);
    if (!parent) throw new ChangedMeanwhile();
    first = parent;
  }
  const addresses = rollups.map(({ rollup }) => rollup);
  const logs = await Promise.all(
    blocks.map(({ hash: blockHash }) => rpc.logs({ addresses, topics: TOPICS, blocks: { blockHash } })),
  );
  return { logs: logs.flat(), to: head.number, blocks, mayHaveGaps: rpc.blockLogsMayHaveGaps() };
}

/** @returns false for a posting whose predecessor is not known */
async function apply(db: Database, rollup: RollupRef, log: ChainLog): Promise<boolean> {
  if (log.topics[0] === ROLLED_BACK) {
    const values: unknown[] = ROLLUP.decodeEventLog('SequenceRolledBack', log.data, log.topics).toArray();
    const [firstBatch] = values;
    await deletePostedFrom(db, rollup, Number(firstBatch));
    return true;
  }
  const posted = postedSequence(rollup, log);
  await insertPostedSequence(db, posted);
  return posted.firstBatch === 1 || (await selectPostedSequence(db, rollup, posted.firstBatch - 1)) !== null;
}

function postedSequence({ chainId, rollup }: RollupRef, log: ChainLog): PostedSequence {
  const { blockNumber, transactionHash, data, topics } = log;
  const values: unknown[] = ROLLUP.decodeEventLog('SequencePosted', data, topics).toArray();
  const [firstBatch, lastBatch, accInputHash] = values;
  if (!isHexString(accInputHash, 32) || !isHex(accInputHash)) throw new TypeError('a log without accInputHash');
  return {
    chainId,
    rollup,
    firstBatch: Number(firstBatch),
    lastBatch: Number(lastBatch),
    accInputHash,
    blockNumber,
    transactionHash,
  };
}

function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
