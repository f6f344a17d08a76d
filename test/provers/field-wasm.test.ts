import { bn254 } from '@noble/curves/bn254.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createField } from '../../provers/backends/noir/field-wasm.js';

const { Fp } = bn254.fields;
const P = Fp.ORDER;
const field = createField(P, 65_536);
const inverseOf2To256 = Fp.inv(Fp.create(2n ** 256n));

const write = (address: number, value: bigint): void => {
  for (let i = 0; i < 4; i++) field.memory.setBigUint64(address + 8 * i, value >> BigInt(64 * i), true);
};
const read = (address: number): bigint =>
  [3, 2, 1, 0].reduce((value, i) => (value << 64n) | field.memory.getBigUint64(address + 8 * i, true), 0n);

/** Any number that an operation may be given, with the edges of the range among them. */
const operand = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n * P - 1n }),
  fc.constantFrom(0n, 1n, P - 1n, P, P + 1n, 2n * P - 1n, 2n ** 32n - 1n, 2n ** 254n - 1n),
);

describe('field arithmetic in WebAssembly', () => {
  test.each([
    ['multiplies', 'multiply', (a: bigint, b: bigint) => a * b * inverseOf2To256],
    ['subtracts', 'subtract', (a: bigint, b: bigint) => a - b],
  ] as const)('%s as BigInt does, wherever the result goes', (_name, operation, expected) => {
    fc.assert(
      fc.property(operand, operand, fc.constantFrom(0, 32, 64), (a, b, result) => {
        write(0, a);
        write(32, b);
        field[operation](result, 0, 32);
        expect(Fp.create(read(result))).toBe(Fp.create(expected(a, b)));
        expect(read(result) < 2n * P).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
