import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Noir, type ErrorWithPayload, type InputMap } from '@noir-lang/noir_js';
import { BadInputError, OutOfMemoryError, ProverUnavailableError } from '../../../domain/prover-errors.js';
import type { Circuit } from './circuits.js';

const ungzip = promisify(gunzip);

/**
 * Solves the circuit.
 *
 * @throws BadInputError if the circuit refuses the inputs: nobody can prove them
 * @throws OutOfMemoryError if there was no memory for it
 * @throws ProverUnavailableError if it could not be run for another reason
 */
export async function makeWitness(circuit: Pick<Circuit, 'kind' | 'program'>, inputs: InputMap): Promise<Uint8Array> {
  try {
    const { witness } = await new Noir(circuit.program).execute(inputs);
    return await ungzip(witness);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (isRefusal(error)) {
      throw new BadInputError(`The ${circuit.kind} circuit refuses the inputs: ${reason}`, { cause: error });
    }
    if (isOutOfMemory(error)) {
      throw new OutOfMemoryError(`There was no memory to run the ${circuit.kind} circuit: ${reason}`, { cause: error });
    }
    throw new ProverUnavailableError(`The ${circuit.kind} circuit could not be run: ${reason}`, { cause: error });
  }
}

/** What is said of inputs without the place in the circuit where they failed. */
const REFUSING_WORDS = /^(Expected argument|The value passed for parameter|Failed to solve blackbox function)/;

/** Whether an error of `noir_js` speaks of the inputs: a constraint that fails, or a value that does not fit its type. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { callStack, rawAssertionPayload }: Partial<ErrorWithPayload> = error;
  return callStack !== undefined || rawAssertionPayload !== undefined || REFUSING_WORDS.test(error.message);
}

/** Whether V8 or zlib got no memory: a buffer, or more of it for WebAssembly. `noir_js` wraps what the engine threw. */
function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === 'Z_MEM_ERROR') return true;
  return (error instanceof RangeError && /allocat|memory/i.test(error.message)) || isOutOfMemory(error.cause);
}
