import { parseArgs } from 'node:util';
import { withCommandParts } from './mining-stack/command-parts.js';
import { runCommand } from './stack/run-command.js';
import { readStatus } from './status/read-status.js';
import { statusText } from './status/status-text.js';

const HELP = `npm run status [-- --json]

Shows the RPC endpoints, the rollups that are followed, every sequence with its stage and what it waits for, and the provers.`;

await runCommand(async () => {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(HELP);
  await withCommandParts(async (parts) => {
    const { client, pool: db, rpc, endpoints } = parts;
    const status = await readStatus({ client, db, rpc, endpoints });
    console.log(values.json ? JSON.stringify(status, null, 2) : statusText(status));
  });
});
