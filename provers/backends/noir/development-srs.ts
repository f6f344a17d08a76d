import { bn254 } from '@noble/curves/bn254.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { runOnThread } from './worker-thread.js';

/** As many powers as the largest circuit (2^21 rows) is long, and one more. */
export const DEVELOPMENT_SRS_POINTS = 2 ** 21 + 1;

/**
 * The secret of the development set-up, which is no secret: whoever knows it can prove anything. It looks random
 * since powers of a small number would make unrelated commitments collide.
 */
const TAU = bn254.fields.Fr.create(
  bytesToNumberBE(sha512(utf8ToBytes('zkpow development trusted set-up: this secret is public'))),
);

const THREADS = 2;

/** The powers of tau in the first group: 64 bytes a point, x then y, big-endian. Takes a while; uses two threads. */
export async function developmentG1Points(): Promise<Uint8Array> {
  const perThread = Math.ceil(DEVELOPMENT_SRS_POINTS / THREADS);
  const parts = await Promise.all(
    Array.from({ length: THREADS }, (_, thread) => {
      const from = thread * perThread;
      const count = Math.min(perThread, DEVELOPMENT_SRS_POINTS - from);
      return runOnThread(new URL('./development-srs-thread.ts', import.meta.url), { tau: TAU, from, count });
    }),
  );
  return concatBytes(
    ...parts.map((part) => {
      if (!(part instanceof Uint8Array)) throw new Error('the generator of the development set-up gave no points');
      return part;
    }),
  );
}

/** tau * G of the second group: x.c0, x.c1, y.c0, y.c1, 32 bytes each, big-endian. */
export function developmentG2Point(): Uint8Array {
  const { x, y } = bn254.G2.Point.BASE.multiply(TAU).toAffine();
  return concatBytes(...[x.c0, x.c1, y.c0, y.c1].map((coordinate) => numberToBytesBE(coordinate, 32)));
}
