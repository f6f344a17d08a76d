import { parseArgs } from 'node:util';

export const BENCHMARK_NAMES = ['stress', 'flat', 'burst', 'wan', 'idle', 'growth', 'dead'] as const;
export type BenchmarkName = (typeof BENCHMARK_NAMES)[number];

export const BENCHMARKS_HELP = `npm run bench [-- NAME…] [options]

  stress   the source's stress test in scale: 566 batch proofs with folds and final proofs on 10 machines
  flat     566 proofs of 0.5 s at once on 10 machines
  burst    10 proofs to 10 idle machines
  wan      80 ms between provers and servers, inputs of 2 MB
  idle     what 1,000 idle slots cost the server
  growth   10, 100 and 1,000 slots; 1, 100 and 1,000 rollups
  dead     machines are killed: how long until their tasks begin elsewhere
  demo     the main job, with simulated and with real proofs (see demo --help)

Without a name all but demo. What must hold on any machine (in the same run at least as good as a plain job queue)
decides the exit code; all else is reported.

  --factor N      divides the times of the stress test (default 100)
  --scale N       share of the usual numbers of tasks, slots and rollups, for a quick look (default 1)
  --machines N    prover processes of stress, flat, burst and wan (default 10)
  --seed TEXT     draws lengths of sequences and times of proofs
  --ours-only     leaves out the old way and graphile-worker
  --json FILE     the figures
  --report FILE   an HTML page: goals, ratios, charts of all slots`;

/** What a run of benchmarks is asked for. */
export interface BenchOptions {
  names: readonly BenchmarkName[];
  /** Divides the times of the stress test. */
  factor: number;
  /** Share of the usual number of tasks, slots and rollups: 1, or less for a quick look. */
  scale: number;
  seed: string;
  /** Prover processes of stress, flat, burst and wan. */
  machines: number;
  /** Also the old way and graphile-worker. */
  others: boolean;
  json: string | null;
  report: string | null;
}

const POSITIVE = /^\d+(\.\d+)?$/;

/**
 * @returns null when only help was asked for
 * @throws Error that says how it is used
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      factor: { type: 'string', default: '100' },
      scale: { type: 'string', default: '1' },
      machines: { type: 'string', default: '10' },
      seed: { type: 'string', default: 'zkpow' },
      'ours-only': { type: 'boolean', default: false },
      json: { type: 'string' },
      report: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return null;
  const number = (name: 'factor' | 'scale' | 'machines', maximum: number): number => {
    const value = POSITIVE.test(values[name]) ? Number(values[name]) : NaN;
    if (value > 0 && value <= maximum) return value;
    throw new Error(`--${name} ${values[name]}: give a number above 0 and up to ${maximum}`);
  };
  return {
    names: positionals.length === 0 ? BENCHMARK_NAMES : positionals.map(benchmarkName),
    factor: number('factor', 100_000),
    scale: number('scale', 1),
    machines: Math.ceil(number('machines', 100)),
    seed: values.seed,
    others: !values['ours-only'],
    json: values.json ?? null,
    report: values.report ?? null,
  };
}

function benchmarkName(given: string): BenchmarkName {
  const name = BENCHMARK_NAMES.find((known) => known === given);
  if (name) return name;
  throw new Error(`There is no benchmark "${given}": choose from demo, ${BENCHMARK_NAMES.join(', ')}`);
}
