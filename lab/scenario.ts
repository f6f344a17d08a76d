import { parseArgs } from 'node:util';
import { readEnvironment } from '../platform/settings/settings.js';
import type { Arena } from './scenarios/arena.js';
import { runScenario, type ScenarioRun } from './scenarios/run-scenario.js';
import { findScenarios, SCENARIOS } from './scenarios/scenarios.js';
import type { Scenario, Size } from './scenarios/scenario.js';
import { openArena } from './scenarios/servers.js';

const HELP = `npm run scenario -- NAME...|two-step|fleet|all [--seeds N|A-B] [--seed S] [--small] [--parallel N] [--json] [--keep]
npm run scenario -- list

Runs scenarios on local real parts with the simulated prover and asserts their outcome from the chain.
  --seeds N     run seeds 1 to N, or those of a range like 11-20; without it as many as a full run has
  --seed S      run this seed only
  --small       as among the tests: fewer sequences, fewer seeds
  --parallel N  so many runs side by side (default 1); those whose times need a quiet machine go first, one by one
  --json        figures as JSON on the standard output
  --keep        keep logs also when all is well`;

interface Job {
  scenario: Scenario;
  seed: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ seeds: { type: 'string' }, seed: { type: 'string' }, parallel: { type: 'string' } },
    ...{ small: { type: 'boolean' }, json: { type: 'boolean' }, keep: { type: 'boolean' }, help: { type: 'boolean' } },
  },
});
const size: Size = values.small ? 'small' : 'full';
const say = (line: string): void => void process.stderr.write(`${line}\n`);

if (values.help || positionals.length === 0) {
  console.log(HELP);
} else if (positionals[0] === 'list') {
  for (const { name: listed, happens, holds, seeds } of SCENARIOS) {
    console.log(`${listed.padEnd(18)}${happens}\n${' '.repeat(18)}must hold: ${holds} (${seeds.full} seeds)`);
  }
} else {
  const runs = await runJobs(planJobs(positionals.flatMap(findScenarios)));
  if (values.json) console.log(JSON.stringify(runs, null, 2));
  process.exitCode = runs.every(({ failure }) => failure === null) ? 0 : 1;
}

/** Seed by seed: all runs of a large scenario side by side would be more than a small machine can do in their windows. */
function planJobs(scenarios: readonly Scenario[]): Job[] {
  const jobs = scenarios.flatMap((scenario) => {
    const [first, last] = chosenSeeds() ?? [1, scenario.seeds[size]];
    return Array.from({ length: last - first + 1 }, (_, index) => ({ scenario, seed: first + index }));
  });
  return jobs.sort((one, other) => one.seed - other.seed);
}

/** First and last of the seeds that the command line names, if it names any. */
function chosenSeeds(): [number, number] | null {
  const one = wholeNumber('seed', values.seed);
  if (one !== null) return [one, one];
  const [first, last] = values.seeds?.split('-') ?? [];
  if (last === undefined) return first === undefined ? null : [1, wholeNumber('seeds', first) ?? 1];
  const range: [number, number] = [wholeNumber('seeds', first) ?? 1, wholeNumber('seeds', last) ?? 1];
  if (range[1] < range[0]) throw new Error(`--seeds is ${values.seeds}: the range ends before it begins`);
  return range;
}

async function runJobs(jobs: Job[]): Promise<ScenarioRun[]> {
  const arena = await openArena(readEnvironment(), say);
  const runs: ScenarioRun[] = [];
  const parallel = wholeNumber('parallel', values.parallel) ?? 1;
  const runsAlone = ({ scenario }: Job): boolean => size === 'full' && scenario.fullRunsAlone === true;
  const alone = jobs.filter(runsAlone);
  const others = jobs.filter((job) => !runsAlone(job));
  // Those that run end with the arena; none is to begin while it closes.
  const beginNoMore = (): void => [alone, others].forEach((waiting) => waiting.splice(0));
  process.once('SIGINT', beginNoMore).once('SIGTERM', beginNoMore);
  try {
    await runOneAfterTheOther(arena, alone, runs);
    await Promise.all(Array.from({ length: parallel }, () => runOneAfterTheOther(arena, others, runs)));
  } finally {
    const failed = runs.length === 0 || runs.some(({ failure }) => failure !== null);
    await arena.close(failed || values.keep === true);
  }
  return runs.sort((a, b) => a.name.localeCompare(b.name) || a.seed - b.seed);
}

async function runOneAfterTheOther(arena: Arena, jobs: Job[], runs: ScenarioRun[]): Promise<void> {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const run = await runScenario(arena, job.scenario, { seed: job.seed, size, report: say });
    runs.push(run);
    const figures = Object.entries(run.figures).map(([figure, value]) => `${figure} ${value}`);
    const outcome = run.failure === null ? `holds: ${figures.join(', ')}` : `FAILS\n${run.failure}\n${run.command}`;
    say(`${run.name}, seed ${run.seed} (${run.seconds.toFixed(0)} s): ${outcome}`);
  }
}

function wholeNumber(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`--${flag} is ${text}: expected a whole number from 1`);
  return number;
}
