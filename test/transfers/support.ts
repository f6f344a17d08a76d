import { encodeGenesis, genesisTree, type GenesisAccount } from '../../rollup-types/transfers/genesis.js';
import { transferMessage, type TransferOrder, type TransferRecord } from '../../rollup-types/transfers/record.js';
import { developmentSecretKey, publicKeyOf, sign } from '../../rollup-types/transfers/schnorr.js';
import type { RollupGenesis } from '../../domain/rollup-type.js';
import type { Hex, RollupRef } from '../../domain/sequence.js';

export const ROLLUP: RollupRef = { chainId: 31337, rollup: '0x5FbDB2315678afecb367f032d93F642f64180aa3' };
export const COINBASE = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
export const ZERO_HASH: Hex = `0x${'0'.repeat(64)}`;

/** Keys of users 0 to 3. */
export const SECRET_KEYS = ['alice', 'bob', 'carol', 'dave'].map(developmentSecretKey);

export function secretKey(user: number): bigint {
  const key = SECRET_KEYS[user];
  if (key === undefined) throw new Error(`No user ${user}`);
  return key;
}

/** Users 0, 1 and 2 hold 1000 each; user 3 starts without an account. */
export const GENESIS_ACCOUNTS: GenesisAccount[] = [0, 1, 2].map((user) => ({
  ...publicKeyOf(secretKey(user)),
  balance: 1000n,
}));

export function genesisOf(accounts: GenesisAccount[]): RollupGenesis {
  return { stateRoot: word(genesisTree(accounts).root), accInputHash: ZERO_HASH, data: encodeGenesis(accounts) };
}

/** A transfer from a user to the account with the receiver's index, signed for `ROLLUP` after the changes were made. */
export function signedTransfer(from: number, to: number, changes: Partial<TransferOrder> = {}): TransferRecord {
  const order = { from, to, amount: 5n, nonce: 0n, toKey: publicKeyOf(secretKey(to)), ...changes };
  return { ...order, signature: sign(secretKey(from), transferMessage(ROLLUP, order)) };
}

export function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}
