import { parseEther } from 'ethers';
import { z } from 'zod';
import { alarmText } from '../../domain/sequence-progress.js';
import type { PostedSequence } from '../../domain/sequence.js';
import { selectRows } from '../../activities/storage/database.js';
import type { Checks } from './checks.js';
import { commitTogether } from './commit-together.js';
import { openField, type Field } from './field.js';
import type { Miner } from './miner.js';
import { auditWallets, untilAllRewarded, untilVerified } from './outcome.js';
import { factsOf, untilAlarm, untilCommitted } from './progress.js';
import { deposit, postSequences } from './rollup.js';
import { readRollupRecord, type RollupRecord } from './rollup-record.js';
import type { Scenario, ScenarioContext } from './scenario.js';
import { checkShares } from './shares.js';

/** In which nothing may be sent while a top-up is missing. */
const QUIET_BLOCKS = 20;

export const allSilent: Scenario = {
  name: 'all-silent',
  happens: 'nobody reveals in T2; stakes are the least reserve and one penalty',
  holds:
    'every committer penalised once; the next round verifies the same proof, not proved again; a third needs a top-up and says so',
  seeds: { full: 2, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: 8, t2: 100 },
      miners: [
        { name: 'ada', deposit: '11' },
        { name: 'ben', deposit: '11' },
      ],
    });
    const { chain, rollup, miners } = field;
    await field.start(
      miners.map((miner) => [miner, 'aggregator', 'prover']),
      { name: 'others' },
    );
    const startSenders = () =>
      field.start(
        miners.map((miner) => [miner, 'sender']),
        { name: 'senders' },
      );
    let senders = await startSenders();
    /** All commit, then nobody can send until the round is over. */
    const lapse = async (sequence: PostedSequence, together: Promise<void>): Promise<void> => {
      await together;
      for (const { wallet } of miners) await untilCommitted(field, wallet.address, sequence);
      await senders.kill();
      const { revealEnd } = await factsOf(field, sequence, miners[0]?.wallet.address ?? '');
      if (revealEnd === null) throw new Error(`the round of batch ${sequence.lastBatch} has no end`);
      await chain.clock.mine(revealEnd - (await chain.head()));
      // Both are to be in the next round, too.
      void commitTogether(field, miners);
      senders = await startSenders();
    };

    const firstHashes = commitTogether(field, miners);
    const [first] = await postSequences(chain, rollup, random, [1]);
    if (!first) throw new RangeError('nothing was posted');
    await lapse(first, firstHashes);
    await untilVerified(field, first.lastBatch, 400);
    await untilAllRewarded(field, miners, 200);

    const secondHashes = commitTogether(field, miners);
    const [second] = await postSequences(chain, rollup, random, [1]);
    if (!second) throw new RangeError('nothing was posted');
    await lapse(second, secondHashes);
    await checkAsksForTopUp(context, field, second);
    const topUps = await Promise.all(miners.map(({ wallet }) => deposit(rollup, wallet, parseEther('1'))));
    await untilVerified(field, second.lastBatch, 400);
    await untilAllRewarded(field, miners, 200);

    const record = await readRollupRecord(chain, rollup);
    for (const miner of miners) {
      for (const { lastBatch } of [first, second]) checkTwoRounds(record, checks, miner, lastBatch);
      const finals = await selectRows(miner.pool, z.object({ count: z.coerce.number() }), FINALS);
      checks.equal(finals, [{ count: 2 }], `final proofs that ${miner.name} made for two sequences`);
    }
    const addresses = miners.map(({ wallet }) => wallet.address);
    await checkShares(field, checks, addresses);
    const wallets = await auditWallets(field, checks, miners, new Set(topUps));
    return { penalties: record.penalties.length, ...wallets };
  },
};

const FINALS = `SELECT count(*) FROM proof_tasks WHERE kind = 'final'`;

/** Every miner says what it lacks, and sends no hash without it. */
async function checkAsksForTopUp(
  { arena, checks }: ScenarioContext,
  field: Field,
  sequence: PostedSequence,
): Promise<void> {
  const { chain, rollup, miners } = field;
  for (const miner of miners) {
    await untilAlarm(field, arena, miner, sequence, alarmText('stake-too-low', sequence));
  }
  const before = (await readRollupRecord(chain, rollup)).commitments.length;
  await chain.untilBlock((await chain.head()) + QUIET_BLOCKS);
  checks.equal((await readRollupRecord(chain, rollup)).commitments.length, before, 'commitments without a top-up');
}

/** One round failed and cost its penalty once; the next one had the same proof. */
function checkTwoRounds(record: RollupRecord, checks: Checks, { name, wallet }: Miner, batch: number): void {
  const own = record.commitments.filter(({ miner, finalBatch }) => miner === wallet.address && finalBatch === batch);
  checks.equal(own.length, 2, `rounds of ${name} for batch ${batch}`);
  checks.equal(new Set(own.map(({ proofHash }) => proofHash)).size, 1, `proofs of ${name} for batch ${batch}`);
  const paid = record.penalties.filter(({ miner, finalBatch }) => miner === wallet.address && finalBatch === batch);
  const expected = [['silence', own[0]?.round, parseEther('1')]];
  checks.equal(
    paid.map(({ kind, round, amount }) => [kind, round, amount]),
    expected,
    `penalties of ${name}, batch ${batch}`,
  );
}
