import { createCipheriv, createHash } from 'node:crypto';
import type { RollupDescription } from '../../domain/chain-activities.js';
import type { BatchWork, PostedBatch, RollupReplay, RollupType } from '../../domain/rollup-type.js';
import type { RollupDataSource } from '../../activities/proving/rollup-data.js';
import { demoType } from '../../rollup-types/registry.js';
import type { Statement } from '../../domain/proof.js';
import type { Hex, RollupRef, SequenceIdentity } from '../../domain/sequence.js';

/** The chain id that the simulated proof system takes without asking. */
export const BENCH_CHAIN = 31_337;
export const BENCH_MINER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

/** The n-th rollup of a benchmark. */
export function benchRollup(number: number): RollupRef {
  return { chainId: BENCH_CHAIN, rollup: `0x${number.toString(16).padStart(40, '0')}` };
}

/** The sequence of these batches, as it would be posted. */
export function benchSequence(rollup: RollupRef, firstBatch: number, lastBatch: number): SequenceIdentity {
  return { ...rollup, firstBatch, lastBatch, accInputHash: accInputHash(rollup, lastBatch) };
}

/**
 * The default rollup type, with its name, queues, time limits and tries; only what is in a batch is made up: bytes that do
 * not compress, others for each batch.
 *
 * @param inputBytes size of the inputs of one batch proof
 */
export function benchRollupType(inputBytes: number): RollupType {
  return { ...demoType.type, openReplay: (rollup) => new BenchReplay(rollup, inputBytes) };
}

/** How the rollups of benchmarks want to be proved. */
export const BENCH_RULES: RollupDescription = {
  rollupType: demoType.type.name,
  proofSystem: 'simulated',
  stages: demoType.type.manifest,
};

/** What was posted: all follows from the batch numbers. */
export const benchRollupData: RollupDataSource = {
  describe: async () => ({ rollupType: demoType.type.name, proofSystem: 'simulated' }),
  genesis: async (rollup) => ({
    stateRoot: stateRoot(rollup, 0),
    accInputHash: accInputHash(rollup, 0),
    data: '0x',
  }),
  async *postedBatches(sequence, firstBatch) {
    for (let batchNumber = firstBatch; batchNumber <= sequence.lastBatch; batchNumber++) {
      yield {
        ...{ batchNumber, transactions: '0x', globalExitRoot: digest('exit root'), timestamp: 0 },
        ...{ l2Coinbase: BENCH_MINER, accInputHash: accInputHash(sequence, batchNumber) },
      };
    }
  },
};

class BenchReplay implements RollupReplay {
  readonly #rollup: RollupRef;
  readonly #inputBytes: number;
  lastBatch = 0;

  constructor({ chainId, rollup }: RollupRef, inputBytes: number) {
    this.#rollup = { chainId, rollup };
    this.#inputBytes = inputBytes;
  }

  get stateRoot(): Hex {
    return stateRoot(this.#rollup, this.lastBatch);
  }

  get accInputHash(): Hex {
    return accInputHash(this.#rollup, this.lastBatch);
  }

  async apply({ batchNumber }: PostedBatch): Promise<BatchWork> {
    if (batchNumber !== this.lastBatch + 1) {
      throw new Error(`Batch ${batchNumber} does not follow batch ${this.lastBatch}`);
    }
    this.lastBatch = batchNumber;
    const statement: Statement = {
      ...this.#rollup,
      firstBatch: batchNumber,
      lastBatch: batchNumber,
      oldStateRoot: stateRoot(this.#rollup, batchNumber - 1),
      newStateRoot: this.stateRoot,
      oldAccInputHash: accInputHash(this.#rollup, batchNumber - 1),
      newAccInputHash: this.accInputHash,
    };
    return { statement, input: noise(`${this.#rollup.rollup}/${batchNumber}`, this.#inputBytes) };
  }
}

function stateRoot({ rollup }: RollupRef, batch: number): Hex {
  return digest(`state ${rollup.toLowerCase()} ${batch}`);
}

function accInputHash({ rollup }: RollupRef, batch: number): Hex {
  return digest(`input ${rollup.toLowerCase()} ${batch}`);
}

function digest(text: string): Hex {
  return `0x${createHash('sha256').update(text).digest('hex')}`;
}

/** Bytes that do not compress, the same for the same name. */
function noise(name: string, bytes: number): Uint8Array {
  const key = createHash('sha256').update(name).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}
