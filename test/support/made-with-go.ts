import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, type TestContext } from 'vitest';

/** Go, or something that it fetches, is not here: nothing is wrong with what was to be made. */
class GoUnavailableError extends Error {
  override readonly name = 'GoUnavailableError';
}

/** All that a test file makes with Go; building geth takes 4 minutes on two free cores. */
const MAKE_LIMIT_MS = 900_000;

/**
 * Makes something with Go before the tests of a file or a `describe`. Where Go or its module proxy is missing, the tests
 * that ask for it are skipped and say so: nothing but these tests needs Go.
 *
 * @returns what was made, for one test
 */
export function madeWithGo<Made>(make: () => Promise<Made>): (test: Pick<TestContext, 'skip'>) => Made {
  let made: Made | GoUnavailableError;
  beforeAll(async () => {
    made = await make().catch((error: unknown) => {
      if (!(error instanceof GoUnavailableError)) throw error;
      console.warn(`SKIPPED: ${error.message}`);
      return error;
    });
  }, MAKE_LIMIT_MS);
  return (test) => (made instanceof GoUnavailableError ? test.skip(made.message) : made);
}

/** What Go says when it is too old or cannot fetch a module; all else is a fault of the program. */
const UNAVAILABLE = /Get "https?:|reading https?:|disabled by GOPROXY|toolchain not available|requires go >=/;

export interface GoCommand {
  args: string[];
  /** Directory of the module. */
  cwd: string;
  /** What it makes, for messages. */
  what: string;
  /** Oldest version of Go that can make it. */
  goVersion: string;
  /** Default: `-mod=readonly`. */
  flags?: string;
}

/**
 * Runs Go in a process of its own: the lock on the cache is refreshed while it runs.
 *
 * @returns its output
 * @throws GoUnavailableError if Go is missing, too old, or cannot fetch a module
 */
export async function runGo({ args, cwd, what, goVersion, flags = '-mod=readonly' }: GoCommand): Promise<string> {
  const env = { ...process.env, GOFLAGS: `${flags} -buildvcs=false`, CGO_ENABLED: '0' };
  try {
    const { stdout } = await promisify(execFile)('go', args, { cwd, env, timeout: MAKE_LIMIT_MS });
    return stdout;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing && !UNAVAILABLE.test(reason)) throw error;
    throw new GoUnavailableError(
      `${what} cannot be made (${reason}). Install Go ${goVersion} or newer (https://go.dev/dl), and let it reach a ` +
        'module proxy (GOPROXY)',
      { cause: error },
    );
  }
}
