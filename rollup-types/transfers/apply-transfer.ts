import type { RollupRef } from '../../domain/sequence.js';
import { FIELD_MODULUS, GROUP_ORDER, isOnCurve, type CurvePoint } from './grumpkin.js';
import { transferMessage, type TransferRecord } from './record.js';
import { verify } from './schnorr.js';
import { ACCOUNT_COUNT, AMOUNT_LIMIT, isEmpty, NONCE_LIMIT, type Account, type AccountTree } from './state.js';

/**
 * An account as a transfer finds it, with its inclusion path. The index is the account's place in the tree: the low
 * 20 bits of the record's, which is the same unless the record is out of range and so a no-op.
 */
export interface AccountWitness {
  index: number;
  account: Readonly<Account>;
  path: bigint[];
}

/** What became of a transfer, and the accounts the circuit needs to come to the same result. */
export interface AppliedTransfer {
  /** Why the transfer is a no-op; absent if it took effect. */
  refusal?: string;
  /** The sender in the tree before the transfer. */
  from: AccountWitness;
  /** The receiver in the tree after the sender's account was updated. */
  to: AccountWitness;
}

/**
 * Applies one posted transfer. It takes effect only if every rule holds; otherwise the state stays as it is and
 * `refusal` says which rule was broken. Never throws on a decoded record, whatever its bytes were.
 */
export function applyTransfer(rollup: RollupRef, tree: AccountTree, record: TransferRecord): AppliedTransfer {
  const refusal = refusalOf(rollup, tree, record);
  const from = witness(tree, record.from);
  if (refusal !== undefined) return { refusal, from, to: witness(tree, record.to) };

  const { amount, toKey } = record;
  const sender = from.account;
  tree.set(record.from, { ...sender, balance: sender.balance - amount, nonce: sender.nonce + 1n });
  const to = witness(tree, record.to);
  tree.set(record.to, { ...to.account, x: toKey.x, y: toKey.y, balance: to.account.balance + amount });
  return { from, to };
}

function witness(tree: AccountTree, recordIndex: number): AccountWitness {
  const index = recordIndex % ACCOUNT_COUNT;
  return { index, account: tree.account(index), path: tree.path(index) };
}

/** The first rule that a transfer breaks, in words; undefined if it keeps them all. */
function refusalOf(rollup: RollupRef, tree: AccountTree, record: TransferRecord): string | undefined {
  return refusalOfRecord(record) ?? refusalOfState(rollup, tree, record);
}

/** Rules on the record alone. */
function refusalOfRecord({ from, to, amount, toKey, signature }: TransferRecord): string | undefined {
  for (const [name, value, limit] of [
    ['receiver key x', toKey.x, FIELD_MODULUS],
    ['receiver key y', toKey.y, FIELD_MODULUS],
    ['signature e', signature.e, FIELD_MODULUS],
    ['signature s', signature.s, GROUP_ORDER],
  ] as const) {
    if (value >= limit) return `${name} is ${value}, expected less than ${limit}`;
  }
  if (!isOnCurve(toKey)) return `receiver key (${toKey.x}, ${toKey.y}) is not on the Grumpkin curve`;
  if (from >= ACCOUNT_COUNT) return `sender index is ${from}, expected less than ${ACCOUNT_COUNT}`;
  if (to >= ACCOUNT_COUNT) return `receiver index is ${to}, expected less than ${ACCOUNT_COUNT}`;
  if (from === to) return `sender and receiver are the same account, ${from}`;
  if (amount === 0n) return 'amount is 0, expected at least 1';
  if (amount >= AMOUNT_LIMIT) return `amount is ${amount}, expected less than 2^96`;
  return undefined;
}

/** Rules on the record and the two accounts. */
function refusalOfState(rollup: RollupRef, tree: AccountTree, record: TransferRecord): string | undefined {
  const { from, to, amount, nonce, toKey, signature } = record;
  const sender = tree.account(from);
  const receiver = tree.account(to);
  if (isEmpty(sender)) return `sender account ${from} is empty`;
  if (sender.nonce !== nonce) return `nonce is ${nonce}, expected ${sender.nonce}`;
  if (nonce + 1n >= NONCE_LIMIT) return `nonce is ${nonce}, the sender account ${from} can send no more`;
  if (sender.balance < amount) return `amount is ${amount}, but account ${from} holds ${sender.balance}`;
  if (!isEmpty(receiver) && !sameKey(receiver, toKey)) return `account ${to} belongs to another key`;
  if (receiver.balance + amount >= AMOUNT_LIMIT) return `account ${to} would hold 2^96 or more`;
  if (!verify(sender, transferMessage(rollup, record), signature)) {
    return `signature is not the one of account ${from}'s key for this transfer`;
  }
  return undefined;
}

function sameKey(a: CurvePoint, b: CurvePoint): boolean {
  return a.x === b.x && a.y === b.y;
}
