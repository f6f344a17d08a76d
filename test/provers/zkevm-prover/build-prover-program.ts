import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, type TestContext } from 'vitest';
import { cachedDirectory } from '../../../scripts/stack/cache.js';
import { settings } from '../../../workers/settings/settings-table.js';
import { readEnvironment, readSettings } from '../../../workers/settings/settings.js';

const SOURCES = fileURLToPath(new URL('./prover-program', import.meta.url));

/** The stand-in for a prover of the family: built with Go when it is first needed, then kept in the cache. */
export async function buildProverProgram(): Promise<string> {
  const { cache } = readSettings(readEnvironment(), settings.pick({ cache: true }));
  const hash = createHash('sha256');
  for (const file of readdirSync(SOURCES).sort()) hash.update(`${file}\0`).update(readFileSync(join(SOURCES, file)));
  const name = `zkevm-test-prover-${hash.digest('hex').slice(0, 16)}`;
  const directory = await cachedDirectory(cache, name, async (unfinished) => {
    await go(['build', '-o', join(unfinished, 'prover'), '.']);
  });
  return join(directory, 'prover');
}

/** Where Go keeps the sources of the family's own messages, with proofs that a real prover made. */
export async function familySources(): Promise<string> {
  await go(['mod', 'download', 'github.com/0xPolygon/cdk']);
  return (await go(['list', '-m', '-f', '{{.Dir}}', 'github.com/0xPolygon/cdk'])).trim();
}

/** Go, or something that it fetches, is not here: nothing is wrong with what was to be made. */
class GoUnavailableError extends Error {
  override readonly name = 'GoUnavailableError';
}

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
  }, 600_000);
  return (test) => (made instanceof GoUnavailableError ? test.skip(made.message) : made);
}

/** What Go says when it is too old or cannot fetch a module; all else is a fault of the program. */
const UNAVAILABLE = /Get "https?:|reading https?:|disabled by GOPROXY|toolchain not available|requires go >=/;

/** In a process of its own: the lock on the cache is refreshed while it runs. */
async function go(args: string[]): Promise<string> {
  const env = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', CGO_ENABLED: '0' };
  try {
    const { stdout } = await promisify(execFile)('go', args, { cwd: SOURCES, env });
    return stdout;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing && !UNAVAILABLE.test(reason)) throw error;
    throw new GoUnavailableError(
      `The test prover of the zkEVM family cannot be made (${reason}). ` +
        'Install Go 1.24 or newer (https://go.dev/dl), and let it reach a module proxy (GOPROXY)',
      { cause: error },
    );
  }
}
