import { open, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findBbBinary } from '@aztec/bb.js';
import { bn254 } from '@noble/curves/bn254.js';
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { isLocalChain, LOCAL_CHAINS } from '../../../domain/local-chains.js';
import { digestOf, fileDigest, type ArtifactCache } from '../../../platform/artifact-cache.js';
import { REAL_G2_POINT, writeBbWithSetup } from './development-bb.js';
import { DEVELOPMENT_SRS_POINTS, developmentG1Points, developmentG2Point } from './development-srs.js';

/**
 * `real`: the public ceremony's (Aztec Ignition), whose secret nobody knows, fetched by Barretenberg or lying in
 * `CRS_PATH`. `development`: made on this machine from a public secret, so that anybody can forge proofs; for local
 * chains only.
 */
export type TrustedSetupName = 'development' | 'real';

export interface TrustedSetup {
  name: TrustedSetupName;
  /** The `bb` that proves and checks with this set-up. */
  binary: string;
  /** Directory with the powers of tau; undefined where `bb` finds them by itself. */
  crsPath: string | undefined;
  /** tau * G of the second group, 128 bytes. */
  g2: Uint8Array;
  /** Stands for the set-up and the version of `bb`: keys made with others have other names. */
  digest: string;
}

/** sha256 of the development set-up's file: it is the same on every machine. */
const DEVELOPMENT_SRS_DIGEST = '957d89f1c0357b02a9e92d148a13fc54cfea8673395c371a003a131fe9c88f83';
const G1_FILE = 'bn254_g1.dat';
const G2_FILE = 'bn254_g2.dat';
const POINT_BYTES = 64;

/** @throws Error if the development set-up is asked for on a chain that is not local, or a file is not what it should be */
export async function openTrustedSetup(
  name: TrustedSetupName,
  chainId: number,
  cache: ArtifactCache,
  log: (message: string) => void,
): Promise<TrustedSetup> {
  assertAllowed(name, chainId);
  const bb = findBbBinary();
  if (!bb) {
    throw new Error(
      `Barretenberg has no bb for ${process.platform} on ${process.arch}; Linux and macOS on x64 and arm64 have one`,
    );
  }
  return name === 'development' ? await developmentSetup(bb, cache, log) : await realSetup(bb);
}

/** Anybody can forge proofs under the development set-up, so no public chain may ever rely on it. */
function assertAllowed(name: TrustedSetupName, chainId: number): void {
  if (name === 'development' && !isLocalChain(chainId)) {
    throw new Error(
      `The development trusted set-up is for local chains (${LOCAL_CHAINS}), not for chain ${chainId}: its secret is ` +
        'public, so anybody could forge proofs. Set ZKPOW_TRUSTED_SETUP=real',
    );
  }
}

async function developmentSetup(
  bb: string,
  cache: ArtifactCache,
  log: (message: string) => void,
): Promise<TrustedSetup> {
  const g2 = developmentG2Point();
  const folder = `noir/development-srs-${DEVELOPMENT_SRS_DIGEST.slice(0, 16)}`;
  const g1File = await cache.file(join(folder, G1_FILE), async (path) => {
    log('Making the development trusted set-up (under a minute, once a machine; its secret is public)');
    await writeFile(path, await developmentG1Points());
    const digest = await fileDigest(path);
    if (digest !== DEVELOPMENT_SRS_DIGEST) {
      throw new Error(`The development set-up came out with sha256 ${digest}, expected ${DEVELOPMENT_SRS_DIGEST}`);
    }
  });
  await cache.content(join(folder, G2_FILE), () => Promise.resolve(g2));
  const bbDigest = await fileDigest(bb);
  const binary = await cache.file(`noir/bb-${digestOf(bbDigest, g2).slice(0, 16)}`, async (path) => {
    log('Making the copy of bb that checks proofs against the development trusted set-up');
    await writeBbWithSetup(bb, g2, path);
  });
  const digest = digestOf('development', DEVELOPMENT_SRS_DIGEST, bbDigest);
  return { name: 'development', binary, crsPath: dirname(g1File), g2, digest };
}

async function realSetup(bb: string): Promise<TrustedSetup> {
  const bbDigest = await fileDigest(bb);
  const crsPath = process.env.CRS_PATH;
  if (crsPath !== undefined) await checkRealSrs(join(crsPath, G1_FILE));
  return { name: 'real', binary: bb, crsPath, g2: REAL_G2_POINT, digest: digestOf('real', bbDigest) };
}

/** `bb` takes the points in `CRS_PATH` unchecked; with wrong ones no proof of this machine would ever verify. */
async function checkRealSrs(path: string): Promise<void> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw new Error(`CRS_PATH is set, but ${path} cannot be read`, { cause: error });
  });
  if (size < DEVELOPMENT_SRS_POINTS * POINT_BYTES) {
    throw new Error(
      `${path} has ${size} bytes, expected at least ${DEVELOPMENT_SRS_POINTS * POINT_BYTES}: the circuits need ` +
        `${DEVELOPMENT_SRS_POINTS} points of the trusted set-up`,
    );
  }
  const points = Buffer.alloc(2 * POINT_BYTES);
  const handle = await open(path);
  try {
    await handle.read(points, 0, points.length, 0);
  } finally {
    await handle.close();
  }
  if (!belongToRealSetup(points)) {
    throw new Error(
      `${path} does not hold the real trusted set-up (Aztec Ignition). Unset CRS_PATH to have it fetched`,
    );
  }
}

/** True if the first point is the generator and the second is tau times it: e(tau G1, G2) = e(G1, tau G2). */
function belongToRealSetup(points: Uint8Array): boolean {
  const number = (bytes: Uint8Array, index: number): bigint =>
    bytesToNumberBE(bytes.subarray(32 * index, 32 * index + 32));
  try {
    const first = bn254.G1.Point.fromAffine({ x: number(points, 0), y: number(points, 1) });
    const second = bn254.G1.Point.fromAffine({ x: number(points, 2), y: number(points, 3) });
    second.assertValidity();
    const tauG2 = bn254.G2.Point.fromAffine({
      x: { c0: number(REAL_G2_POINT, 0), c1: number(REAL_G2_POINT, 1) },
      y: { c0: number(REAL_G2_POINT, 2), c1: number(REAL_G2_POINT, 3) },
    });
    const left = bn254.pairing(second, bn254.G2.Point.BASE);
    const right = bn254.pairing(bn254.G1.Point.BASE, tauG2);
    return first.equals(bn254.G1.Point.BASE) && bn254.fields.Fp12.eql(left, right);
  } catch {
    return false;
  }
}
