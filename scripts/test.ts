import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * `npm test`: all checks and all suites, one after the other on the same two cores, then one line that sums them up.
 * A failing part does not hide the ones after it.
 */

interface Count {
  passed: number;
  failed: number;
  /** Those say why: a tool that only they need is missing. */
  skipped: number;
}

interface Suite {
  name: string;
  command: string[];
  /** What the command's report says; without one the command itself counts as one test. */
  count?: (output: string) => Count;
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numFailedTestSuites: z.number(),
});
const reports = mkdtempSync(join(tmpdir(), 'zkpow-reports-'));

const SUITES: Suite[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'format', command: ['npm', 'run', '--silent', 'format:check'] },
  { name: 'contracts', command: ['npm', 'run', '--silent', 'test:contracts'], count: countForge },
  vitest('fast'),
  vitest('slow'),
  vitest('scenarios'),
];

function vitest(project: string): Suite {
  const report = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return {
    name: `vitest, ${project}`,
    command: ['vitest', 'run', '--project', project, ...reporters],
    count: () => {
      const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = vitestReport.parse(
        JSON.parse(readFileSync(report, 'utf8')),
      );
      // A file that does not even load has no tests to fail.
      const failed = Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0);
      return { passed: numPassedTests, failed, skipped: numPendingTests };
    },
  };
}

/** Sums the lines of forge like `Ran 9 test suites …: 120 tests passed, 0 failed, 0 skipped (120 total tests)`. */
function countForge(output: string): Count {
  const runs = [...output.matchAll(/(\d+) tests passed, (\d+) failed, (\d+) skipped \(\d+ total/g)];
  if (runs.length === 0) throw new Error('forge printed no summary');
  const sum = (column: number) => runs.reduce((total, run) => total + Number(run[column]), 0);
  return { passed: sum(1), failed: sum(2), skipped: sum(3) };
}

async function run({ name, command, count }: Suite): Promise<Count> {
  console.log(`\n── ${name} ──`);
  const started = Date.now();
  const { code, output } = await execute(command);
  console.log(`── ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  const whole = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  if (!count) return whole;
  try {
    const counted = count(output);
    return code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
  } catch (error) {
    console.log(`no count for ${name}: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function execute([program = '', ...args]: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const path = `${join(process.cwd(), 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
    const child = spawn(program, args, { env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
for (const suite of SUITES) {
  const { passed, failed, skipped } = await run(suite);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
rmSync(reports, { recursive: true });
const skippedToo = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skippedToo}`);
process.exitCode = total.failed === 0 ? 0 : 1;
