import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeProgram } from '../../local-stack/node-program.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The environment without what this machine's user has set for the project. */
const CLEAN_ENV = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(ZKPOW_|TEMPORAL_|DATABASE_URL$)/.test(name) || name === 'ZKPOW_CACHE',
  ),
);

export interface ScriptResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program of the project as `npm run` does. Its output may be followed line by line; `end` ends it with SIGTERM, later with SIGKILL. */
export async function runScript(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
  onOutput: (text: string, end: (signal: NodeJS.Signals) => void) => void = () => undefined,
  end?: AbortSignal,
): Promise<ScriptResult> {
  const { command, args: all } = nodeProgram(file, args);
  const child = spawn(command, all, { cwd: ROOT, env: { ...CLEAN_ENV, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
    onOutput(stdout, (signal) => void child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  let kill: NodeJS.Timeout | undefined;
  end?.addEventListener('abort', () => {
    child.kill('SIGTERM');
    kill = setTimeout(() => child.kill('SIGKILL'), 20_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(kill);
  return { code, stdout, stderr };
}
