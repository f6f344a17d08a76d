import { readEnvironment } from '../platform/settings/settings.js';
import { trustedSetupText } from '../local-stack/mining/deployment-file.js';
import { startMiningStack } from '../local-stack/mining/mining-stack.js';
import { startOwnMinerStack, worksForOwnMiner } from '../local-stack/mining/own-miner-stack.js';
import { runCommand } from '../local-stack/run-command.js';
import { parseStackCommand, STACK_HELP, type StackCommand } from '../local-stack/stack-options.js';
import { startStack, type Stack } from '../local-stack/stack.js';

await runCommand(async () => {
  const command = parseStackCommand(process.argv.slice(2));
  if (command === undefined) console.log(STACK_HELP);
  else if (command.serversOnly) await runServers(command);
  else if (worksForOwnMiner(readEnvironment())) await runOwnMiner(command);
  else await runEverything(command);
});

async function runServers({ blockTimeSeconds }: StackCommand): Promise<void> {
  const stack = await startStack({ env: readEnvironment(), report: console.log, blockTimeSeconds });
  showAddresses(stack);
  await keepRunning(new Promise<never>(() => undefined));
}

async function runEverything({ prover, blockTimeSeconds, t1Blocks, t2Blocks }: StackCommand): Promise<void> {
  const mining = await startMiningStack({
    env: { ...readEnvironment(), ...(prover === undefined ? {} : { ZKPOW_PROVER: prover }) },
    report: console.log,
    onPhase: (phase) => console.log(`… ${phase}`),
    ...{ blockTimeSeconds, t1Blocks, t2Blocks },
    reuseRollup: true,
  });
  const { rollup, prover: proofSystem, trustedSetup, t1Blocks: t1, t2Blocks: t2, miner } = mining.deployment;
  showAddresses(mining.stack);
  console.log(`Rollup      ${rollup}  (${proofSystem} proofs, T1 ${t1} blocks, T2 ${t2} blocks)`);
  console.log(`Set-up      ${trustedSetupText(trustedSetup)}`);
  console.log(`Miner       ${miner}`);
  await keepRunning(mining.workers.failed).finally(() => mining.stop());
}

/** The miner of the settings, on rollups that exist. */
async function runOwnMiner({ prover, blockTimeSeconds }: StackCommand): Promise<void> {
  const mining = await startOwnMinerStack({
    env: { ...readEnvironment(), ...(prover === undefined ? {} : { ZKPOW_PROVER: prover }) },
    report: console.log,
    onPhase: (phase) => console.log(`… ${phase}`),
    blockTimeSeconds,
  });
  showAddresses(mining.stack);
  console.log(`Miner       ${mining.miner}  ("npm run start-rollup -- ADDRESS" follows a rollup)`);
  await keepRunning(mining.workers.failed).finally(() => mining.stop());
}

function showAddresses(stack: Stack): void {
  console.log(`Temporal    ${stack.temporalAddress}  (namespace ${stack.temporalNamespace})`);
  if (stack.temporalUi !== undefined) {
    console.log(`Web UI      ${stack.temporalUi}/namespaces/${stack.temporalNamespace}/workflows`);
  }
  console.log(`Database    ${stack.databaseUrl}`);
  console.log(`Base chain  ${stack.rpcUrl}  (chain id ${stack.chainId})`);
  console.log(`Logs        ${stack.home.logs}`);
}

/** The started processes do not keep this one alive; an interrupt ends it. */
async function keepRunning(failed: Promise<never>): Promise<void> {
  console.log('Running. Ctrl-C or "npm run stop" ends all of it.');
  const keepAlive = setInterval(() => undefined, 60_000);
  await failed.finally(() => clearInterval(keepAlive));
}
