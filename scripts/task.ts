import { withTemporalClient } from '../local-stack/mining/command-parts.js';
import { runCommand } from '../local-stack/run-command.js';
import { runTaskCommand } from './task/run-task-command.js';
import { parseTaskCommand, TASK_HELP } from './task/task-command.js';

await runCommand(async () => {
  const command = parseTaskCommand(process.argv.slice(2));
  if (command === undefined) return console.log(TASK_HELP);
  await withTemporalClient(async (client) => console.log(await runTaskCommand(client, command)));
});
