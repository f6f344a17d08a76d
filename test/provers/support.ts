import { numberBatches } from '../../activities/chain/posted-batches.js';
import type { BatchWork } from '../../domain/rollup-type.js';
import type { GenesisAccount } from '../../rollup-types/transfers/genesis.js';
import { encodeRecord, joinRecords, type TransferRecord } from '../../rollup-types/transfers/record.js';
import { openTransfersReplay } from '../../rollup-types/transfers/replay.js';
import type { ProvingContext } from '../../domain/prover-backend.js';
import type { Statement } from '../../domain/proof.js';
import { COINBASE, GENESIS_ACCOUNTS, genesisOf, ROLLUP, word, ZERO_HASH } from '../transfers/support.js';
import { accumulateTransfers } from '../../rollup-types/transfers/accumulate.js';

export const MINER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

/** What has to be proved of the first batches of a rollup. */
export async function worksOf(
  batches: TransferRecord[][],
  genesis: GenesisAccount[] = GENESIS_ACCOUNTS,
): Promise<BatchWork[]> {
  const contents = batches.map((records, i) => ({
    transactions: joinRecords(records.map(encodeRecord)),
    globalExitRoot: word(BigInt(i)),
    timestamp: 1_700_000_000 + i,
    l2Coinbase: COINBASE,
  }));
  const place = { firstBatch: 1, previousAccInputHash: ZERO_HASH, accumulate: accumulateTransfers };
  const replay = openTransfersReplay(ROLLUP, genesisOf(genesis));
  const works: BatchWork[] = [];
  for (const batch of numberBatches(contents, place)) works.push(await replay.apply(batch));
  return works;
}

/** What two statements say together. */
export function joined(left: Statement, right: Statement): Statement {
  const { lastBatch, newStateRoot, newAccInputHash } = right;
  return { ...left, lastBatch, newStateRoot, newAccInputHash };
}

export function nth<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`No item ${index}`);
  return item;
}

/** A context that nobody cancels. */
export function quietly(signal: AbortSignal = new AbortController().signal): ProvingContext {
  return { signal, progress: () => undefined };
}

/** A copy with one bit of one byte turned over. */
export function tampered(bytes: Uint8Array, position: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[position] = nth([...copy], position) ^ 1;
  return copy;
}
