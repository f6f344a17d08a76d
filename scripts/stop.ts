import { settings } from '../workers/settings-table.js';
import { readEnvironment, readSettings } from '../workers/settings.js';
import { homeAt } from './stack/home.js';
import { runCommand } from './stack/run-command.js';
import { stopHome } from './stack/stop-home.js';

/** `npm run stop`: ends every process of the stack in this home. Its data stays. */
await runCommand(async () => {
  const home = homeAt(readSettings(readEnvironment(), settings.pick({ home: true })).home);
  const stopped = await stopHome(home, console.log);
  console.log(stopped.length === 0 ? `Nothing ran in ${home.directory}.` : `Ended ${stopped.join(', ')}.`);
});
