import { parseWorkerCommand, UsageError, type Role } from './command-line.js';
import { keyVariables } from '../platform/settings/key-variables.js';
import { createLog, logLevelOf, type Logger } from '../platform/log.js';
import { guardConsole } from '../platform/secrets/guard-console.js';
import { readEnvironment, SettingsError } from '../platform/settings/settings.js';
import { endTelemetry } from '../platform/telemetry/telemetry.js';

/** A worker's whole life: resolves when it was told to end and has ended. */
type Run = (env: NodeJS.ProcessEnv, log: Logger) => Promise<void>;

const ROLES: (Role & { load: () => Promise<Run> })[] = [
  {
    name: 'aggregator',
    summary: 'Follows the chain, runs the workflows, plans, checks and stores proofs',
    settingsOf: 'aggregator',
    flags: {},
    load: async () => (await import('./aggregator.js')).runAggregator,
  },
  {
    name: 'prover',
    summary: 'Makes proofs on this machine; holds no key and takes part in nothing else',
    settingsOf: 'prover',
    check: 'tells whether this machine can do it, and what to change',
    flags: {
      slots: { value: 'N', env: 'ZKPOW_SLOTS', description: 'proofs made at the same time' },
      class: { value: 'cpu|gpu', env: 'ZKPOW_HARDWARE_CLASS', description: 'what this machine proves with' },
      backend: { value: 'noir|simulated|command', env: 'ZKPOW_PROVER', description: 'the proof system' },
      'rollup-type': { value: 'NAME', env: 'ZKPOW_ROLLUP_TYPE', description: 'the rollups it proves for' },
    },
    load: async () => (await import('./prover.js')).runProver,
  },
  {
    name: 'sender',
    summary: "Sends the miner's transactions; the only worker with its key",
    settingsOf: 'sender',
    flags: {},
    load: async () => (await import('./sender.js')).runSender,
  },
  {
    name: 'gateway',
    summary: 'Lets provers of the zkEVM family dial in; each idle one is a slot',
    settingsOf: 'gateway',
    flags: {
      address: { value: 'HOST:PORT', env: 'ZKPOW_GATEWAY_ADDRESS', description: 'where provers dial in' },
      'fork-id': { value: 'N', env: 'ZKPOW_FORK_ID', description: 'fork whose proofs are made' },
      'prover-command': { value: 'FILE', env: 'ZKPOW_PROVER_COMMAND', description: 'program that checks proofs' },
      class: { value: 'cpu|gpu', env: 'ZKPOW_HARDWARE_CLASS', description: 'what its provers prove with' },
      'rollup-type': { value: 'NAME', env: 'ZKPOW_ROLLUP_TYPE', description: 'the rollups they prove for' },
    },
    load: async () => (await import('./gateway.js')).runGateway,
  },
  {
    name: 'bundle',
    summary: 'Bundles the workflows beforehand, for machines where NODE_ENV is production; then ends',
    settingsOf: null,
    flags: {},
    load: async () => (await import('./bundle.js')).makeBundle,
  },
];

guardConsole(process.env);
try {
  const environment = readEnvironment();
  guardConsole(environment);
  const command = parseWorkerCommand(process.argv.slice(2), ROLES, environment);
  if ('help' in command) console.log(command.help);
  else if (command.check) await checkRole(command.env);
  else await runRole(command.role, command.env);
} catch (error) {
  const known = error instanceof UsageError || error instanceof SettingsError;
  console.error(known ? error.message : `The worker cannot run: ${describe(error)}`);
  process.exitCode = known ? 2 : 1;
}
// The SDK's runtime would keep a worker that has failed alive, and a supervisor waiting.
process.exit();

/** Only the prover has something to check before it is started. */
async function checkRole(env: NodeJS.ProcessEnv): Promise<void> {
  const { checkProver } = await import('./check/check-prover.js');
  const isWell = await checkProver(env, (line) => console.log(line));
  if (!isWell) process.exitCode = 1;
}

async function runRole(role: Role, env: NodeJS.ProcessEnv): Promise<void> {
  const entry = ROLES.find(({ name }) => name === role.name);
  if (!entry) throw new Error(`the worker ${role.name} is not in the table`);
  // Programs that this one starts get its own environment.
  for (const name of keyVariables(role.settingsOf)) delete process.env[name];
  const log = createLog(role.name, logLevelOf(env), env);
  const run = await entry.load();
  try {
    await run(env, log);
    log.info('ended');
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    // Into the log as well: it is what a person finds of a worker that ended in the night.
    log.fatal({ error }, describe(error));
    throw error;
  } finally {
    await endTelemetry();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
