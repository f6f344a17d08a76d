import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findTemporal } from '../../local-stack/temporal-binary.js';
import { temporaryHome } from './temporary-home.js';

const NO_NETWORK = 'http://127.0.0.1:9';

function options(path: string) {
  const home = temporaryHome();
  const lines: string[] = [];
  // Both the SDK's download and the Go module download go through a proxy that is not there.
  const env = { ...process.env, PATH: path, HTTPS_PROXY: NO_NETWORK, https_proxy: NO_NETWORK, GOPROXY: NO_NETWORK };
  const report = (line: string) => void lines.push(line);
  return { options: { home, cache: join(home.directory, 'cache'), env, report }, lines };
}

/** A `temporal` that only tells its version. */
function programOnPath(directory: string, version: string): string {
  mkdirSync(directory);
  writeFileSync(
    join(directory, 'temporal'),
    `#!/bin/sh\necho "temporal version 1.5.1 (Server ${version}, UI 2.42.1)"\n`,
  );
  chmodSync(join(directory, 'temporal'), 0o755);
  return directory;
}

test('a new enough program on the PATH is used', async () => {
  const { options: given } = options('/nowhere');
  const env = { ...given.env, PATH: programOnPath(join(given.home.directory, 'bin'), '1.29.1') };
  expect(await findTemporal({ ...given, env })).toBe('temporal');
});

test('without a server, a download and Go, the error says what to install', async () => {
  const { options: given, lines } = options('/nowhere');
  const env = { ...given.env, PATH: programOnPath(join(given.home.directory, 'bin'), '1.27.0') };
  await expect(findTemporal({ ...given, env })).rejects.toThrow(
    /install the Temporal CLI.*install Go.*TEMPORAL_ADDRESS/s,
  );
  expect(lines.join('\n')).toMatch(/has server 1\.27\.0; 1\.29 or newer is needed.*Downloading.*download failed/s);
});
