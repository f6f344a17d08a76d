import { describe, expect, test } from 'vitest';
import { makeWitness } from '../../provers/backends/noir/make-witness.js';
import { BadInputError, OutOfMemoryError, ProverUnavailableError } from '../../domain/prover-errors.js';

const program = {
  noir_version: '1.0.0-beta.26',
  hash: '0',
  abi: {
    parameters: [
      {
        name: 'amount',
        type: { kind: 'integer' as const, sign: 'unsigned' as const, width: 8 },
        visibility: 'private' as const,
      },
    ],
    return_type: null,
    error_types: {},
  },
  // No circuit at all: it cannot be run, whatever the inputs are.
  bytecode: 'AAAA',
  debug_symbols: '',
  file_map: {},
};

// That a failed constraint is bad input is shown with the real circuits in noir-backend.test.ts.
describe('a circuit that gives no witness', () => {
  test('is bad input where a value does not fit its type, or is missing', async () => {
    for (const inputs of [{ amount: 256 }, {}]) {
      const witness = makeWitness({ kind: 'batch', program }, inputs);
      await expect(witness).rejects.toThrow(BadInputError);
      await expect(witness).rejects.toThrow(/batch circuit refuses the inputs: .*amount/);
    }
  });

  test('says nothing about the input where it could not be run', async () => {
    const witness = makeWitness({ kind: 'batch', program }, { amount: 255 });
    await expect(witness).rejects.toThrow(ProverUnavailableError);
  });

  test('is out of memory where the engine had none for it', async () => {
    const hungry = {
      ...program,
      /** More than any engine gives. */
      get bytecode(): string {
        return String(new ArrayBuffer(Number.MAX_SAFE_INTEGER).byteLength);
      },
    };
    const witness = makeWitness({ kind: 'batch', program: hungry }, { amount: 255 });
    await expect(witness).rejects.toThrow(OutOfMemoryError);
  });
});
