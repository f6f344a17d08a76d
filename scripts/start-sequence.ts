import { parseArgs } from 'node:util';
import { getAddress, isAddress } from 'ethers';
import { z } from 'zod';
import { readRollupEntry } from '../activities/chain/rollup-directory.js';
import { settings } from '../platform/settings/settings-table.js';
import { minerPolicy, policySettings } from '../platform/settings/policy-settings.js';
import { readSettings } from '../platform/settings/settings.js';
import { startSequence } from '../workers/miner/start-sequence.js';
import { sequenceWorkflowId } from '../domain/names.js';
import { createProgressDisplay } from './demo/progress-display.js';
import { batchesName } from './demo/progress-text.js';
import { watchSequences } from './demo/watch-sequences.js';
import { rollupOf } from '../local-stack/mining/command-environment.js';
import { withCommandParts, type CommandParts } from '../local-stack/mining/command-parts.js';
import { minerProblems, readMinerStatus } from './miner/miner-status.js';
import { findPostedSequence } from './sequencer/find-posted-sequence.js';
import { runCommand } from '../local-stack/run-command.js';

const HELP = `npm run start-sequence -- BATCH [options]

Proves and submits the one posted sequence that holds BATCH, and shows how far it is until it is verified.

  --rollup ADDRESS  the rollup's contract (else ZKPOW_ROLLUP)
  --no-wait         start it and return
  --help            this text`;

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rollup: { type: 'string' },
      'no-wait': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const [text = '', ...rest] = positionals;
  if (!/^[1-9]\d*$/.test(text) || rest.length > 0) {
    throw new Error(`Give the number of one BATCH, found "${positionals.join(' ')}". --help shows how`);
  }
  await withCommandParts((parts) => start(parts, Number(text), values.rollup, !values['no-wait']));
});

async function start(parts: CommandParts, batch: number, given: string | undefined, wait: boolean): Promise<void> {
  const { env, chainId, client, provider, rpc } = parts;
  const own = readSettings(env, settings.pick({ miner: true }).extend(z.object(policySettings).partial().shape));
  const { miner } = own;
  const address = rollupOf(given, env);
  if (!isAddress(address)) throw new Error(`The rollup is "${String(address)}", expected an address`);
  const rollup = getAddress(address);
  const { launchBlock } = await readRollupEntry(rpc, { chainId, rollup });
  const posted = await findPostedSequence(provider, { chainId, rollup }, launchBlock, batch);
  const workflowId = sequenceWorkflowId(posted);
  const { firstBatch, lastBatch, accInputHash } = posted;

  if (
    !(await startSequence(client, { chainId, rollup, firstBatch, lastBatch, accInputHash }, miner, { again: false }))
  ) {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    const state = status.name === 'RUNNING' ? 'runs already' : `has ended already (${status.name})`;
    throw new Error(
      `The sequence of ${batchesName(posted)} ${state}: workflow ${workflowId}. "npm run status" shows it`,
    );
  }
  console.log(`Started ${batchesName(posted)}: workflow ${workflowId}`);
  const status = await readMinerStatus(provider, rollup, miner, (decimals) => minerPolicy(own, decimals).reserveWei);
  for (const problem of minerProblems(status)) console.log(`! ${problem}`);
  if (!wait) return;

  const display = createProgressDisplay(process.stdout);
  const { signal } = new AbortController();
  const onProgress: typeof display.sequences = (sequences, head) => display.sequences(sequences, head);
  try {
    const [outcome] = await watchSequences([posted], { client, provider, onProgress, signal, alarmPatienceMs: null });
    display.done();
    console.log(`${batchesName(posted)}: ${outcome}`);
  } finally {
    display.done();
  }
}
