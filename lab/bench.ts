import { BENCHMARKS_HELP, parseBenchOptions } from './benchmarks/bench-options.js';
import { benchDemo } from './benchmarks/bench-demo.js';
import { runBenchmarks } from './benchmarks/run-benchmarks.js';
import { runCommand } from '../local-stack/run-command.js';

await runCommand(async () => {
  const args = process.argv.slice(2);
  if (args[0] === 'demo') return benchDemo(args.slice(1));
  const options = parseBenchOptions(args);
  if (!options) return console.log(BENCHMARKS_HELP);
  const outcomes = await runBenchmarks(options, (line) => console.log(line));
  const failures = outcomes.flatMap(({ measurement, failures: own }) =>
    own.map((what) => `${measurement.name}: ${what}`),
  );
  if (failures.length > 0) throw new Error(`\nWhat must hold on any machine does not:\n${failures.join('\n')}`);
});
