import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { settings } from '../platform/settings/settings-table.js';
import { readEnvironment, readSettings } from '../platform/settings/settings.js';
import { deleteOwnDirectory, homeAt } from '../local-stack/home.js';
import { livingOwner } from '../local-stack/owner.js';
import { sharedCache, sharedHome } from '../local-stack/postgres-user.js';
import { stopAll } from '../local-stack/processes.js';
import { runCommand } from '../local-stack/run-command.js';

const HELP = `npm run clean [-- --cache]

Deletes the run state of the stack in this home: databases, chain, logs. With --cache also what was made once for all
clones: programs, circuits, keys; making these again takes minutes.`;

await runCommand(async () => {
  const { values } = parseArgs({ options: { cache: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) console.log(HELP);
  else await clean(values.cache ?? false);
});

async function clean(withCache: boolean): Promise<void> {
  const { home: directory, cache } = readSettings(readEnvironment(), settings.pick({ home: true, cache: true }));
  const home = homeAt(directory);
  const owner = livingOwner(home);
  if (owner !== undefined) {
    throw new Error(`Process ${owner.pid} runs a stack in ${home.directory}: end it first with "npm run stop"`);
  }
  await stopAll(home.run);
  const deleted = deleteOwnDirectory(home.directory);
  rmSync(sharedHome(home), { recursive: true, force: true });
  console.log(deleted ? `Deleted ${home.directory}.` : `There is no ${home.directory}.`);
  if (!withCache) return;
  const deletedCache = deleteOwnDirectory(cache);
  rmSync(sharedCache(cache), { recursive: true, force: true });
  console.log(deletedCache ? `Deleted ${cache}.` : `There is no ${cache}.`);
}
