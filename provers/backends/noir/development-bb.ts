import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * tau * G of BN254's second group in the real trusted set-up (Aztec Ignition), as it stands in `bb` and, number by
 * number, in the Solidity verifiers it writes: x.c0, x.c1, y.c0, y.c1.
 */
const REAL_G2 = [
  '0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0',
  '260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1',
  '22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55',
  '04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4',
];

export const REAL_G2_POINT: Uint8Array = Buffer.from(REAL_G2.join(''), 'hex');

/**
 * Writes a copy of `bb` that checks proofs against another trusted set-up: the executable has the real one's point
 * built in and takes no other. Proving and checking then go the same ways with both set-ups.
 *
 * @param g2 the other set-up's point, 128 bytes in the order of `REAL_G2_POINT`
 * @throws Error unless the real point stands in the executable exactly once
 */
export async function writeBbWithSetup(original: string, g2: Uint8Array, path: string): Promise<void> {
  const executable = await readFile(original);
  const at = executable.indexOf(REAL_G2_POINT);
  if (at < 0 || executable.indexOf(REAL_G2_POINT, at + 1) >= 0) {
    throw new Error(
      `${original} holds the point of the real trusted set-up ${at < 0 ? 'nowhere' : 'more than once'}, expected once: ` +
        'this version of Barretenberg cannot be used with the development set-up; install the version that ' +
        'package-lock.json names',
    );
  }
  executable.set(g2, at);
  await writeFile(path, executable);
  await chmod(path, 0o755);
  // macOS runs no executable that was changed after it was signed.
  if (process.platform === 'darwin') await promisify(execFile)('codesign', ['--force', '--sign', '-', path]);
}

/**
 * The Solidity verifier for another trusted set-up.
 *
 * @throws Error unless each number of the real point stands in the source exactly once
 */
export function solidityWithSetup(source: string, g2: Uint8Array): string {
  return REAL_G2.reduce((text, real, i) => {
    const other = Buffer.from(g2.subarray(32 * i, 32 * (i + 1))).toString('hex');
    const pieces = text.split(`0x${real}`);
    if (pieces.length !== 2) {
      throw new Error(`The Solidity verifier holds 0x${real} ${pieces.length - 1} times, expected once`);
    }
    return pieces.join(`0x${other}`);
  }, source);
}
