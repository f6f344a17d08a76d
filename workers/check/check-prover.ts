import type pg from 'pg';
import type { ProverBackend } from '../../domain/prover-backend.js';
import { proverQueue } from '../../domain/names.js';
import { openBackend } from '../open-backend.js';
import { readProverSettings } from '../prover.js';
import { check, checkText, type CheckLine } from './check-line.js';
import { checkMachine } from './check-machine.js';
import { checkCircuits, checkTemporal, openArtifactDatabase } from './check-servers.js';
import { proveSample } from './sample-proof.js';

/**
 * Tells whether this machine can prove for its miner, a line for each thing that it needs: `ok`, or what to change. Takes
 * no task.
 *
 * @returns whether all is well
 * @throws SettingsError naming every setting that is missing or wrong
 */
export async function checkProver(env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<boolean> {
  const { given, temporal, machine } = await readProverSettings(env);
  const lines: CheckLine[] = [];
  const tell = (...found: CheckLine[]): void => {
    lines.push(...found);
    for (const line of found) print(checkText(line));
  };
  let pool: pg.Pool | undefined;
  let backend: ProverBackend | undefined;
  try {
    tell(...(await checkMachine(given, machine)));
    tell(await check('Temporal', () => checkTemporal(temporal, proverQueue(given.rollupType, given.hardwareClass))));
    const database = await check('database', async () => {
      const opened = await openArtifactDatabase(given.databaseUrl);
      pool = opened.pool;
      return opened.text;
    });
    tell(database);
    const proofSystem = await check('proof system', async () => {
      // The first time on a machine this makes circuits and keys, and says so.
      backend = await openBackend(given, (message) => print(`        ${message}`));
      return backend.proofSystem;
    });
    tell(proofSystem);
    if (backend && pool) tell(await checkVersions(pool, backend));
    if (backend) tell(await checkSample(backend, given.rollupType));
  } finally {
    await backend?.close();
    await pool?.end();
  }
  const wrong = lines.filter(({ ok }) => !ok).length;
  print(wrong === 0 ? 'This machine can prove.' : `Not yet: ${wrong} of ${lines.length} things have to be changed.`);
  return wrong === 0;
}

function checkVersions(pool: pg.Pool, backend: ProverBackend): Promise<CheckLine> {
  return check('circuits', () => checkCircuits(pool, backend));
}

function checkSample(backend: ProverBackend, rollupType: string): Promise<CheckLine> {
  return check('one proof', () => proveSample(backend, rollupType));
}
