import { accumulateTransfers } from './accumulate.js';
import type { BatchWork } from '../../domain/rollup-type.js';
import { encodeGenesis, genesisTree } from './genesis.js';
import { openTransfersReplay } from './replay.js';

const ZERO_HASH = `0x${'00'.repeat(32)}` as const;
const ZERO_ADDRESS = `0x${'00'.repeat(20)}`;
/** One account with the curve's generator for a key. */
const ACCOUNTS = [{ x: 1n, y: 17631683881184975370165255887551781615748388533673675138860n, balance: 1n }];
/** Of no rollup that there is. */
const ROLLUP = { chainId: 31337, rollup: ZERO_ADDRESS };

/** The first batch of a new rollup, with nothing in it: as much work as a full one. */
export async function sampleBatch(): Promise<BatchWork> {
  const genesis = {
    stateRoot: `0x${genesisTree(ACCOUNTS).root.toString(16).padStart(64, '0')}` as const,
    accInputHash: ZERO_HASH,
    data: encodeGenesis(ACCOUNTS),
  };
  const content = { transactions: '0x', globalExitRoot: ZERO_HASH, timestamp: 1, l2Coinbase: ZERO_ADDRESS } as const;
  const accInputHash = accumulateTransfers(ZERO_HASH, content);
  return openTransfersReplay(ROLLUP, genesis).apply({ ...content, batchNumber: 1, accInputHash });
}
