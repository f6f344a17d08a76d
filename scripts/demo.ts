import { readEnvironment } from '../platform/settings/settings.js';
import { DEMO_HELP, parseDemoOptions } from './demo/demo-options.js';
import { createProgressDisplay } from './demo/progress-display.js';
import { addressesText, reportText } from './demo/report-text.js';
import { runDemo } from './demo/run-demo.js';
import { guardCommand } from '../local-stack/run-command.js';

guardCommand();
const display = createProgressDisplay(process.stdout);
try {
  const options = parseDemoOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(DEMO_HELP);
  } else {
    const report = await runDemo(options, readEnvironment(), display);
    display.done();
    console.log(reportText(report));
    if (options.keep) console.log(addressesText(report));
    const { sequences } = report;
    if (sequences.some(({ stateRoot, replayedStateRoot }) => stateRoot !== replayedStateRoot)) process.exitCode = 1;
  }
} catch (error) {
  display.done();
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
