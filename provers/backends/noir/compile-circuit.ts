import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProofKind } from '../../../domain/proof.js';
import { digestOf, fileDigest, type ArtifactCache } from '../../../platform/artifact-cache.js';
import { runOnThread } from './worker-thread.js';

/** Hashes of the verification keys that a circuit accepts its children under: constants of its source. */
export interface ChildKeys {
  BATCH_KEY_HASH?: string;
  AGGREGATE_KEY_HASH?: string;
}

const COMPILER = fileURLToPath(new URL('./index_bg.wasm', import.meta.resolve('@noir-lang/noir_wasm')));
const CHILD_KEYS_MANIFEST = '[package]\nname = "child_keys"\ntype = "lib"\nauthors = [""]\n\n[dependencies]\n';

/**
 * Compiles the circuit of one stage.
 *
 * @param sources folder with a package a stage, and `common`, which all share
 * @returns the program as JSON (its ABI and its ACIR), as noir_js takes it
 */
export async function compileCircuit(
  sources: string,
  kind: ProofKind,
  childKeys: ChildKeys,
  cache: ArtifactCache,
  log: (message: string) => void,
): Promise<string> {
  const name = digestOf(
    kind,
    await sourcesDigest(sources, kind),
    await fileDigest(COMPILER),
    childKeysSource(childKeys),
  );
  const program = await cache.content(`noir/${kind}-${name.slice(0, 16)}.json`, async () => {
    log(`Compiling the ${kind} circuit`);
    const directory = await mkdtemp(join(tmpdir(), 'zkpow-circuits-'));
    try {
      await cp(sources, directory, { recursive: true });
      await mkdir(join(directory, 'child_keys/src'), { recursive: true });
      await writeFile(join(directory, 'child_keys/Nargo.toml'), CHILD_KEYS_MANIFEST);
      await writeFile(join(directory, 'child_keys/src/lib.nr'), childKeysSource(childKeys));
      return String(
        await runOnThread(new URL('./compile-thread.ts', import.meta.url), { directory: join(directory, kind) }),
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
  return program.toString('utf8');
}

function childKeysSource(childKeys: ChildKeys): string {
  return Object.entries(childKeys)
    .map(([name, hash]) => `pub global ${name}: Field = ${hash};\n`)
    .join('');
}

/** The circuit's own package and the one that all share. */
async function sourcesDigest(sources: string, kind: ProofKind): Promise<string> {
  const parts: (string | Uint8Array)[] = [];
  for (const folder of ['common', kind]) {
    const entries = await readdir(join(sources, folder), { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const path of paths.sort()) {
      parts.push(path.slice(sources.length), await readFile(path));
    }
  }
  return digestOf(...parts);
}
