import { z } from 'zod';
import { BadInputError } from '../../../domain/prover-errors.js';

/** Most bytes of a batch's data that provers of the family take. */
const MAX_BATCH_BYTES = 120_000;

const hexBytes = (maximum: number) =>
  z
    .string()
    .regex(/^0x([0-9a-fA-F]{2})*$/, 'expected 0x and whole bytes in hexadecimal')
    .refine((text) => text.length <= 2 + 2 * maximum, `expected at most ${maximum} bytes`)
    .transform((text) => Buffer.from(text.slice(2), 'hex'));
const word = hexBytes(32);
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address');
const uint64 = z.number().int().nonnegative();
const key = z.string().regex(/^[0-9a-fA-F]{1,64}$/, 'expected at most 64 hexadecimal digits');

const l1Data = z.strictObject({
  globalExitRoot: word,
  blockhashL1: word,
  minTimestamp: z.number().int().min(0).max(0xffffffff),
  /** The Merkle path of the leaf, from the leaf up. */
  smtProof: z.array(word).max(32),
});

/**
 * What a rollup type of the zkEVM family writes, as JSON, for each batch. Roots, hashes and numbers that a statement
 * holds are not in it. Bytes are 0x-prefixed hexadecimal.
 */
const zkevmBatchInput = z.strictObject({
  /** Chain id of the rollup itself, not of its base chain. */
  chainId: uint64.min(1),
  batchL2Data: hexBytes(MAX_BATCH_BYTES),
  l1InfoRoot: word,
  timestampLimit: uint64,
  sequencerAddress: address,
  /** Zero but for forced batches and batch 1. */
  forcedBlockhashL1: word,
  /** By leaf index: of every leaf of the L1 info tree that the batch refers to. */
  l1InfoTreeData: z.record(z.string().regex(/^\d{1,10}$/), l1Data),
  /** State of a prover without a state database, as 64-bit words in hexadecimal; mostly empty. */
  db: z.record(key, z.string().regex(/^([0-9a-fA-F]{16})*$/, 'expected 64-bit words in hexadecimal')).default({}),
  contractsBytecode: z.record(key, z.string().regex(/^([0-9a-fA-F]{2})*$/, 'expected hexadecimal')).default({}),
  /** All state that the batch touches, for provers that keep none (from fork 11 on); asks for a stateless proof. */
  witness: hexBytes(64 * 1024 * 1024).optional(),
});

export type ZkevmBatchInput = z.input<typeof zkevmBatchInput>;
export type DecodedBatchInput = z.output<typeof zkevmBatchInput>;

type L1InfoTreeData = DecodedBatchInput['l1InfoTreeData'];

/** `PublicInputs` of the proto, as it is sent. */
export interface BatchPublicInputs {
  oldStateRoot: Uint8Array;
  oldAccInputHash: Uint8Array;
  oldBatchNum: number;
  chainId: number;
  forkId: number;
  batchL2Data: Uint8Array;
  l1InfoRoot: Uint8Array;
  timestampLimit: number;
  sequencerAddr: string;
  forcedBlockhashL1: Uint8Array;
  aggregatorAddr: string;
  l1InfoTreeData: L1InfoTreeData;
}

/** `InputProver` of the proto. */
export interface BatchProofInput {
  publicInputs: BatchPublicInputs;
  db: Record<string, string>;
  contractsBytecode: Record<string, string>;
}

/** `StatelessInputProver` of the proto. */
export interface StatelessBatchProofInput {
  publicInputs: Omit<BatchPublicInputs, 'oldStateRoot'> & { witness: Uint8Array };
}

/** The private input of a batch proof, as it goes to the artifact store. */
export function encodeBatchInput(input: ZkevmBatchInput): Uint8Array {
  zkevmBatchInput.parse(input);
  return Buffer.from(JSON.stringify(input));
}

/** @throws BadInputError if it is none, or holds what provers of the family refuse */
export function decodeBatchInput(content: Uint8Array): DecodedBatchInput {
  const parsed = zkevmBatchInput.safeParse(parseJson(content));
  if (parsed.success) return parsed.data;
  throw new BadInputError(`The input of the batch is none of the zkEVM family: ${z.prettifyError(parsed.error)}`);
}

function parseJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch {
    return undefined;
  }
}
