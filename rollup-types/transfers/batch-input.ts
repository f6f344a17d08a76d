import type { InputMap } from '@noir-lang/noir_js';
import { z } from 'zod';
import { BadInputError } from '../../domain/prover-errors.js';

const TREE_DEPTH = 20;
const TRANSFERS = 8;

const hexBytes = (length: number) =>
  z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${2 * length}}$`), `${length} bytes in hex`);
const fieldElement = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, 'a field element in hex');
const account = z.object({ x: fieldElement, y: fieldElement, balance: fieldElement, nonce: fieldElement });
const path = z.array(fieldElement).length(TREE_DEPTH);

/** What the rollup type `transfers` gives along with a batch's statement. */
const batchInput = z.object({
  globalExitRoot: hexBytes(32),
  timestamp: z.number().int().nonnegative(),
  l2Coinbase: hexBytes(20),
  transfers: z
    .array(z.object({ record: hexBytes(160), from: account, fromPath: path, to: account, toPath: path }))
    .length(TRANSFERS),
});

/**
 * The private inputs of the batch circuit.
 *
 * @param input JSON in UTF-8, as the replay of a `transfers` rollup makes it
 * @throws BadInputError if it is anything else
 */
export function batchInputMap(input: Uint8Array): InputMap {
  const parsed = batchInput.safeParse(parseJson(input));
  if (!parsed.success) {
    throw new BadInputError(`The input of the batch is malformed: ${z.prettifyError(parsed.error)}`);
  }
  const { globalExitRoot, timestamp, l2Coinbase, transfers } = parsed.data;
  return {
    global_exit_root: bytes(globalExitRoot),
    timestamp: bytes(`0x${BigInt(timestamp).toString(16).padStart(16, '0')}`),
    coinbase: bytes(l2Coinbase),
    transfers: transfers.map(({ record, from, fromPath, to, toPath }) => ({
      record: bytes(record),
      from,
      from_path: fromPath,
      to,
      to_path: toPath,
    })),
  };
}

function parseJson(input: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(input).toString('utf8'));
  } catch (error) {
    throw new BadInputError('The input of the batch is not JSON', { cause: error });
  }
}

function bytes(hexText: string): number[] {
  return [...Buffer.from(hexText.slice(2), 'hex')];
}
