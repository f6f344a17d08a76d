import { isHexString } from 'ethers';
import type pg from 'pg';
import type { PostedSequence, RollupRef } from '../../workflows/domain/sequence.js';
import { deleteBlocksAbove, insertBlock, selectNewestBlock, selectReadBlocks } from '../storage/chain-blocks.js';
import { inTransaction, isHex, type Database } from '../storage/database.js';
import { deletePostedAbove, deletePostedFrom, insertPostedSequence } from '../storage/posted-sequences.js';
import { lowerReadMarks, moveReadMark, selectRollups, type RollupRow } from '../storage/rollups.js';
import type { ChainRpc } from './chain-rpc.js';
import type { ChainLog, Header } from './endpoints/rpc-answers.js';
import { PAGE_BLOCKS } from './log-pages.js';
import { ROLLUP } from './rollup-facts.js';

const POSTED = ROLLUP.getEvent('SequencePosted')?.topicHash ?? '';
export const ROLLED_BACK = ROLLUP.getEvent('SequenceRolledBack')?.topicHash ?? '';

/** Something changed while a page of logs was read; the next try sees it. */
class ChangedMeanwhile extends Error {}

/** How the table of posted sequences stands to a head of the chain. */
export interface PostingsRead {
  /** Whether this call read anything. */
  hasRead: boolean;
  /**
   * Which rollups are known up to which block, as text to compare: another process may have been the one that read.
   * Null where the chain or the table changed in the meantime, so that postings up to the head may be missing.
   */
  known: string | null;
}

/**
 * Brings the table of posted sequences up to a head of the chain: walks back where a reorg took blocks away, then reads
 * the logs of all rollups that stand at the same block in one request. Several processes may do so at once.
 */
export async function bringPostingsUpTo(pool: pg.Pool, rpc: ChainRpc, head: Header): Promise<PostingsRead> {
  let hasRead = false;
  try {
    const newest = await selectNewestBlock(pool, rpc.chainId);
    if (newest && !(await follows(rpc, head, newest))) await walkBack(pool, rpc);

    for (;;) {
      const rollups = await selectRollups(pool, rpc.chainId);
      const behind = rollups.filter(({ readUpTo }) => readUpTo < head.number);
      const [first] = behind.sort((a, b) => a.readUpTo - b.readUpTo);
      if (!first) {
        return { hasRead, known: rollups.map(({ rollup, readUpTo }) => `${rollup}:${readUpTo}`).join() };
      }
      await readPage(
        pool,
        rpc,
        behind.filter(({ readUpTo }) => readUpTo === first.readUpTo),
        head,
      );
      hasRead = true;
    }
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) throw error;
    return { hasRead, known: null };
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

/** Reads the next page of logs for rollups that stand at the same block. */
async function readPage(pool: pg.Pool, rpc: ChainRpc, rollups: RollupRow[], head: Header): Promise<void> {
  const readUpTo = rollups[0]?.readUpTo ?? head.number;
  const from = readUpTo + 1;
  const to = Math.min(readUpTo + PAGE_BLOCKS, head.number);
  const end = to === head.number ? head : await rpc.block(to);
  if (!end) throw new ChangedMeanwhile();

  const logs = await rpc.logs({
    addresses: rollups.map(({ rollup }) => rollup),
    topics: [[POSTED, ROLLED_BACK]],
    blocks: from === to ? { blockHash: end.hash } : { from, to },
  });
  // A range is named by numbers: make sure that it was still this chain's when its logs were read.
  if (from !== to && (await rpc.block(to))?.hash !== end.hash) throw new ChangedMeanwhile();

  await inTransaction(pool, async (db) => {
    for (const rollup of rollups) {
      if (!(await moveReadMark(db, rollup, { from: readUpTo, to }))) throw new ChangedMeanwhile();
      for (const log of logs) if (sameAddress(log.address, rollup.rollup)) await apply(db, rollup, log);
    }
    await insertBlock(db, rpc.chainId, end);
  });
}

async function apply(db: Database, rollup: RollupRef, log: ChainLog): Promise<void> {
  if (log.topics[0] === ROLLED_BACK) {
    const values: unknown[] = ROLLUP.decodeEventLog('SequenceRolledBack', log.data, log.topics).toArray();
    const [firstBatch] = values;
    await deletePostedFrom(db, rollup, Number(firstBatch));
  } else {
    await insertPostedSequence(db, postedSequence(rollup, log));
  }
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
