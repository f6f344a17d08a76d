import { FIELD_MODULUS, GROUP_ORDER } from '../../rollup-types/transfers/grumpkin.js';
import type { TransferRecord } from '../../rollup-types/transfers/record.js';
import { sign } from '../../rollup-types/transfers/schnorr.js';
import { transferMessage } from '../../rollup-types/transfers/record.js';
import { ROLLUP, secretKey, signedTransfer } from './support.js';

/** A transfer that breaks one rule, over the genesis of `GENESIS_ACCOUNTS`. */
export interface RefusedTransfer {
  rule: string;
  record: TransferRecord;
  /** What the refusal must speak of. */
  reason: RegExp;
}

const valid = signedTransfer(0, 1);
const foreign = signedTransfer(0, 1, { toKey: signedTransfer(0, 2).toKey });
const resigned = (changes: Partial<TransferRecord>): TransferRecord => {
  const order = { ...valid, ...changes };
  return { ...order, signature: sign(secretKey(0), transferMessage(ROLLUP, order)) };
};

/** One transfer for every rule that can be broken over a real state; all the others are kept, signature included. */
export const REFUSED_TRANSFERS: RefusedTransfer[] = [
  {
    rule: 'receiver x below p',
    record: { ...valid, toKey: { ...valid.toKey, x: valid.toKey.x + FIELD_MODULUS } },
    reason: /key x/,
  },
  {
    rule: 'receiver y below p',
    record: { ...valid, toKey: { ...valid.toKey, y: valid.toKey.y + FIELD_MODULUS } },
    reason: /key y/,
  },
  {
    rule: 'signature e below p',
    record: { ...valid, signature: { ...valid.signature, e: valid.signature.e + FIELD_MODULUS } },
    reason: /signature e/,
  },
  {
    rule: 'signature s below q',
    record: { ...valid, signature: { ...valid.signature, s: valid.signature.s + GROUP_ORDER } },
    reason: /signature s/,
  },
  { rule: 'receiver key on the curve', record: signedTransfer(0, 3, { toKey: { x: 1n, y: 1n } }), reason: /curve/ },
  { rule: 'sender index in the tree', record: resigned({ from: 2 ** 20 }), reason: /sender index/ },
  { rule: 'receiver index in the tree', record: resigned({ to: 2 ** 20 + 1 }), reason: /receiver index/ },
  { rule: 'sender is not receiver', record: signedTransfer(0, 0), reason: /same account/ },
  { rule: 'amount above 0', record: signedTransfer(0, 1, { amount: 0n }), reason: /amount is 0/ },
  { rule: 'amount below 2^96', record: signedTransfer(0, 1, { amount: 2n ** 96n }), reason: /2\^96/ },
  { rule: 'sender has an account', record: signedTransfer(3, 0), reason: /account 3 is empty/ },
  {
    rule: 'nonce not used before its turn',
    record: signedTransfer(0, 1, { nonce: 1n }),
    reason: /nonce is 1, expected 0/,
  },
  { rule: 'sender has the funds', record: signedTransfer(0, 1, { amount: 1001n }), reason: /holds 1000/ },
  { rule: 'receiver account has the key', record: foreign, reason: /belongs to another key/ },
  {
    rule: 'signature by the sender',
    record: { ...valid, signature: signedTransfer(1, 0).signature },
    reason: /signature is not/,
  },
  { rule: 'signature for this amount', record: { ...valid, amount: 6n }, reason: /signature is not/ },
];
