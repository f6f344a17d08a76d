import type { PostedSequence } from '../../domain/sequence.js';
import type { Database } from '../storage/database.js';
import { countPosted, selectPostedAfter, selectPostedSequence } from '../storage/posted-sequences.js';
import type { WaitForSequencesRequest } from '../../domain/chain-activities.js';
import type { ChainRpc } from './chain-rpc.js';
import { readLastVerifiedBatch } from './rollup-facts.js';

/** Most sequences handed out at once: keeps histories small. */
const MAX_SEQUENCES_AT_ONCE = 50;

/**
 * The sequences that follow the last one handed out and are not verified yet, as many as may be open. Where that one
 * has left the chain, all unverified ones again.
 */
export async function nextSequences(
  db: Database,
  rpc: ChainRpc,
  { after, startBatch, maxOpenSequences, ...request }: WaitForSequencesRequest,
): Promise<PostedSequence[]> {
  const rollup = { chainId: request.chainId, rollup: request.rollup };
  const lastVerified = await readLastVerifiedBatch(rpc, rollup.rollup);
  // The sequence that holds startBatch is the first one that this miner takes part in.
  const lowest = Math.max(lastVerified, startBatch - 1);

  const last = after && (await selectPostedSequence(db, rollup, after.lastBatch));
  const isThere = after !== null && last?.accInputHash === after.accInputHash;
  const afterBatch = isThere ? Math.max(lowest, after.lastBatch) : lowest;

  const open = afterBatch > lowest ? await countPosted(db, rollup, { afterBatch: lowest, upToBatch: afterBatch }) : 0;
  const limit = Math.min(MAX_SEQUENCES_AT_ONCE, maxOpenSequences - open);
  if (limit <= 0) return [];
  const known = await selectPostedAfter(db, rollup, { afterBatch, upToBatch: Number.MAX_SAFE_INTEGER, limit });
  return withoutGap(known, afterBatch);
}

/**
 * Those that follow each other without a gap. Of one that is missing the log was left out: it is read again, and whoever has
 * been handed a later one would never ask for it.
 */
function withoutGap(known: readonly PostedSequence[], afterBatch: number): PostedSequence[] {
  let next = afterBatch + 1;
  const following = known.findIndex(({ firstBatch, lastBatch }) => {
    const isGap = firstBatch > next;
    next = lastBatch + 1;
    return isGap;
  });
  return following === -1 ? [...known] : known.slice(0, following);
}
