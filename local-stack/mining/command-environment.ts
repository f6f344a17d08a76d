import { isLocalChain } from '../../domain/local-chains.js';
import { readEnvironment, readSettings } from '../../platform/settings/settings.js';
import { settings } from '../../platform/settings/settings-table.js';
import { environmentWithStack } from '../addresses.js';
import { homeAt, openHome } from '../home.js';
import { readDeployment } from './deployment-file.js';
import { localAccounts } from './local-accounts.js';

/** A person waits: what does not answer soon does not run. */
export const COMMAND_PATIENCE = { timeoutMs: 8_000 };

/**
 * The environment of a command: what is set by hand, then the addresses of this home's stack if one runs, then who
 * takes part in the rollup that was launched with it.
 */
export function commandEnvironment(): NodeJS.ProcessEnv {
  const env = readEnvironment();
  const { home } = readSettings(env, settings.pick({ home: true }));
  const withStack = environmentWithStack(home, env);
  const deployment = readDeployment(homeAt(home));
  // Without a running stack the deployment says nothing of the chain that is set by hand.
  if (!deployment || withStack === env || withStack['ZKPOW_CHAIN_ID'] !== String(deployment.chainId)) return withStack;

  const accounts = localAccounts();
  const isLocal = isLocalChain(deployment.chainId) && env['ZKPOW_MINER'] === undefined;
  const keys = isLocal && env['ZKPOW_KEYSTORE'] === undefined ? { ZKPOW_PRIVATE_KEY: accounts.miner.privateKey } : {};
  const others = isLocal
    ? { ZKPOW_SEQUENCER_KEY: accounts.sequencer.privateKey, ZKPOW_ADMIN_KEY: accounts.admin.privateKey }
    : {};
  return {
    ...{ ZKPOW_ROLLUP: deployment.rollup, ZKPOW_MINER: deployment.miner, ZKPOW_PROVER: deployment.prover },
    ...{ ...keys, ...others, ...withStack },
  };
}

/**
 * The rollup that a command is about.
 *
 * @throws Error if none is named and no stack of this home runs
 */
export function rollupOf(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const rollup = given ?? env['ZKPOW_ROLLUP'];
  if (rollup !== undefined) return rollup;
  throw new Error(
    'Which rollup? Give --rollup ADDRESS (or ZKPOW_ROLLUP), or start a stack with one by "npm run stack"',
  );
}

/** Where commands keep what they have under way. */
export function runDirectoryOf(env: NodeJS.ProcessEnv): string {
  return openHome(readSettings(env, settings.pick({ home: true })).home).run;
}
