import { parseArgs } from 'node:util';
import { getAddress, isAddress } from 'ethers';
import { withCommandParts } from './mining-stack/command-parts.js';
import { runCommand } from './stack/run-command.js';
import { followRollup } from './start-rollup/follow-rollup.js';

const HELP = `npm run start-rollup -- ADDRESS [--start-batch N]

Follows a rollup: every sequence it posts is proved and submitted, from batch N on (default: 1). A new miner begins at
the present with the first batch that is not verified yet ("npm run status" tells the last one that is).`;

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'start-batch': { type: 'string', default: '1' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(HELP);
  await startRollup(positionals, values['start-batch']);
});

async function startRollup([address, ...rest]: string[], startBatchText: string): Promise<void> {
  if (!isAddress(address) || rest.length > 0) {
    throw new Error(
      `Give the ADDRESS of one rollup, found ${address === undefined ? 'none' : [address, ...rest].join(' ')}`,
    );
  }
  const startBatch = Number(startBatchText);
  if (!/^\d+$/.test(startBatchText) || startBatch < 1) {
    throw new Error(`--start-batch is "${startBatchText}", expected the number of a batch, at least 1`);
  }
  await withCommandParts(async (parts) => {
    const workflowId = await followRollup(parts, getAddress(address), startBatch);
    console.log(`Following ${getAddress(address)} from batch ${startBatch} (workflow ${workflowId})`);
  });
}
