import { isLocalChain } from '../provers/local-chains.js';
import type { NoirBackend } from '../provers/noir/noir-backend.js';
import type { ProverBackend } from '../provers/prover-backend.js';
import type { Settings } from './settings-table.js';

export type BackendSettings = Pick<Settings, 'prover' | 'trustedSetup' | 'cache' | 'chainId'> &
  Partial<Pick<Settings, 'simulatedSeconds'>>;

/**
 * Opens the backend that the settings name. The first time on a machine the real one makes circuits and keys, which
 * takes minutes and is told line by line.
 *
 * @throws Error if simulated proofs or the development set-up are asked for on a chain that is not local
 */
export async function openBackend(settings: BackendSettings, log: (message: string) => void): Promise<ProverBackend> {
  if (settings.prover === 'noir') return openNoirBackend(settings, log);
  if (!isLocalChain(settings.chainId)) {
    throw new Error(
      `Simulated proofs prove nothing and are for local chains only, not for chain ${settings.chainId}: ` +
        'set ZKPOW_PROVER to noir',
    );
  }
  const { createSimulatedBackend } = await import('../provers/simulated/simulated-backend.js');
  return createSimulatedBackend(settings.simulatedSeconds ? { secondsByKind: settings.simulatedSeconds } : {});
}

async function openNoirBackend(
  { trustedSetup, cache, chainId }: Omit<BackendSettings, 'prover'>,
  log: (message: string) => void,
): Promise<NoirBackend> {
  // Only where it is used: it brings a compiler and a prover along.
  const { createNoirBackend } = await import('../provers/noir/noir-backend.js');
  return createNoirBackend({ trustedSetup, chainId, cacheDirectory: cache, log });
}

/** Looks a backend up by the proof system that a rollup's verifier asks for. */
export function backendFinder(backend: ProverBackend): (proofSystem: string) => ProverBackend {
  return (proofSystem) => {
    if (proofSystem === backend.proofSystem) return backend;
    throw new Error(
      `The rollup's verifier takes ${proofSystem} proofs, this aggregator works with ${backend.proofSystem} ones: ` +
        `set ZKPOW_PROVER to ${proofSystem}`,
    );
  };
}
