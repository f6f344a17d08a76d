import type { Hex, PostedSequence, RollupRef, SequenceIdentity } from '../../domain/sequence.js';
import { SequenceNotPostedError, type RollupDataSource } from '../proving/rollup-data.js';
import type { PostedBatch, RollupType } from '../../domain/rollup-type.js';
import type { Database } from '../storage/database.js';
import { selectPostedAfter, selectPostedSequence } from '../storage/posted-sequences.js';
import type { ChainRpc } from './chain-rpc.js';
import { rereadFromGap } from './missing-postings.js';
import { decodePostedBatches, numberBatches } from './posted-batches.js';
import { ensureRollupIsRead, readGenesis, readRollupEntry, ZERO_HASH } from './rollup-directory.js';

/** Postings whose rows are read at once; each has its calldata fetched when its turn comes. */
const PAGE_POSTINGS = 200;

/** Reads posted data: where postings are from the index, what was posted from their transactions. */
export function createRollupDataSource(
  db: Database,
  rpc: ChainRpc,
  findRollupType: (name: string) => RollupType,
): RollupDataSource {
  async function* postedBatches(sequence: SequenceIdentity, firstBatch: number): AsyncGenerator<PostedBatch> {
    const { chainId, rollup, lastBatch, accInputHash } = sequence;
    await ensureRollupIsRead(db, rpc, sequence, { startBatch: sequence.firstBatch, following: false });
    const last = await selectPostedSequence(db, sequence, lastBatch);
    if (last?.accInputHash !== accInputHash) throw new SequenceNotPostedError(sequence);

    const type = findRollupType((await readRollupEntry(rpc, { chainId, rollup })).rollupType);
    let { afterBatch, previousAccInputHash } = await predecessor(db, sequence, firstBatch);
    while (afterBatch < lastBatch) {
      const postings = await selectPostedAfter(db, sequence, {
        afterBatch,
        upToBatch: lastBatch,
        limit: PAGE_POSTINGS,
      });
      if (postings.length === 0) throw new SequenceNotPostedError(sequence);
      for (const posting of postings) {
        const batches = await readPosting(rpc, posting, previousAccInputHash, type).catch(async (error: unknown) => {
          // An earlier version did not notice a posting that was left out.
          await rereadFromGap(db, sequence);
          throw error;
        });
        yield* batches.filter(({ batchNumber }) => batchNumber >= firstBatch);
        previousAccInputHash = posting.accInputHash;
        afterBatch = posting.lastBatch;
      }
    }
  }

  return {
    describe: (rollup) => readRollupEntry(rpc, rollup),
    genesis: async (rollup) => readGenesis(rpc, rollup, (await readRollupEntry(rpc, rollup)).launchBlock),
    postedBatches,
  };
}

/** The posting before the one that holds `firstBatch`. */
async function predecessor(
  db: Database,
  rollup: RollupRef,
  firstBatch: number,
): Promise<{ afterBatch: number; previousAccInputHash: Hex }> {
  if (firstBatch > 1) {
    const [holding] = await selectPostedAfter(db, rollup, {
      afterBatch: firstBatch - 1,
      upToBatch: Number.MAX_SAFE_INTEGER,
      limit: 1,
    });
    const before = holding && (await selectPostedSequence(db, rollup, holding.firstBatch - 1));
    if (before) return { afterBatch: before.lastBatch, previousAccInputHash: before.accInputHash };
  }
  return { afterBatch: 0, previousAccInputHash: ZERO_HASH };
}

async function readPosting(
  rpc: ChainRpc,
  { transactionHash, firstBatch, accInputHash }: PostedSequence,
  previousAccInputHash: Hex,
  { accumulate }: RollupType,
): Promise<PostedBatch[]> {
  const data = await rpc.transactionData(transactionHash);
  if (data === null)
    throw new Error(`No endpoint knows transaction ${transactionHash}, which posted batch ${firstBatch}`);
  const batches = numberBatches(decodePostedBatches(data), { firstBatch, previousAccInputHash, accumulate });
  const computed = batches.at(-1)?.accInputHash;
  if (computed !== accInputHash) {
    throw new Error(
      `The data posted by ${transactionHash} hashes to ${computed}, but the rollup says ${accInputHash}: ` +
        'the endpoint gave another transaction or left out an event',
    );
  }
  return batches;
}
