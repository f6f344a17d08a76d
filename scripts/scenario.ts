import { parseArgs } from 'node:util';
import { readEnvironment } from '../workers/settings.js';
import type { Arena } from './scenario/arena.js';
import { runScenario, type ScenarioRun } from './scenario/run-scenario.js';
import { findScenarios, SCENARIOS } from './scenario/scenarios.js';
import type { Scenario, Size } from './scenario/scenario.js';
import { openArena } from './scenario/servers.js';

const HELP = `npm run scenario -- NAME|two-step|fleet|all [--seeds N] [--seed S] [--small] [--parallel N] [--json] [--keep]
npm run scenario -- list

Runs a scenario on local real parts with the simulated prover and asserts its outcome from the chain.
  --seeds N     run seeds 1 to N; without it as many as a full run has
  --seed S      run this seed only
  --small       as among the tests: fewer sequences, fewer seeds
  --parallel N  so many runs side by side (default 1)
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
const [name] = positionals;
const size: Size = values.small ? 'small' : 'full';
const say = (line: string): void => void process.stderr.write(`${line}\n`);

if (values.help || name === undefined) {
  console.log(HELP);
} else if (name === 'list') {
  for (const { name: listed, happens, holds, seeds } of SCENARIOS) {
    console.log(`${listed.padEnd(18)}${happens}\n${' '.repeat(18)}must hold: ${holds} (${seeds.full} seeds)`);
  }
} else {
  const runs = await runJobs(planJobs(findScenarios(name)));
  if (values.json) console.log(JSON.stringify(runs, null, 2));
  process.exitCode = runs.every(({ failure }) => failure === null) ? 0 : 1;
}

function planJobs(scenarios: readonly Scenario[]): Job[] {
  const one = wholeNumber('seed', values.seed);
  const count = wholeNumber('seeds', values.seeds);
  return scenarios.flatMap((scenario) => {
    if (one !== null) return [{ scenario, seed: one }];
    return Array.from({ length: count ?? scenario.seeds[size] }, (_, index) => ({ scenario, seed: index + 1 }));
  });
}

async function runJobs(jobs: Job[]): Promise<ScenarioRun[]> {
  const arena = await openArena(readEnvironment(), say);
  const runs: ScenarioRun[] = [];
  const parallel = wholeNumber('parallel', values.parallel) ?? 1;
  try {
    await Promise.all(Array.from({ length: parallel }, () => runOneAfterTheOther(arena, jobs, runs)));
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
