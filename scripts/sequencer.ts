import { commandEnvironment } from './mining-stack/command-environment.js';
import { parseCommandLine, USAGE } from './sequencer/command-line.js';
import { messageOf, runSequencer } from './sequencer/run-sequencer.js';

try {
  const options = parseCommandLine(process.argv.slice(2), commandEnvironment());
  if (options) await runSequencer(options, console.log);
  else console.log(USAGE);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
