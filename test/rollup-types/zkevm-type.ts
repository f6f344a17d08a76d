import { createHash } from 'node:crypto';
import { accumulatePadded } from '../../rollup-types/padded-records.js';
import type { BatchWork, PostedBatch, RollupGenesis, RollupReplay, RollupType } from '../../domain/rollup-type.js';
import { encodeBatchInput } from '../../provers/gateways/polygon-zkevm/batch-input.js';
import type { Hex, RollupRef } from '../../domain/sequence.js';

const BATCH_BYTES = 256;
const ZERO: Hex = `0x${'0'.repeat(64)}`;
/** Chain id of the rollup itself. */
const ROLLUP_CHAIN_ID = 4242;

/**
 * How posted batches become work for provers of the zkEVM family. It does not execute them, as a real type has to (or
 * has a node do): a batch moves the state root to sha256(root, sha256(data)), and so says the test's prover.
 */
export const zkevmType: RollupType = {
  name: 'zkevm',
  manifest: {
    batch: { hardwareClass: 'cpu', timeoutMs: 60_000, attempts: 3 },
    aggregate: { hardwareClass: 'cpu', timeoutMs: 60_000, attempts: 3 },
    final: { hardwareClass: 'cpu', timeoutMs: 60_000, attempts: 3 },
  },
  accumulate: (previous, batch) => accumulatePadded(previous, batch, BATCH_BYTES),
  openReplay: (rollup, genesis) => new ZkevmReplay(rollup, genesis),
};

class ZkevmReplay implements RollupReplay {
  readonly #rollup: RollupRef;
  lastBatch = 0;
  stateRoot: Hex;
  accInputHash: Hex;

  constructor({ chainId, rollup }: RollupRef, genesis: RollupGenesis) {
    this.#rollup = { chainId, rollup };
    this.stateRoot = genesis.stateRoot;
    this.accInputHash = genesis.accInputHash;
  }

  async apply(batch: PostedBatch): Promise<BatchWork> {
    const accInputHash = accumulatePadded(this.accInputHash, batch, BATCH_BYTES);
    if (batch.batchNumber !== this.lastBatch + 1 || accInputHash !== batch.accInputHash) {
      throw new Error(`Batch ${batch.batchNumber} is not what was posted after batch ${this.lastBatch}`);
    }
    const statement = {
      ...this.#rollup,
      firstBatch: batch.batchNumber,
      lastBatch: batch.batchNumber,
      oldStateRoot: this.stateRoot,
      newStateRoot: execute(this.stateRoot, batch.transactions),
      oldAccInputHash: this.accInputHash,
      newAccInputHash: accInputHash,
    };
    const input = encodeBatchInput({
      chainId: ROLLUP_CHAIN_ID,
      batchL2Data: batch.transactions,
      l1InfoRoot: batch.globalExitRoot,
      timestampLimit: batch.timestamp,
      sequencerAddress: batch.l2Coinbase,
      forcedBlockhashL1: ZERO,
      l1InfoTreeData: {},
    });
    this.lastBatch = batch.batchNumber;
    this.stateRoot = statement.newStateRoot;
    this.accInputHash = accInputHash;
    return { statement, input };
  }
}

function execute(root: Hex, data: Hex): Hex {
  const padded = Buffer.alloc(BATCH_BYTES);
  padded.write(data.slice(2), 'hex');
  const digest = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
  return `0x${digest(Buffer.from(root.slice(2), 'hex'), digest(padded)).toString('hex')}`;
}
