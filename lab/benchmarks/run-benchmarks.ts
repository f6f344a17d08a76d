import { writeFile } from 'node:fs/promises';
import type { Benchmark } from './bench-context.js';
import type { BenchmarkName, BenchOptions } from './bench-options.js';
import { openBenchServers } from './bench-servers.js';
import { burst } from './burst.js';
import { dead } from './dead.js';
import { flat } from './flat.js';
import { growth } from './growth.js';
import { idle } from './idle.js';
import { currentLoad } from './machine.js';
import type { BenchOutcome } from './measurement.js';
import { reportPage } from './report-page.js';
import { describeOutcome } from './report-text.js';
import { stress } from './stress.js';
import { wan } from './wan.js';

const BENCHMARKS: Record<BenchmarkName, Benchmark> = { stress, flat, burst, wan, idle, growth, dead };

/** Runs benchmarks one after the other on servers of their own. What must hold and did not is in `failures`. */
export async function runBenchmarks(options: BenchOptions, report: (line: string) => void): Promise<BenchOutcome[]> {
  report(`Load average before: ${currentLoad().toFixed(2)}`);
  const servers = await openBenchServers(report);
  const outcomes: BenchOutcome[] = [];
  try {
    for (const name of options.names) {
      report(`\n${name}`);
      const own = await BENCHMARKS[name]({ servers, options, report });
      for (const outcome of own) report(describeOutcome(outcome));
      outcomes.push(...own);
    }
    await servers.close();
  } catch (error) {
    await servers.close(true);
    throw error;
  }
  const measurements = outcomes.map(({ measurement }) => measurement);
  const [only] = measurements;
  const json = measurements.length === 1 ? only : measurements;
  if (options.json !== null) await writeFile(options.json, `${JSON.stringify(json, null, 2)}\n`);
  if (options.report !== null) await writeFile(options.report, reportPage(outcomes));
  return outcomes;
}
