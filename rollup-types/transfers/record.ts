import type { Hex, RollupRef } from '../../domain/sequence.js';
import type { CurvePoint } from './grumpkin.js';
import { hash3 } from './poseidon2.js';
import type { Signature } from './schnorr.js';

/** Size of one transfer in the posted data, in bytes. */
export const RECORD_BYTES = 160;

/** Most transfers in a batch; a batch with fewer is filled up with records of zero bytes. */
export const RECORDS_PER_BATCH = 8;

/** Size of a batch's data once filled up, in bytes. */
export const BATCH_BYTES = RECORD_BYTES * RECORDS_PER_BATCH;

/**
 * What a sender signs: `amount` goes from account `from` to account `to`, which is empty or belongs to `toKey`.
 * The receiver's key is in it because an index may be empty, or filled by another, when the transfer is applied.
 */
export interface TransferOrder {
  from: number;
  to: number;
  amount: bigint;
  /** Number of transfers the sender has made before. */
  nonce: bigint;
  toKey: CurvePoint;
}

/** A transfer as posted. Any 160 bytes decode to one: whether it takes effect is for `applyTransfer` to say. */
export interface TransferRecord extends TransferOrder {
  signature: Signature;
}

interface Field {
  name: string;
  /** Position of the first byte. */
  start: number;
  bytes: number;
}

const FIELDS = {
  from: { name: 'from', start: 0, bytes: 4 },
  to: { name: 'to', start: 4, bytes: 4 },
  amount: { name: 'amount', start: 8, bytes: 16 },
  nonce: { name: 'nonce', start: 24, bytes: 8 },
  toX: { name: 'toKey.x', start: 32, bytes: 32 },
  toY: { name: 'toKey.y', start: 64, bytes: 32 },
  s: { name: 'signature.s', start: 96, bytes: 32 },
  e: { name: 'signature.e', start: 128, bytes: 32 },
} as const satisfies Record<string, Field>;

/**
 * The message of a transfer: a field element that binds the chain, the rollup and every part of the order, so that a
 * signature is good for one transfer on one rollup only.
 */
export function transferMessage({ chainId, rollup }: RollupRef, order: TransferOrder): bigint {
  const route = hash3(BigInt(chainId), BigInt(rollup), BigInt(order.from) * 2n ** 32n + BigInt(order.to));
  return hash3(route, hash3(order.toKey.x, order.toKey.y, order.amount), order.nonce);
}

/** @throws Error if a value does not fit its field. */
export function encodeRecord(record: TransferRecord): Uint8Array {
  const bytes = Buffer.alloc(RECORD_BYTES);
  const put = (field: Field, value: bigint): void => {
    if (value < 0n || value >= 1n << BigInt(8 * field.bytes)) {
      throw new Error(`${field.name} is ${value}, expected 0 to 2^${8 * field.bytes} - 1`);
    }
    bytes.write(value.toString(16).padStart(2 * field.bytes, '0'), field.start, 'hex');
  };
  put(FIELDS.from, BigInt(record.from));
  put(FIELDS.to, BigInt(record.to));
  put(FIELDS.amount, record.amount);
  put(FIELDS.nonce, record.nonce);
  put(FIELDS.toX, record.toKey.x);
  put(FIELDS.toY, record.toKey.y);
  put(FIELDS.s, record.signature.s);
  put(FIELDS.e, record.signature.e);
  return bytes;
}

/** @throws Error if there are not exactly 160 bytes. */
export function decodeRecord(bytes: Uint8Array): TransferRecord {
  if (bytes.length !== RECORD_BYTES)
    throw new Error(`A transfer has ${RECORD_BYTES} bytes, this one has ${bytes.length}`);
  const get = ({ start, bytes: size }: Field): bigint =>
    BigInt(`0x${Buffer.from(bytes.subarray(start, start + size)).toString('hex')}`);
  return {
    from: Number(get(FIELDS.from)),
    to: Number(get(FIELDS.to)),
    amount: get(FIELDS.amount),
    nonce: get(FIELDS.nonce),
    toKey: { x: get(FIELDS.toX), y: get(FIELDS.toY) },
    signature: { s: get(FIELDS.s), e: get(FIELDS.e) },
  };
}

/**
 * Splits a batch's posted data into eight records of 160 bytes, the missing ones filled up with zero bytes.
 *
 * @throws Error if it is not 0 to 8 whole records; the contract never accepts such data
 */
export function splitBatch(transactions: Hex): Uint8Array[] {
  const data = Buffer.from(transactions.slice(2), 'hex');
  if (data.length * 2 + 2 !== transactions.length || data.length % RECORD_BYTES !== 0 || data.length > BATCH_BYTES) {
    throw new Error(
      `A batch of transfers is 0 to ${RECORDS_PER_BATCH} records of ${RECORD_BYTES} bytes, ` +
        `this one has ${(transactions.length - 2) / 2} bytes`,
    );
  }
  const padded = Buffer.alloc(BATCH_BYTES);
  data.copy(padded);
  return Array.from({ length: RECORDS_PER_BATCH }, (_, i) => padded.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES));
}

/** A batch's data as it is posted: its records one after the other, not filled up. */
export function joinRecords(records: readonly Uint8Array[]): Hex {
  return `0x${Buffer.concat(records).toString('hex')}`;
}
