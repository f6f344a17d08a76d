import { gunzipSync } from 'node:zlib';
import type { CompiledCircuit } from '@noir-lang/noir_js';
import { z } from 'zod';
import type { ProofKind } from '../../../domain/proof.js';
import { digestOf, type ArtifactCache } from '../../../platform/artifact-cache.js';
import type { BarretenbergProcess } from './barretenberg-process.js';
import { compileCircuit, type ChildKeys } from './compile-circuit.js';
import { hex } from './statement-inputs.js';
import type { TrustedSetup } from './trusted-setup.js';

/** How Barretenberg proves a circuit. */
export interface ProofSettings {
  ipaAccumulation: boolean;
  oracleHashType: 'poseidon2' | 'keccak';
  disableZk: boolean;
  optimizedSolidityVerifier: boolean;
}

/** Cheap to verify inside a circuit. Nothing in a batch is secret, so zero knowledge is not needed. */
const RECURSIVE: ProofSettings = {
  ipaAccumulation: false,
  oracleHashType: 'poseidon2',
  disableZk: true,
  optimizedSolidityVerifier: false,
};

/** Cheap to verify on the chain: zero knowledge, which nothing here needs, would cost 173,000 gas more. */
const EVM: ProofSettings = {
  ipaAccumulation: false,
  oracleHashType: 'keccak',
  disableZk: true,
  optimizedSolidityVerifier: true,
};

/** A circuit with its key, ready to prove and to check. */
export interface Circuit {
  kind: ProofKind;
  settings: ProofSettings;
  program: CompiledCircuit;
  /** The program's ACIR, as Barretenberg takes it. */
  bytecode: Uint8Array;
  verificationKey: Uint8Array;
  /** Hash of the key, a field element: what other circuits know this one by. */
  keyHash: string;
  /** Digest of the key, which the circuit and the trusted set-up determine; 32 bytes in hex. */
  id: string;
}

const compiledCircuit = z.custom<CompiledCircuit>(
  (value) => z.object({ abi: z.object(), bytecode: z.string() }).safeParse(value).success,
);

export type Circuits = Record<ProofKind, Circuit>;

/**
 * The three circuits, from the cache or made. Each of the later ones has the key hashes of the earlier ones as
 * constants, so one after the other.
 */
export async function openCircuits(
  sources: string,
  setup: TrustedSetup,
  bb: BarretenbergProcess,
  cache: ArtifactCache,
  log: (message: string) => void,
): Promise<Circuits> {
  const open = (kind: ProofKind, childKeys: ChildKeys): Promise<Circuit> =>
    openCircuit(sources, kind, childKeys, setup, bb, cache, log);
  const batch = await open('batch', {});
  const aggregate = await open('aggregate', { BATCH_KEY_HASH: batch.keyHash });
  const final = await open('final', { BATCH_KEY_HASH: batch.keyHash, AGGREGATE_KEY_HASH: aggregate.keyHash });
  return { batch, aggregate, final };
}

async function openCircuit(
  sources: string,
  kind: ProofKind,
  childKeys: ChildKeys,
  setup: TrustedSetup,
  bb: BarretenbergProcess,
  cache: ArtifactCache,
  log: (message: string) => void,
): Promise<Circuit> {
  const settings = kind === 'final' ? EVM : RECURSIVE;
  const json = await compileCircuit(sources, kind, childKeys, cache, log);
  const program = compiledCircuit.parse(JSON.parse(json));
  const bytecode = gunzipSync(Buffer.from(program.bytecode, 'base64'));
  const name = digestOf(bytecode, JSON.stringify(settings), setup.digest).slice(0, 16);
  const stored = await cache.content(`noir/${kind}-key-${name}`, async () => {
    log(`Computing the verification key of the ${kind} circuit`);
    try {
      const key = await bb.run((api) => api.circuitComputeVk({ circuit: { name: kind, bytecode }, settings }));
      return Buffer.concat([key.hash, key.bytes]);
    } catch (error) {
      throw new Error(keyFailure(kind, setup, error), { cause: error });
    }
  });
  const verificationKey = stored.subarray(32);
  const id = `0x${digestOf(kind, verificationKey)}`;
  return { kind, settings, program, bytecode, verificationKey, keyHash: hex(stored.subarray(0, 32)), id };
}

function keyFailure(kind: ProofKind, setup: TrustedSetup, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const advice =
    setup.name === 'real' && setup.crsPath === undefined
      ? '. It fetches the real trusted set-up over the network; where that cannot be, set CRS_PATH to a folder that holds it'
      : '';
  return `Barretenberg cannot compute the verification key of the ${kind} circuit: ${reason}${advice}`;
}
