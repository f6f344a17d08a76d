import { commandEnvironment, runDirectoryOf } from '../local-stack/mining/command-environment.js';
import { parseCommandLine, USAGE } from './sequencer/command-line.js';
import { messageOf, runSequencer } from './sequencer/run-sequencer.js';
import { guardCommand } from '../local-stack/run-command.js';

guardCommand();
try {
  const env = commandEnvironment();
  const options = parseCommandLine(process.argv.slice(2), env);
  if (options) await runSequencer(options, { runDirectory: runDirectoryOf(env), report: console.log });
  else console.log(USAGE);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
