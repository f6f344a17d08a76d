import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openHome, type Home } from '../../local-stack/home.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import { stopAll } from '../../local-stack/processes.js';

/** A home that is gone after the test, with every process in it and a cache beside it. */
export function temporaryHome(): Home {
  const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-stack-')));
  onTestFinished(async () => {
    await stopAll(home.run);
    rmSync(sharedHome(home), { recursive: true, force: true });
    for (const path of [home.directory, `${home.directory}-cache`]) rmSync(path, { recursive: true, force: true });
  });
  return home;
}
