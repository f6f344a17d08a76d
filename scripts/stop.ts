import { parseArgs } from 'node:util';
import { settings } from '../platform/settings/settings-table.js';
import { readEnvironment, readSettings } from '../platform/settings/settings.js';
import { homeAt } from '../local-stack/home.js';
import { runCommand } from '../local-stack/run-command.js';
import { stopHome } from '../local-stack/stop-home.js';

const HELP = `npm run stop

Ends every process of the stack in this home (ZKPOW_HOME). Its data stays: the next start goes on with it.`;

await runCommand(async () => {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) return console.log(HELP);
  const home = homeAt(readSettings(readEnvironment(), settings.pick({ home: true })).home);
  const stopped = await stopHome(home, console.log);
  console.log(stopped.length === 0 ? `Nothing ran in ${home.directory}.` : `Ended ${stopped.join(', ')}.`);
});
