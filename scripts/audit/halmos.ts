import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { PROJECT_DIRECTORY } from '../forge-environment.js';
import { runWithForge } from './python-tools.js';

const SOURCES = 'contracts/symbolic';
const CONTRACT = 'WindowsAndSharesCheck';
/** Each takes seconds; a machine under load is given time. */
const SOLVER_TIMEOUT_MS = 120_000;

/** @throws Error with halmos's words unless every check was run and holds for all inputs */
export async function runHalmos(python: string): Promise<void> {
  const source = readFileSync(join(PROJECT_DIRECTORY, SOURCES, 'WindowsAndShares.sol'), 'utf8');
  const expected = [...source.matchAll(/function (check_\w+)/g)].map(([, name]) => name);
  using result = await runWithForge(
    python,
    (directory) => [
      ...['-m', 'halmos', '--root', PROJECT_DIRECTORY, '--match-contract', CONTRACT],
      ...['--forge-build-out', relative(PROJECT_DIRECTORY, join(directory, 'out'))],
      ...['--solver-timeout-assertion', String(SOLVER_TIMEOUT_MS)],
    ],
    // Only these and what they import are built.
    { FOUNDRY_SRC: SOURCES, FOUNDRY_TEST: SOURCES },
  );
  const output = stripVTControlCharacters(result.output);
  // An error inside a check may end in a pass: the words count, not the exit code alone.
  const missing = expected.filter((name) => !output.includes(`[PASS] ${name}(`));
  if (result.code !== 0 || missing.length > 0 || /ERROR|TIMEOUT|Counterexample/.test(output)) {
    throw new Error(
      `halmos: not shown for all inputs: ${missing.join(', ') || 'see below'}\n${output}\nSee docs/audit.md.`,
    );
  }
  console.log(`halmos: ${expected.length} checks hold for all inputs`);
}
