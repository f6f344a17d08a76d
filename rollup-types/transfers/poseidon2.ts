import { BackendType, BarretenbergSync } from '@aztec/bb.js';
import { FIELD_MODULUS } from './grumpkin.js';

// Barretenberg's own code, as WebAssembly: the circuits call the same permutation. It loads once (about 0.1 s), holds no
// thread or file, and a permutation takes about 0.04 ms.
const barretenberg = await BarretenbergSync.new({ backend: BackendType.Wasm, skipSrsInit: true });

/** The four field elements a Poseidon2 permutation works on. */
type Poseidon2State = readonly [bigint, bigint, bigint, bigint];

/**
 * First element of the Poseidon2 permutation over the BN254 scalar field with state size 4, as Noir's
 * `std::hash::poseidon2_permutation` computes it (https://eprint.iacr.org/2023/323).
 *
 * @throws Error if an input is not a field element
 */
function permuteFirst(state: Poseidon2State): bigint {
  const { outputs } = barretenberg.poseidon2Permutation({ inputs: state.map(fieldToBytes) });
  const [first] = outputs;
  if (first === undefined) throw new Error('Barretenberg returned no output for a Poseidon2 permutation');
  return BigInt(`0x${Buffer.from(first).toString('hex')}`);
}

/** Hash of two field elements. The 2 in the capacity keeps it apart from `hash3`. */
export function hash2(a: bigint, b: bigint): bigint {
  return permuteFirst([a, b, 0n, 2n]);
}

/** Hash of three field elements. */
export function hash3(a: bigint, b: bigint, c: bigint): bigint {
  return permuteFirst([a, b, c, 3n]);
}

function fieldToBytes(value: bigint): Uint8Array {
  if (value < 0n || value >= FIELD_MODULUS)
    throw new Error(`${value} is not a field element (0 to ${FIELD_MODULUS} - 1)`);
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
}
