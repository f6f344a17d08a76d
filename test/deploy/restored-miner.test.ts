import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { grantProver } from '../../activities/storage/prover-roles.js';
import type { Arena } from '../../lab/scenarios/arena.js';
import { EVERYTHING, openField } from '../../lab/scenarios/field.js';
import type { Miner } from '../../lab/scenarios/miner.js';
import { checkNoPenalty, untilAllRewarded, untilVerified } from '../../lab/scenarios/outcome.js';
import { untilCommitted } from '../../lab/scenarios/progress.js';
import { readRollupRecord } from '../../lab/scenarios/rollup-record.js';
import { postSequences } from '../../lab/scenarios/rollup.js';
import { runScenario } from '../../lab/scenarios/run-scenario.js';
import type { Scenario } from '../../lab/scenarios/scenario.js';
import { openArena } from '../../lab/scenarios/servers.js';
import { walletTransactions } from '../../lab/scenarios/wallet-transactions.js';
import { ensureNamespace } from '../../local-stack/temporal-namespace.js';
import { readEnvironment } from '../../platform/settings/settings.js';

// docs/operations.md, "Backup and restore": an old database is put in the place of the newest one, and the chain decides.
const T1 = 10;
const RESTORED: Scenario = {
  name: 'restored',
  happens: 'a dump of the database that is older than commits and reveals takes its place; also with an empty Temporal',
  holds: 'every sequence is verified with one hash and one proof transaction; no penalty',
  seeds: { full: 2, small: 2 },
  async run(context) {
    const { arena, checks, random, seed } = context;
    const field = await openField(context, {
      rollup: { t1: T1, t2: 200 },
      miners: [{ name: 'ada', deposit: '100' }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    const { address } = ada.wallet;

    // Before the dump: one sequence verified, one committed. After it: that one is revealed, a third one is committed.
    const before = await field.start([[ada, ...EVERYTHING]]);
    const [verified, committed] = await postSequences(chain, rollup, random, [1, 1]);
    if (!verified || !committed) throw new RangeError('nothing was posted');
    await untilVerified(field, verified.lastBatch, 400);
    await untilCommitted(field, address, committed);
    await before.kill();
    const dump = await copyDatabase(arena, ada, `dump-${randomBytes(4).toString('hex')}`);

    const between = await field.start([[ada, ...EVERYTHING]]);
    await untilVerified(field, committed.lastBatch, 400);
    const [late] = await postSequences(chain, rollup, random, [1]);
    if (!late) throw new RangeError('nothing was posted');
    await untilCommitted(field, address, late);
    await between.kill();
    await restoreDatabase(arena, ada, dump);
    if (seed % 2 === 0) await useFreshNamespace(arena, ada);

    await field.start([[ada, ...EVERYTHING]]);
    await untilVerified(field, late.lastBatch, 400);
    await untilAllRewarded(field, miners, 100);

    const record = await readRollupRecord(chain, rollup);
    checkNoPenalty(record, checks, miners);
    const sent = (await walletTransactions(chain, address, field.startBlock)).map(({ call, success }) => {
      return `${call?.name} ${call?.finalBatch} ${success ? 'done' : 'failed'}`;
    });
    const expected = [verified, committed, late].flatMap(({ lastBatch }) => [
      `submitProofHash ${lastBatch} done`,
      `verifyBatches ${lastBatch} done`,
    ]);
    checks.equal([...sent].sort(), expected.sort(), 'transactions: a hash and a proof for each sequence');
    return { emptyTemporal: seed % 2 === 0 ? 'yes' : 'no', transactions: sent.length };
  },
};

let arena: Arena;
let failed = false;
beforeAll(async () => {
  const servers = { temporalAddress: inject('temporalAddress'), postgresUrl: inject('postgresUrl') };
  arena = await openArena(readEnvironment(), () => undefined, servers);
});
afterAll(() => arena.close(failed));

test.concurrent.each([1, 2])(
  'an old database restored: no transaction twice, no penalty (seed %i)',
  async (seed) => {
    const run = await runScenario(arena, RESTORED, { seed, size: 'small', report: () => undefined });
    failed ||= run.failure !== null;
    expect(run.failure).toBeNull();
    expect(run.figures).toMatchObject({ emptyTemporal: seed % 2 === 0 ? 'yes' : 'no', transactions: 6 });
  },
  600_000,
);

/** As a dump: what the database holds, without the roles and rights that belong to the server. */
async function copyDatabase(arena: Arena, { pool }: Miner, copy: string): Promise<string> {
  const { rows } = await pool.query<{ name: string }>('SELECT current_database() AS name');
  await replaceDatabase(arena, copy, rows[0]?.name ?? '');
  return copy;
}

async function restoreDatabase(arena: Arena, miner: Miner, dump: string): Promise<void> {
  const { rows } = await miner.pool.query<{ name: string }>('SELECT current_database() AS name');
  await replaceDatabase(arena, rows[0]?.name ?? '', dump);
  // Step 4 of the page: the machine's role is there and keeps its password, its rights in the database are given anew.
  const login = new URL(miner.environment('prover')['DATABASE_URL'] ?? '');
  await grantProver(miner.pool, 'local', decodeURIComponent(login.password));
  await replaceDatabase(arena, dump, null);
}

async function replaceDatabase({ postgresUrl }: Arena, name: string, template: string | null): Promise<void> {
  const admin = new pg.Client({ connectionString: postgresUrl });
  await admin.connect();
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    if (template === null) return;
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [template]);
    await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${pg.escapeIdentifier(template)}`);
  } finally {
    await admin.end();
  }
}

async function useFreshNamespace({ connection }: Arena, miner: Miner): Promise<void> {
  const namespace = `fresh-${randomBytes(6).toString('hex')}`;
  await ensureNamespace(connection, namespace);
  miner.useNamespace(namespace);
}
