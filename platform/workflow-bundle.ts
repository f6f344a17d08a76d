import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { z } from 'zod';
import { openArtifactCache } from './artifact-cache.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Folders whose code goes into the bundle. */
export const BUNDLED_FOLDERS = ['domain', 'workflows'] as const;
/** Makes spans of workflows; only in the bundle of a worker that sends them somewhere. */
const TRACING = fileURLToPath(new URL('./telemetry/workflow-tracing.ts', import.meta.url));
const packageFile = z.object({ version: z.string() });

/** The bundle of this version of the workflows is not in the cache, and this is no place to make it. */
export class WorkflowBundleMissingError extends Error {
  override readonly name = 'WorkflowBundleMissingError';
  constructor(path: string) {
    super(
      `There is no workflow bundle at ${path}. In production it is made beforehand, when the machine is set up: ` +
        'run "npm run worker -- bundle" with the same ZKPOW_CACHE.',
    );
  }
}

export interface WorkflowBundleOptions {
  /** The cache directory. */
  cache: string;
  /** Whether a missing bundle is made; in production it must be there. */
  make: boolean;
  /** Whether the workflows make spans. Default: no. */
  traced?: boolean;
  log(message: string): void;
}

/**
 * Path of the file with all workflow code, for the workflow sandbox. It is made once for each state of the sources:
 * its name is the digest of everything in `domain/` and `workflows/`, of what makes spans and of the SDK's version.
 *
 * @throws WorkflowBundleMissingError if it is missing and `make` is false
 */
export async function findWorkflowBundle({ cache, make, traced = false, log }: WorkflowBundleOptions): Promise<string> {
  const directory = join(cache, 'workflow-bundles');
  const name = `${await sourcesDigest()}${traced ? '-traced' : ''}.js`;
  if (!make && !existsSync(join(directory, name))) throw new WorkflowBundleMissingError(join(directory, name));
  return openArtifactCache(directory, log).file(name, async (path) => {
    log('Bundling the workflows');
    await writeBundle(path, traced);
  });
}

async function writeBundle(path: string, traced: boolean): Promise<void> {
  // Webpack's list of modules says nothing to an operator; what is wrong comes as an error.
  const logger = new DefaultLogger('ERROR');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows/workflows.ts'),
    workflowInterceptorModules: traced ? [TRACING] : [],
    logger,
  });
  await writeFile(path, code);
}

async function sourcesDigest(): Promise<string> {
  const hash = createHash('sha256').update(await sdkVersion());
  for (const folder of BUNDLED_FOLDERS) {
    const names = await readdir(join(ROOT, folder), { recursive: true });
    for (const name of names.filter((one) => one.endsWith('.ts')).sort()) {
      const content = await readFile(join(ROOT, folder, name));
      hash.update(`\0${folder}/${name}\0${content.length}\0`).update(content);
    }
  }
  hash.update(await readFile(TRACING));
  return hash.digest('hex');
}

async function sdkVersion(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('@temporalio/worker/package.json');
  return packageFile.parse(JSON.parse(await readFile(manifest, 'utf8'))).version;
}
