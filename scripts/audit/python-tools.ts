import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forgeEnvironment, PROJECT_DIRECTORY } from '../forge-environment.js';
import { foundryProgram } from '../../local-stack/anvil.js';
import { cachedDirectory } from '../../local-stack/cache.js';

const requirements = join(dirname(fileURLToPath(import.meta.url)), 'requirements.txt');

/**
 * A Python of its own with slither and halmos in it, made once per list of versions and kept in the cache.
 *
 * @returns the interpreter
 * @throws Error if there is no python3 with venv, or a package cannot be had
 */
export async function auditPython(cacheDirectory: string): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const directory = await cachedDirectory(
    cacheDirectory,
    `audit-${digest}`,
    async (unfinished) => {
      console.log('Installing slither and halmos from PyPI, once …');
      const venv = join(unfinished, 'venv');
      const make = await run('python3', ['-m', 'venv', venv]);
      if (make.code !== 0) throw new Error(`python3 -m venv failed: install Python 3 with venv\n${make.output}`);
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements];
      const install = await run(join(venv, 'bin/python'), pip);
      if (install.code !== 0) throw new Error(`pip could not install ${requirements}:\n${install.output}`);
    },
    () => console.log('Waiting for another audit that installs the same …'),
  );
  return join(directory, 'venv/bin/python');
}

/** Runs a tool that builds the contracts with our forge and compiler, in a folder that is gone afterwards. */
export async function runWithForge(
  python: string,
  args: (buildDirectory: string) => string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; output: string; buildDirectory: string; [Symbol.dispose](): void }> {
  const buildDirectory = mkdtempSync(join(tmpdir(), 'zkpow-audit-'));
  const result = await run(python, args(buildDirectory), {
    ...forgeEnvironment(),
    FOUNDRY_OUT: join(buildDirectory, 'out'),
    FOUNDRY_CACHE_PATH: join(buildDirectory, 'cache'),
    FOUNDRY_LINT_LINT_ON_BUILD: 'false',
    // Both tools look for `forge` by name.
    PATH: `${dirname(foundryProgram('forge'))}:${process.env['PATH'] ?? ''}`,
    ...environment,
  });
  return {
    ...result,
    buildDirectory,
    [Symbol.dispose]: () => rmSync(buildDirectory, { recursive: true, force: true }),
  };
}

function run(
  command: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  const env = { ...process.env, ...environment };
  const child = spawn(command, args, { cwd: PROJECT_DIRECTORY, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${command} did not start: ${error.message}`)));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
