import { startProcessGroup } from '../../../platform/process-group.js';

const TIMEOUT_MS = 10_000;
const GRACE_MS = 1_000;
/** Longer than any list of cards. */
const MAX_OUTPUT_CHARACTERS = 64 * 1024;

/** What `nvidia-smi` printed, on both of its outputs. */
export interface NvidiaSmiAnswer {
  lines: string[];
  /** Why the answer is not a whole one: it failed, or did not end. Null if it ended well. */
  failure: string | null;
}

/**
 * Runs `nvidia-smi`. It ends within seconds even where the driver hangs: then it is killed, with all that it started.
 *
 * @returns null where there is no such program: this machine has no driver for NVIDIA's cards
 */
export async function askNvidiaSmi(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<NvidiaSmiAnswer | null> {
  const group = startProcessGroup('nvidia-smi', args, { directory: process.cwd(), env });
  const { stdin, stdout, stderr } = group.process;
  let output = '';
  const keep = (text: string): void => {
    output = (output + text).slice(0, MAX_OUTPUT_CHARACTERS);
  };
  stdin?.on('error', () => {}).end();
  stdout?.setEncoding('utf8').on('data', keep);
  stderr?.setEncoding('utf8').on('data', keep);
  let failure: string | null = null;
  const timer = setTimeout(() => {
    failure = `did not end within ${timeoutMs / 1000} s and was killed`;
    group.end(GRACE_MS);
  }, timeoutMs);
  try {
    const { code, signal } = await group.ended;
    if (code !== 0) failure ??= `ended with ${code === null ? `signal ${signal}` : `code ${code}`}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    failure ??= `cannot be run (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    clearTimeout(timer);
  }
  const lines = output.split(/\r?\n/).map((line) => line.trim());
  return { lines: lines.filter((line) => line !== ''), failure };
}
