import { withCommandParts } from '../local-stack/mining/command-parts.js';
import { runCommand } from '../local-stack/run-command.js';
import { readStatus } from './status/read-status.js';
import { parseStatusOptions, STATUS_HELP } from './status/status-options.js';
import { statusText } from './status/status-text.js';

/** A part that does not answer cannot be closed either: so long it is waited for once everything is said. */
const CLOSE_MS = 2_000;

await runCommand(async () => {
  const options = parseStatusOptions(process.argv.slice(2));
  if (options === undefined) return console.log(STATUS_HELP);
  await withCommandParts(async (parts) => {
    const { client, pool: db, rpc, endpoints } = parts;
    const status = await readStatus({ client, db, rpc, endpoints }, options);
    console.log(options.json ? JSON.stringify(status, null, 2) : statusText(status));
    if (status.troubles.length > 0) process.exitCode = 1;
    setTimeout(() => process.exit(), CLOSE_MS).unref();
  });
});
