import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Arena } from './arena.js';
import { createChecks } from './checks.js';
import { createRandom } from './random.js';
import type { Figures, Scenario, Size } from './scenario.js';

/** A run that hangs ends all the same. */
const LIMIT_MS = 20 * 60_000;

/** One run of a scenario with one seed. */
export interface ScenarioRun {
  name: string;
  seed: number;
  seconds: number;
  figures: Figures;
  /** What did not hold; null where all did. */
  failure: string | null;
  /** Runs it again. */
  command: string;
}

export interface RunOptions {
  seed: number;
  size: Size;
  report: (line: string) => void;
}

/** Runs a scenario once; whatever goes wrong is in the result, and everything that it started is ended. */
export async function runScenario(
  arena: Arena,
  scenario: Scenario,
  { seed, size, report }: RunOptions,
): Promise<ScenarioRun> {
  const { name } = scenario;
  const started = Date.now();
  const directory = join(arena.directory, `${name}-${seed}`);
  mkdirSync(directory, { recursive: true });
  const checks = createChecks();
  const closers: (() => Promise<unknown>)[] = [];
  let figures: Figures = {};
  let failure: string | null = null;
  try {
    const random = createRandom(`${name}/${seed}`);
    const defer = (close: () => Promise<unknown>): void => void closers.push(close);
    let fail: (error: Error) => void = () => undefined;
    const failed = new Promise<never>((_resolve, reject) => (fail = reject));
    const limit = setTimeout(() => fail(new Error(`not done after ${LIMIT_MS / 60_000} minutes`)), LIMIT_MS);
    closers.push(async () => clearTimeout(limit));
    const run = scenario.run({ arena, seed, size, random, directory, checks, report, fail, defer });
    figures = await Promise.race([run, failed]);
    checks.done();
  } catch (error) {
    failure = describe(error, checks.problems());
  }
  for (const close of closers.reverse()) {
    await close().catch((error: unknown) => report(`${name}, seed ${seed}: ending a part failed: ${String(error)}`));
  }
  const seconds = (Date.now() - started) / 1000;
  const flags = `--seed ${seed}${size === 'small' ? ' --small' : ''}`;
  return { name, seed, seconds, figures, failure, command: `npm run scenario -- ${name} ${flags}` };
}

/** What ended the run, and what it had found wrong by then. */
function describe(error: unknown, problems: readonly string[]): string {
  const reason = error instanceof Error ? error.message : String(error);
  const others = problems.map((problem) => `- ${problem}`).filter((line) => !reason.includes(line));
  return [reason, ...others].join('\n');
}
