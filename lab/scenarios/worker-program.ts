import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKER_HOST = join(ROOT, 'lab', 'scenarios', 'worker-host.ts');
const NAME = 'worker-host';

/** Modules find what lies beside them (sources of workflows, migrations) from where they really are. */
const originalLocations: Plugin = {
  name: 'original locations',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const location = JSON.stringify(pathToFileURL(path).href);
      return { loader: 'ts', contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', location) };
    });
  },
};

/**
 * Compiles what scenarios run as workers into plain JavaScript, one file a role. A full run starts more than a thousand,
 * and each begins in half the processor time that the loader of TypeScript needs.
 *
 * @returns directory of the program, to be removed in the end: among the packages, so that imports of these are found
 */
export async function compileWorkerHost(): Promise<string> {
  const parent = join(ROOT, 'node_modules', '.cache');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'zkpow-'));
  await build({
    ...{ entryPoints: { [NAME]: WORKER_HOST }, outdir: directory, outExtension: { '.js': '.mjs' } },
    ...{ bundle: true, splitting: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' },
    ...{ plugins: [originalLocations], keepNames: true, logLevel: 'error' },
  });
  return directory;
}

export const workerHostIn = (directory: string): string => join(directory, `${NAME}.mjs`);
