import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from '../../../local-stack/cache.js';
import { settings } from '../../../platform/settings/settings-table.js';
import { readEnvironment, readSettings } from '../../../platform/settings/settings.js';
import { runGo } from '../../support/made-with-go.js';

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

function go(args: string[]): Promise<string> {
  return runGo({ args, cwd: SOURCES, what: 'The test prover of the zkEVM family', goVersion: '1.24' });
}
