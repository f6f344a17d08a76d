import { getAddress, Interface, type TransactionDescription } from 'ethers';
import { z } from 'zod';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import type { Hex } from '../../domain/sequence.js';
import type { BatchContent, PostedBatch, RollupType } from '../../domain/rollup-type.js';

const rollupInterface = new Interface(ROLLUP_ABI);

/** Arguments of `sequenceBatches`: (transactions, globalExitRoot, timestamp, minForcedTimestamp)[] and the coinbase. */
const sequenceBatchesArguments = z.tuple([
  z.array(z.tuple([z.string(), z.string(), z.bigint(), z.bigint()])),
  z.string(),
]);

/** Where a posting stands in its rollup's history. */
export interface PostingPlace {
  firstBatch: number;
  /** Accumulated input hash after the batch before `firstBatch`; zero before batch 1. */
  previousAccInputHash: Hex;
  /** As the rollup's type chains its batches. */
  accumulate: RollupType['accumulate'];
}

/**
 * The batches in the calldata of a `sequenceBatches` transaction.
 *
 * @throws Error if it is no call of `sequenceBatches`, as when a contract posted on the sequencer's behalf
 */
export function decodePostedBatches(transactionInput: Hex): BatchContent[] {
  const [batches, l2Coinbase] = sequenceBatchesArguments.parse(parseCall(transactionInput).args.toArray(true));
  return batches.map(([transactions, globalExitRoot, timestamp]) => ({
    transactions: asHex(transactions),
    globalExitRoot: asHex(globalExitRoot),
    timestamp: safeInteger(timestamp),
    l2Coinbase: getAddress(l2Coinbase),
  }));
}

/** The batches of a posting with their numbers and accumulated input hashes, as the contract counts them. */
export function numberBatches(contents: readonly BatchContent[], place: PostingPlace): PostedBatch[] {
  let accInputHash = place.previousAccInputHash;
  return contents.map((content, i) => {
    accInputHash = place.accumulate(accInputHash, content);
    return { ...content, batchNumber: place.firstBatch + i, accInputHash };
  });
}

function parseCall(data: Hex): TransactionDescription {
  const call = tryParse(data);
  if (call?.name !== 'sequenceBatches') {
    throw new Error(
      `The posting transaction's data (${data.length / 2 - 1} bytes, ${data.slice(0, 10)}…) is no sequenceBatches call: ` +
        'postings through another contract are not supported, post from the sequencer itself',
    );
  }
  return call;
}

function tryParse(data: Hex): TransactionDescription | null {
  try {
    return rollupInterface.parseTransaction({ data });
  } catch {
    return null; // The selector is right, the arguments are not.
  }
}

function safeInteger(timestamp: bigint): number {
  if (timestamp > BigInt(Number.MAX_SAFE_INTEGER))
    throw new Error(`Batch timestamp ${timestamp} is not a time in seconds`);
  return Number(timestamp);
}

function asHex(text: string): Hex {
  return `0x${text.slice(2).toLowerCase()}`;
}
