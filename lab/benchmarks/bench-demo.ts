import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { settings } from '../../platform/settings/settings-table.js';
import { readEnvironment, readSettings } from '../../platform/settings/settings.js';
import type { DemoReport } from '../../scripts/demo/demo-report.js';
import { createProgressDisplay } from '../../scripts/demo/progress-display.js';
import { duration } from '../../scripts/demo/progress-text.js';
import { proofSecondsOf, timeLines } from '../../scripts/demo/report-text.js';
import { parseDemoOptions } from '../../scripts/demo/demo-options.js';
import { runDemo } from '../../scripts/demo/run-demo.js';
import { homeAt } from '../../local-stack/home.js';
import { livingProcesses } from '../../local-stack/processes.js';
import { describeMachine, gibibytes } from './machine.js';
import { watchMemory } from './process-memory.js';

export const BENCH_DEMO_HELP = `npm run bench -- demo [--prover noir|simulated] [--json FILE]

Runs the demo (six batches in three sequences) with simulated and with real proofs, or with one of them, and shows the
wall time, the peak memory of all processes together and where the time went.`;

/** What one run of the demo took. */
interface DemoMeasurement {
  name: string;
  wallMs: number;
  peakMemoryBytes: number;
  phases: DemoReport['phases'];
  proofSeconds: Record<string, number>;
  machine: string;
}

export async function benchDemo(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { prover: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(BENCH_DEMO_HELP);
  const provers = values.prover === undefined ? ['simulated', 'noir'] : [values.prover];
  const measurements: DemoMeasurement[] = [];
  for (const prover of provers) measurements.push(await measure(prover));
  console.log(`\n${measurements.map(describe).join('\n\n')}`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(measurements, null, 2)}\n`);
}

async function measure(prover: string): Promise<DemoMeasurement> {
  const options = parseDemoOptions(['--prover', prover]);
  if (!options) throw new Error('the demo has no options to run with');
  const env = readEnvironment();
  const { run } = homeAt(readSettings(env, settings.pick({ home: true })).home);
  const memory = watchMemory(() => [process.pid, ...livingProcesses(run).map(({ pid }) => pid)]);
  const display = createProgressDisplay(process.stdout);
  try {
    const report = await runDemo(options, env, display);
    return {
      name: `demo, ${prover}`,
      wallMs: Math.round(report.seconds * 1000),
      peakMemoryBytes: memory.stop(),
      ...{ phases: report.phases, proofSeconds: proofSecondsOf(report) },
      machine: describeMachine(),
    };
  } finally {
    memory.stop();
    display.done();
  }
}

function describe({ name, wallMs, peakMemoryBytes, phases, proofSeconds, machine }: DemoMeasurement): string {
  return [
    `${name}: ${duration(wallMs / 1000)}, peak memory ${gibibytes(peakMemoryBytes)} (${machine})`,
    ...timeLines({ phases, proofSeconds, seconds: wallMs / 1000 }),
  ].join('\n');
}
