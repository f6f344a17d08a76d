import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BUNDLED_FOLDERS, findWorkflowBundle } from '../../platform/workflow-bundle.js';

const cache = mkdtempSync(join(tmpdir(), 'zkpow-bundle-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const quiet = (): void => undefined;

it('a missing bundle in production is an error that names the command which makes it', async () => {
  await expect(findWorkflowBundle({ cache, make: false, log: quiet })).rejects.toThrow(/npm run worker -- bundle/);
});

it('makes a bundle of the workflows and nothing else, once for all who ask at the same time', async () => {
  const said: string[] = [];
  const find = () => findWorkflowBundle({ cache, make: true, log: (message) => said.push(message) });
  const [path, same] = await Promise.all([find(), find()]);
  expect(same).toBe(path);
  expect(said.filter((message) => message === 'Bundling the workflows')).toHaveLength(1);

  // Webpack names every module that went in.
  const modules = [...readFileSync(path, 'utf8').matchAll(/^ {2}!\*\*\* (\.\/\S+)/gm)].map(([, name]) => name ?? '');
  const own = modules.filter((name) => !name.includes('node_modules'));
  expect(own).toContain('./workflows/sequence-workflow.ts');
  expect(own).toContain('./domain/decide.ts');
  // A bundle is named by the digest of these folders: code from elsewhere could change without a new name.
  const digested = (name: string) => BUNDLED_FOLDERS.some((folder) => name.startsWith(`./${folder}/`));
  expect(own.filter((name) => !digested(name))).toEqual([]);

  await expect(findWorkflowBundle({ cache, make: false, log: quiet })).resolves.toBe(path);
});

it('notices a damaged bundle and makes it again', async () => {
  const path = await findWorkflowBundle({ cache, make: true, log: quiet });
  const sound = readFileSync(path, 'utf8');
  writeFileSync(path, sound.slice(0, 1000));
  await expect(findWorkflowBundle({ cache, make: true, log: quiet })).resolves.toBe(path);
  expect(readFileSync(path, 'utf8')).toBe(sound);
});
