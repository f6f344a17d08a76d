import { getAddress, getBytes, Interface, sha256, solidityPackedSha256, type TransactionDescription } from 'ethers';
import { z } from 'zod';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import type { Hex } from '../../workflows/domain/sequence.js';
import type { PostedBatch } from '../proving/rollup-type.js';

const rollupInterface = new Interface(ROLLUP_ABI);

/** Arguments of `sequenceBatches`: (transactions, globalExitRoot, timestamp, minForcedTimestamp)[] and the coinbase. */
const sequenceBatchesArguments = z.tuple([
  z.array(z.tuple([z.string(), z.string(), z.bigint(), z.bigint()])),
  z.string(),
]);

/** A batch as a sequencer posts it, before the contract gives it a number and an accumulated input hash. */
export type BatchContent = Omit<PostedBatch, 'batchNumber' | 'accInputHash'>;

/** Where a posting stands in its rollup's history. */
export interface PostingPlace {
  firstBatch: number;
  /** Accumulated input hash after the batch before `firstBatch`; zero before batch 1. */
  previousAccInputHash: Hex;
  /** `batchBytes` of the rollup's type. */
  batchBytes: number;
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
    accInputHash = accumulateInputHash(accInputHash, content, place.batchBytes);
    return { ...content, batchNumber: place.firstBatch + i, accInputHash };
  });
}

/**
 * Accumulated input hash after a batch: sha256 over the hash before, the sha256 of the data filled up with zero bytes to
 * the type's batch size, the global exit root, the timestamp and the coinbase, packed.
 */
export function accumulateInputHash(previous: Hex, batch: BatchContent, batchBytes: number): Hex {
  const data = getBytes(batch.transactions);
  if (data.length > batchBytes) {
    throw new Error(`A batch has ${data.length} bytes, expected at most the ${batchBytes} of its rollup type`);
  }
  const padded = new Uint8Array(batchBytes);
  padded.set(data);
  return asHex(
    solidityPackedSha256(
      ['bytes32', 'bytes32', 'bytes32', 'uint64', 'address'],
      [previous, sha256(padded), batch.globalExitRoot, batch.timestamp, batch.l2Coinbase],
    ),
  );
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
