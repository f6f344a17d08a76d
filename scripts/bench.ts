import { benchDemo } from './bench/bench-demo.js';
import { runCommand } from './stack/run-command.js';

const BENCHMARKS: Record<string, { summary: string; run: (args: readonly string[]) => Promise<void> }> = {
  demo: { summary: 'the main job, with simulated and with real proofs', run: benchDemo },
};

await runCommand(async () => {
  const [name, ...args] = process.argv.slice(2);
  const benchmark = name === undefined ? undefined : BENCHMARKS[name];
  if (benchmark) return benchmark.run(args);
  const list = Object.entries(BENCHMARKS).map(([known, { summary }]) => `  ${known.padEnd(10)}${summary}`);
  const help = ['npm run bench -- NAME [options]', '', ...list].join('\n');
  if (name !== undefined && name !== '--help') throw new Error(`There is no benchmark "${name}".\n${help}`);
  console.log(help);
});
