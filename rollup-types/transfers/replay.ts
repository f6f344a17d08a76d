import { setImmediate } from 'node:timers/promises';
import { getAddress } from 'ethers';
import type { Hex, RollupRef } from '../../domain/sequence.js';
import { accumulateTransfers } from './accumulate.js';
import type { BatchWork, PostedBatch, RollupGenesis, RollupReplay } from '../../domain/rollup-type.js';
import { applyTransfer, type AccountWitness, type AppliedTransfer } from './apply-transfer.js';
import { decodeGenesis, genesisTree } from './genesis.js';
import { decodeRecord, splitBatch } from './record.js';
import type { Account, AccountTree } from './state.js';

/** Private input of the batch circuit: eight transfers, each with the accounts it meets. Hex strings throughout. */
export interface TransfersBatchInput {
  globalExitRoot: Hex;
  timestamp: number;
  l2Coinbase: string;
  transfers: TransferInput[];
}

export interface TransferInput {
  /** The 160 bytes as posted. */
  record: Hex;
  /** The sender in the tree before the transfer. */
  from: AccountInput;
  fromPath: Hex[];
  /** The receiver in the tree after the sender's account was updated. */
  to: AccountInput;
  toPath: Hex[];
}

export type AccountInput = Record<keyof Account, Hex>;

/** The state of a `transfers` rollup, replayed from what was posted. */
export interface TransfersReplay extends RollupReplay {
  /** An independent copy of the accounts after `lastBatch`. */
  accounts(): AccountTree;
}

/** @throws Error if the genesis data is malformed or does not make up the genesis state root. */
export function openTransfersReplay({ chainId, rollup }: RollupRef, genesis: RollupGenesis): TransfersReplay {
  return new Replay({ chainId, rollup: getAddress(rollup) }, genesis);
}

class Replay implements TransfersReplay {
  readonly #rollup: RollupRef;
  readonly #tree: AccountTree;
  #lastBatch = 0;
  #accInputHash: Hex;

  constructor(rollup: RollupRef, genesis: RollupGenesis) {
    this.#rollup = rollup;
    this.#tree = genesisTree(decodeGenesis(genesis.data));
    this.#accInputHash = genesis.accInputHash;
    if (this.stateRoot !== genesis.stateRoot.toLowerCase()) {
      throw new Error(
        `The genesis data of rollup ${rollup.rollup} on chain ${rollup.chainId} makes up the state root ` +
          `${this.stateRoot}, but its contract says ${genesis.stateRoot}`,
      );
    }
  }

  get lastBatch(): number {
    return this.#lastBatch;
  }

  get stateRoot(): Hex {
    return word(this.#tree.root);
  }

  get accInputHash(): Hex {
    return this.#accInputHash;
  }

  accounts(): AccountTree {
    return this.#tree.copy();
  }

  async apply(batch: PostedBatch): Promise<BatchWork> {
    // A batch is some 30 ms of computing: in a long replay heartbeats must come through.
    await setImmediate();
    this.#checkNext(batch);
    // All that can fail comes before the first change.
    const records = splitBatch(batch.transactions);
    const oldStateRoot = this.stateRoot;
    const transfers = records.map((bytes) =>
      transferInput(bytes, applyTransfer(this.#rollup, this.#tree, decodeRecord(bytes))),
    );
    const statement = {
      ...this.#rollup,
      firstBatch: batch.batchNumber,
      lastBatch: batch.batchNumber,
      oldStateRoot,
      newStateRoot: this.stateRoot,
      oldAccInputHash: this.#accInputHash,
      newAccInputHash: batch.accInputHash,
    };
    this.#lastBatch = batch.batchNumber;
    this.#accInputHash = batch.accInputHash;
    const { globalExitRoot, timestamp, l2Coinbase } = batch;
    const input: TransfersBatchInput = { globalExitRoot, timestamp, l2Coinbase: getAddress(l2Coinbase), transfers };
    return { statement, input: Buffer.from(JSON.stringify(input)) };
  }

  #checkNext(batch: PostedBatch): void {
    if (batch.batchNumber !== this.#lastBatch + 1) {
      throw new Error(`Batch ${batch.batchNumber} cannot follow batch ${this.#lastBatch} of a replay`);
    }
    const computed = accumulateTransfers(this.#accInputHash, batch);
    if (computed !== batch.accInputHash) {
      throw new Error(
        `The data of batch ${batch.batchNumber} hashes to ${computed}, but the chain says ${batch.accInputHash}: ` +
          'it is not the data that was posted, or an earlier batch is not',
      );
    }
  }
}

function transferInput(record: Uint8Array, { from, to }: AppliedTransfer): TransferInput {
  return {
    record: `0x${Buffer.from(record).toString('hex')}`,
    from: accountInput(from),
    fromPath: from.path.map(word),
    to: accountInput(to),
    toPath: to.path.map(word),
  };
}

function accountInput({ account }: AccountWitness): AccountInput {
  return { x: word(account.x), y: word(account.y), balance: word(account.balance), nonce: word(account.nonce) };
}

/** A field element as 32 bytes. */
function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}
