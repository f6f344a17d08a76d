import { accumulatePadded } from '../../rollup-types/padded-records.js';
import type { BatchWork, PostedBatch, RollupGenesis, RollupReplay, RollupType } from '../../domain/rollup-type.js';
import type { Hex, RollupRef } from '../../domain/sequence.js';

/** Most steps in a batch; a step is one byte. */
const BATCH_BYTES = 32;

/**
 * A second rollup type, as small as one can be: the state is a number, every posted byte is added to it. It shares
 * nothing with `transfers`: no hash, no state tree, no records of 160 bytes, another class of machines.
 */
export const counterType: RollupType = {
  name: 'counter',
  manifest: {
    batch: { hardwareClass: 'gpu', timeoutMs: 60_000, attempts: 2 },
    aggregate: { hardwareClass: 'cpu', timeoutMs: 60_000, attempts: 2 },
    final: { hardwareClass: 'cpu', timeoutMs: 60_000, attempts: 2 },
  },
  accumulate: (previous, batch) => accumulatePadded(previous, batch, BATCH_BYTES),
  openReplay: (rollup, genesis) => new CounterReplay(rollup, genesis),
};

/** Genesis data is empty: the state root is the first number itself. */
class CounterReplay implements RollupReplay {
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
    const steps = Buffer.from(batch.transactions.slice(2), 'hex');
    const sum = steps.reduce((total, step) => total + BigInt(step), BigInt(this.stateRoot));
    const newStateRoot: Hex = `0x${sum.toString(16).padStart(64, '0')}`;
    const statement = {
      ...this.#rollup,
      firstBatch: batch.batchNumber,
      lastBatch: batch.batchNumber,
      oldStateRoot: this.stateRoot,
      newStateRoot,
      oldAccInputHash: this.accInputHash,
      newAccInputHash: accInputHash,
    };
    this.lastBatch = batch.batchNumber;
    this.stateRoot = newStateRoot;
    this.accInputHash = accInputHash;
    return { statement, input: steps };
  }
}
