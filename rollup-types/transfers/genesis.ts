import { AbiCoder } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../domain/sequence.js';
import { FIELD_MODULUS, isOnCurve } from './grumpkin.js';
import { ACCOUNT_COUNT, AccountTree, AMOUNT_LIMIT } from './state.js';

/** An account at the start of a rollup; its place in the list is its index. */
export interface GenesisAccount {
  x: bigint;
  y: bigint;
  balance: bigint;
}

const ABI_TYPES = ['tuple(uint256 x, uint256 y, uint256 balance)[]'];
const decodedAccounts = z.tuple([z.array(z.tuple([z.bigint(), z.bigint(), z.bigint()]))]);

/** The data posted when a rollup is launched. @throws Error as `genesisTree` does. */
export function encodeGenesis(accounts: readonly GenesisAccount[]): Hex {
  genesisTree(accounts);
  return hex(AbiCoder.defaultAbiCoder().encode(ABI_TYPES, [accounts.map(({ x, y, balance }) => [x, y, balance])]));
}

/** @throws Error if the bytes are not exactly what `encodeGenesis` makes. */
export function decodeGenesis(data: Hex): GenesisAccount[] {
  const accounts = decodeAccounts(data);
  if (encodeGenesis(accounts) !== data.toLowerCase()) {
    throw new Error(`Genesis data of ${data.length / 2 - 1} bytes has bytes that belong to no account`);
  }
  return accounts;
}

function decodeAccounts(data: Hex): GenesisAccount[] {
  try {
    const [rows] = decodedAccounts.parse(AbiCoder.defaultAbiCoder().decode(ABI_TYPES, data).toArray(true));
    return rows.map(([x, y, balance]) => ({ x, y, balance }));
  } catch (error) {
    throw new Error(`Genesis data of ${data.length / 2 - 1} bytes is no ABI list of (x, y, balance)`, { cause: error });
  }
}

/**
 * The state a rollup starts with.
 *
 * @throws Error if a key is not on the curve, or the balances together reach 2^96: below it no balance can ever
 * overflow, whatever transfers follow
 */
export function genesisTree(accounts: readonly GenesisAccount[]): AccountTree {
  if (accounts.length > ACCOUNT_COUNT) {
    throw new Error(`Genesis has ${accounts.length} accounts, expected at most ${ACCOUNT_COUNT}`);
  }
  let supply = 0n;
  const tree = new AccountTree();
  accounts.forEach(({ x, y, balance }, index) => {
    if (!isOnCurve({ x, y })) {
      throw new Error(
        `Key (${x}, ${y}) of genesis account ${index} is not on the Grumpkin curve over ${FIELD_MODULUS}`,
      );
    }
    if (balance < 0n) throw new Error(`Balance of genesis account ${index} is ${balance}, expected 0 or more`);
    supply += balance;
    if (supply >= AMOUNT_LIMIT) {
      throw new Error(`Genesis accounts 0 to ${index} hold ${supply} together, expected less than 2^96`);
    }
    tree.set(index, { x, y, balance, nonce: 0n });
  });
  return tree;
}

function hex(text: string): Hex {
  return `0x${text.slice(2)}`;
}
