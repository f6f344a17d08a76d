import type { RollupGenesis } from '../../../domain/rollup-type.js';
import { encodeGenesis, genesisTree } from '../genesis.js';
import { RECORDS_PER_BATCH } from '../record.js';
import { developmentSecretKey, publicKeyOf } from '../schnorr.js';
import type { Hex } from '../../../domain/sequence.js';
import { genesisAccounts, type FileAccount, type FileTransfer, type TransfersFile } from './transfers-file.js';

/** Users of the demo's rollup. The last two start without an account: somebody's payment opens it. */
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];
const GENESIS_USERS = 6;
const GENESIS_BALANCE = 1_000_000n;

/** The state a rollup for `demoSequences` starts with: the fields of its launch. */
export function demoGenesis(): Pick<RollupGenesis, 'stateRoot' | 'data'> {
  return genesisOf({ accounts: demoAccounts(), sequences: [] });
}

/** The genesis of a rollup that a transfers file is for. */
export function genesisOf(file: TransfersFile): Pick<RollupGenesis, 'stateRoot' | 'data'> {
  const accounts = genesisAccounts(file);
  const stateRoot: Hex = `0x${genesisTree(accounts).root.toString(16).padStart(64, '0')}`;
  return { stateRoot, data: encodeGenesis(accounts) };
}

/**
 * Valid transfers among the demo's users, the same at every call: for each sequence as many batches as its number says.
 * Every third batch is not full.
 *
 * @param batchesPerSequence for example [1, 2, 3]
 */
export function demoSequences(batchesPerSequence: readonly number[]): TransfersFile {
  let count = 0;
  let batchNumber = 0;
  const sequences = batchesPerSequence.map((batches) => ({
    batches: Array.from({ length: batches }, () => {
      batchNumber++;
      const size = batchNumber % 3 === 0 ? RECORDS_PER_BATCH - 3 : RECORDS_PER_BATCH;
      return Array.from({ length: size }, () => demoTransfer(count++));
    }),
  }));
  return { accounts: demoAccounts(), sequences };
}

function demoAccounts(): FileAccount[] {
  return NAMES.map((name, index) => {
    const secretKey = developmentSecretKey(name);
    const account = { name, publicKey: publicKeyOf(secretKey), secretKey, line: 1 };
    return index < GENESIS_USERS ? { ...account, balance: GENESIS_BALANCE } : account;
  });
}

/** Every user of the genesis pays in turn, each time the next of the others. */
function demoTransfer(count: number): FileTransfer {
  const from = count % GENESIS_USERS;
  const step = 1 + (Math.floor(count / GENESIS_USERS) % (NAMES.length - 1));
  return {
    from,
    to: (from + step) % NAMES.length,
    amount: BigInt(10 + (count % 90)),
    line: 1,
    field: `demo[${count}]`,
  };
}
