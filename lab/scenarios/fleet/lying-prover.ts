import { readFileSync } from 'node:fs';
import pg from 'pg';
import { selectProvers } from '../../../activities/storage/provers.js';
import { createPool } from '../../../activities/storage/database.js';
import type { Checks } from '../checks.js';
import type { Scenario } from '../scenario.js';
import { openFleet } from './fleet.js';
import type { Machine } from './machine.js';
import { checkAllProved, labelOf, readTasks } from './proved.js';
import { until } from './waits.js';

const LIES = ['rubbish', 'proof of another batch'] as const;
/** What the database says to a machine that was set aside. */
const SET_ASIDE = 'ZK002';

export const lyingProver: Scenario = {
  name: 'lying-prover',
  happens: 'a prover hands in rubbish or, with even seeds, proofs of another batch',
  holds:
    'refused; the machine is set aside, can fetch and add nothing more, drains and says so; others prove its tasks',
  seeds: { full: 6, small: 2 },
  async run(context) {
    const { checks, random, seed } = context;
    const lie = LIES[(seed - 1) % LIES.length] ?? 'rubbish';
    const fleet = await openFleet(context);
    const ended = { says: '' };
    const liar = await fleet.addMachine({
      name: 'liar',
      secondsByKind: { batch: 0, aggregate: 0, final: 0 },
      // Of all kinds, or of one that comes later.
      faults: [{ does: lie, kinds: random.chance(0.5) ? null : ['batch'], batch: null }],
      onEnd: (error) => (ended.says = error.message),
    });
    const honest = await fleet.addMachine({ name: 'honest', secondsByKind: { batch: 1, aggregate: 0.5, final: 0.5 } });
    await liar.start();
    await honest.start();
    await fleet.post([3, random.between(1, 4), random.between(1, 4)]);

    const setAside = await until('the liar set aside', async () => reasonAgainst('liar'));
    const at = Date.now();
    await until('the end of its worker', () => (liar.isUp() ? null : true));
    const drainSeconds = (Date.now() - at) / 1_000;
    await fleet.untilVerified();

    checks.must(setAside.includes('does not verify'), 'the reason names what was wrong', setAside);
    checks.equal(await reasonAgainst('honest'), null, 'what is held against the honest machine');
    checks.must(
      readFileSync(liar.worker().logFile, 'utf8').includes('set aside'),
      'its worker says why it ends',
      ended,
    );
    const tasks = await readTasks(fleet);
    const refused = tasks.filter(({ submitted }) => submitted.some(({ refused_for }) => refused_for !== null));
    const lied = tasks.filter(({ submitted }) => submitted.some(({ prover }) => prover === 'liar'));
    checks.must(refused.length > 0, 'at least one proof is refused');
    checks.equal(lied.map(labelOf), refused.map(labelOf), 'tasks with a proof of the liar: those with a refused one');
    const elsewhere = tasks.filter(({ accepted_prover }) => accepted_prover !== 'honest').map(labelOf);
    checks.equal(elsewhere, [], 'tasks whose proof is not of the honest machine');
    await checkLockedOut(liar, checks);
    return { lie, refused: refused.length, drainSeconds, ...(await checkAllProved(context, fleet)) };

    async function reasonAgainst(name: string): Promise<string | null> {
      return (await selectProvers(fleet.miner.pool)).find((row) => row.name === name)?.setAsideFor ?? null;
    }
  },
};

/** Its login is of no use to it any more. */
async function checkLockedOut({ databaseUrl }: Machine, checks: Checks): Promise<void> {
  const pool = createPool(databaseUrl, 1);
  const codeOf = async (text: string): Promise<string> => {
    try {
      await pool.query(text);
      return 'allowed';
    } catch (error) {
      return (error instanceof pg.DatabaseError && error.code) || String(error);
    }
  };
  const zeros = '0'.repeat(64);
  try {
    checks.equal(await codeOf(`SELECT prover.read_artifact('${zeros}')`), SET_ASIDE, 'answer to the liar, fetching');
    checks.equal(await codeOf(`SELECT prover.add_proof('${zeros}', 'x', 1)`), SET_ASIDE, 'answer to the liar, adding');
  } finally {
    await pool.end();
  }
}
