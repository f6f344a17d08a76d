import { z } from 'zod';
import type { BlockRef } from '../../../domain/sequence-view.js';
import type { Hex } from '../../../domain/sequence.js';
import { hex } from '../../storage/database.js';

/** A number as JSON-RPC writes it. */
export const rpcNumber = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(Number)
  .pipe(z.number().int());

/** An amount as JSON-RPC writes it. */
export const rpcAmount = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(BigInt);

export const lowerHex = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(hex);

/** A block's header, as far as it is looked at. */
export interface Header extends BlockRef {
  parentHash: Hex;
  /** Seconds since 1970. */
  timestamp: number;
  /** Wei; null on a chain without EIP-1559. */
  baseFeePerGas: bigint | null;
}

export const header = z.object({
  number: rpcNumber,
  hash: lowerHex,
  parentHash: lowerHex,
  timestamp: rpcNumber,
  baseFeePerGas: rpcAmount.nullish().transform((wei) => wei ?? null),
});

export const chainLog = z.object({
  address: z.string(),
  topics: z.array(z.string()),
  data: lowerHex,
  blockNumber: rpcNumber,
  blockHash: lowerHex,
  transactionHash: lowerHex,
  logIndex: rpcNumber,
  transactionIndex: rpcNumber,
});

export type ChainLog = z.infer<typeof chainLog>;
