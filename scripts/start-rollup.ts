import { parseArgs } from 'node:util';
import { getAddress, isAddress } from 'ethers';
import { withCommandParts } from '../local-stack/mining/command-parts.js';
import { runCommand } from '../local-stack/run-command.js';
import { followRollup } from './start-rollup/follow-rollup.js';
import { rereadRollup } from './start-rollup/reread-rollup.js';

const HELP = `npm run start-rollup -- ADDRESS [--start-batch N]
npm run start-rollup -- ADDRESS --reread

Follows a rollup: every sequence it posts is proved and submitted, from batch N on (default: 1). A new miner begins at
the present with the first batch that is not verified yet ("npm run status" tells the last one that is).

  --start-batch N  the first batch that this miner takes part in
  --reread         have the running aggregator read all postings of a rollup that is followed already from the chain
                   again, from its launch on; nothing that runs is disturbed`;

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'start-batch': { type: 'string' },
      reread: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const address = oneAddress(positionals);
  if (!values.reread) return startRollup(address, values['start-batch'] ?? '1');
  if (values['start-batch'] !== undefined) throw new Error('--reread begins at the launch: leave out --start-batch');
  await withCommandParts(async (parts) => {
    const { fromBlock } = await rereadRollup(parts, address);
    console.log(`The aggregator reads the postings of ${address} again, from block ${fromBlock} on`);
  });
});

function oneAddress([address, ...rest]: string[]): string {
  if (isAddress(address) && rest.length === 0) return getAddress(address);
  throw new Error(
    `Give the ADDRESS of one rollup, found ${address === undefined ? 'none' : [address, ...rest].join(' ')}`,
  );
}

async function startRollup(address: string, startBatchText: string): Promise<void> {
  const startBatch = Number(startBatchText);
  if (!/^\d+$/.test(startBatchText) || startBatch < 1) {
    throw new Error(`--start-batch is "${startBatchText}", expected the number of a batch, at least 1`);
  }
  await withCommandParts(async (parts) => {
    const workflowId = await followRollup(parts, address, startBatch);
    console.log(`Following ${address} from batch ${startBatch} (workflow ${workflowId})`);
  });
}
