import { isLocalChain } from '../domain/local-chains.js';
import type { NoirBackend } from '../provers/backends/noir/noir-backend.js';
import type { ProverBackend } from '../domain/prover-backend.js';
import { OtherProofSystemError } from '../domain/prover-errors.js';
import { SettingsError } from '../platform/settings/settings.js';
import type { Settings } from '../platform/settings/settings-table.js';

export type BackendSettings = Pick<Settings, 'prover' | 'trustedSetup' | 'cache' | 'chainId'> &
  Partial<Pick<Settings, 'simulatedSeconds' | 'simulatedSpread'>> & {
    [Name in 'simulatedSeed' | 'proverCommand' | 'forkId']?: Settings[Name] | undefined;
  };

/**
 * Opens the backend that the settings name. The first time on a machine the real one makes circuits and keys, which
 * takes minutes and is told line by line.
 *
 * @throws Error if simulated proofs or the development set-up are asked for on a chain that is not local
 */
export async function openBackend(settings: BackendSettings, log: (message: string) => void): Promise<ProverBackend> {
  if (settings.prover === 'noir') return openNoirBackend(settings, log);
  if (settings.prover === 'command') return openCommandBackend(settings);
  if (settings.prover === 'zkevm-prover') return openZkevmChecker(settings);
  if (!isLocalChain(settings.chainId)) {
    throw new Error(
      `Simulated proofs prove nothing and are for local chains only, not for chain ${settings.chainId}: ` +
        'set ZKPOW_PROVER to noir',
    );
  }
  const { createSimulatedBackend } = await import('../provers/backends/simulated/simulated-backend.js');
  const { simulatedSeconds: secondsByKind, simulatedSpread: spread, simulatedSeed: seed } = settings;
  return createSimulatedBackend({
    ...(secondsByKind && { secondsByKind }),
    ...(spread !== undefined && { spread }),
    ...(seed !== undefined && { seed }),
  });
}

async function openNoirBackend(
  { trustedSetup, cache, chainId }: Omit<BackendSettings, 'prover'>,
  log: (message: string) => void,
): Promise<NoirBackend> {
  // Only where it is used: it brings a compiler and a prover along.
  const { createNoirBackend } = await import('../provers/backends/noir/noir-backend.js');
  const { demoType } = await import('../rollup-types/registry.js');
  return createNoirBackend({ circuits: demoType.noir.circuits, trustedSetup, chainId, cacheDirectory: cache, log });
}

async function openCommandBackend({ proverCommand }: BackendSettings): Promise<ProverBackend> {
  const { createCommandBackend } = await import('../provers/backends/command/command-backend.js');
  const { readCommandSettings } = await import('../provers/backends/command/command-settings.js');
  return createCommandBackend(await readCommandSettings(given(proverCommand, 'ZKPOW_PROVER_COMMAND')));
}

/** Checks proofs of the zkEVM family; they are made by provers that dial in to a gateway. */
async function openZkevmChecker({ proverCommand, forkId }: BackendSettings): Promise<ProverBackend> {
  const { createZkevmProverBackend } = await import('../provers/gateways/polygon-zkevm/zkevm-prover-backend.js');
  const { openZkevmVerifier } = await import('../provers/gateways/polygon-zkevm/zkevm-verifier.js');
  const fork = given(forkId, 'ZKPOW_FORK_ID');
  const verifier = await openZkevmVerifier(given(proverCommand, 'ZKPOW_PROVER_COMMAND'), fork);
  return { ...createZkevmProverBackend({ forkId: fork, verifyProof: verifier.verify }), close: verifier.close };
}

/** @throws SettingsError if a setting is missing that only this proof system needs */
function given<T>(value: T | undefined, variable: string): T {
  if (value !== undefined) return value;
  throw new SettingsError([`${variable} is not set: the proof system that ZKPOW_PROVER names needs it`]);
}

/**
 * Looks a backend up by the proof system that a rollup's verifier asks for.
 *
 * @returns a function that throws OtherProofSystemError where that is not the backend's
 */
export function backendFinder(backend: ProverBackend): (proofSystem: string) => ProverBackend {
  return (proofSystem) => {
    if (proofSystem === backend.proofSystem) return backend;
    throw new OtherProofSystemError(
      `The rollup's verifier takes ${proofSystem} proofs, this aggregator works with ${backend.proofSystem} ones: ` +
        `set ZKPOW_PROVER to ${proofSystem}`,
    );
  };
}
