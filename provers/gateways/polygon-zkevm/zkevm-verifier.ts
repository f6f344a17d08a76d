import { createCommandBackend } from '../../backends/command/command-backend.js';
import { readCommandSettings } from '../../backends/command/command-settings.js';
import type { ProofToVerify } from '../../../domain/prover-backend.js';
import { zkevmCircuitId } from './zkevm-prover-backend.js';

/** Checks proofs of the zkEVM family with a program. */
export interface ZkevmVerifier {
  verify(this: void, claim: ProofToVerify): Promise<boolean>;
  close(this: void): Promise<void>;
}

/**
 * Opens the program that the file describes; only its `verify` is used.
 *
 * @param path of a file as in `docs/prover-commands.md`
 * @throws Error if it names no program that checks
 */
export async function openZkevmVerifier(path: string, forkId: number): Promise<ZkevmVerifier> {
  const described = await readCommandSettings(path);
  if (!described.verify) throw new Error(`${path} names no command that checks proofs: set "verify" in it`);
  const circuitId = (kind: 'batch' | 'aggregate' | 'final'): string => zkevmCircuitId(kind, forkId);
  const circuitIds = { batch: circuitId('batch'), aggregate: circuitId('aggregate'), final: circuitId('final') };
  const backend = await createCommandBackend({ ...described, prove: {}, circuitIds });
  return { verify: (claim) => backend.verify(claim), close: () => backend.close() };
}
