import { parseEther, type Wallet } from 'ethers';
import { EVERYTHING, openField, type Field } from './field.js';
import { isExcused, skipDeadRound, type Excuses } from './dead-rounds.js';
import { ENEMIES, startEnemy, type EnemyKind } from './enemies.js';
import {
  auditWallets,
  checkNoPenalty,
  failedCommitments,
  lastVerifiedBatch,
  owedTo,
  unrewarded,
  untilAllRewarded,
} from './outcome.js';
import type { Checks } from './checks.js';
import { createPostings, type Postings } from './postings.js';
import { FAULTS } from './random-faults.js';
import { LOSSES } from './random-losses.js';
import { deposit } from './rollup.js';
import { readRollupRecord, type RollupRecord } from './rollup-record.js';
import type { Figures, Scenario, ScenarioContext } from './scenario.js';
import { checkShares } from './shares.js';
import { supervise } from './supervise.js';

const CONFIRMATIONS = '6';
const SEQUENCES = [2, 3] as const;
const FEWEST_FAULTS = 2;
const MOST_FAULTS = { full: 4, small: 3 };
const PAUSE_BLOCKS = 10;
const ENEMY_DEPOSIT = parseEther('500');
/** Windows that nobody can use are skipped, but they count. */
const WITHIN_BLOCKS = 3_000;

export const allFaults: Scenario = {
  name: 'random',
  happens: 'all faults mixed, in some seeds beside a rival or an enemy',
  holds: '0 lost, 0 double sends, 0 penalties that decide() could have avoided',
  seeds: { full: 200, small: 3 },
  async run(context) {
    const { arena, checks, random } = context;
    // No fault lasts nearly as long as T2 but those that say so, so decide() can avoid every other penalty.
    const field = await openField(context, {
      rollup: { t1: random.between(6, 14), t2: 200 },
      miners: [
        { name: 'ada', deposit: '100', settings: { ZKPOW_CONFIRMATIONS: CONFIRMATIONS } },
        ...(random.chance(0.25) ? [{ name: 'rival', deposit: '80' }] : []),
      ],
    });
    const { chain, rollup, miners } = field;
    const [ada, rival] = miners;
    if (!ada) throw new RangeError('no miner');
    const honest = miners.map(({ wallet }) => wallet.address);
    const excuses: Excuses = { miner: ada.wallet.address, lostHashes: new Set(), missedRounds: [] };
    const postings = createPostings(field, random.fork('postings'));
    const enemyKind = random.fork('enemy').pick<EnemyKind | 'none'>(['none', 'none', ...ENEMIES]);
    const enemyWallet = await chain.wallet('enemy');
    if (enemyKind !== 'none') await letLoose(context, enemyKind, field, enemyWallet, postings);
    const others = await supervise(field, ada, ['aggregator', 'prover']);
    const sender = await supervise(field, ada, ['sender']);
    if (rival) await field.start([[rival, ...EVERYTHING]]);

    const allVerified = async (): Promise<void> =>
      void (await chain.until('all that is posted verified', WITHIN_BLOCKS, async () => {
        await skipDeadRound(field, postings, honest, excuses);
        return (await lastVerifiedBatch(field)) >= (postings.all.at(-1)?.lastBatch ?? 0) ? true : null;
      }));
    const foreign = new Set<string>();
    const faults: string[] = [];
    const draws = random.fork('faults');
    const victims = { arena, field, miner: ada, sender, others, postings, foreign, honest, excuses, allVerified };
    const toPost = draws.between(...SEQUENCES);
    const toFail = draws.between(FEWEST_FAULTS, MOST_FAULTS[context.size]);
    while (postings.all.length < toPost || faults.length < toFail) {
      const post = postings.all.length < toPost && (faults.length >= toFail || draws.chance(0.5));
      if (post) await postings.post();
      else {
        const losses = Object.entries(LOSSES).filter(([name]) => !faults.includes(name));
        const [name, fault] = draws.pick([...Object.entries(FAULTS), ...losses]);
        faults.push(name);
        await fault({ ...victims, random: draws });
      }
      await chain.untilBlock((await chain.head()) + draws.below(PAUSE_BLOCKS));
    }
    await allVerified();
    // Of a round that was missed a rival may have proved the sequence: then our proof still comes, late.
    await untilAllRewarded(field, miners, 600, ({ proofHash }) => excuses.lostHashes.has(proofHash));

    const record = await readRollupRecord(chain, rollup);
    checkPostings(record, postings, checks);
    checkNothingLost(record, honest, excuses, checks);
    checkPenalties(record, excuses, checks);
    if (rival) checkNoPenalty(record, checks, [rival]);
    checks.equal(await owedTo(field, enemyWallet.address), 0n, 'what the enemy earned');
    await checkShares(field, checks, honest);
    const wallets = await auditWallets(field, checks, miners, foreign);
    return {
      ...{ sequences: postings.all.length, faults: faults.join(' '), enemy: enemyKind },
      enemyCommitments: record.commitments.filter(({ miner }) => miner === enemyWallet.address).length,
      ...ownFailures(record, excuses),
      ...wallets,
    };
  },
};

async function letLoose(
  { random, defer }: ScenarioContext,
  kind: EnemyKind,
  field: Field,
  wallet: Wallet,
  postings: Postings,
): Promise<void> {
  const victims = field.miners.map((miner) => miner.wallet.address);
  await field.chain.instantly(() => deposit(field.rollup, wallet, ENEMY_DEPOSIT));
  const enemy = startEnemy(kind, field, wallet, { victims, postings, random: random.fork('junk') });
  defer(() => enemy.stop());
}

function checkNothingLost(
  record: RollupRecord,
  honest: readonly string[],
  { lostHashes }: Excuses,
  checks: Checks,
): void {
  const lost = unrewarded(record, honest).filter(({ proofHash }) => !lostHashes.has(proofHash));
  checks.equal(lost, [], 'commitments whose proof is lost, beside those whose proof was deleted');
}

/** What the sequencer stands by is on the chain, and all of it is verified. */
function checkPostings(record: RollupRecord, postings: Postings, checks: Checks): void {
  const posted = postings.all.map(({ accInputHash }) => accInputHash);
  checks.equal(
    record.posted.map(({ accInputHash }) => accInputHash),
    posted,
    'sequences on the chain',
  );
  checks.equal(record.verified.length, posted.length, 'sequences verified');
}

function ownPenalties(record: RollupRecord, { miner }: Excuses): RollupRecord['penalties'] {
  return record.penalties.filter((penalty) => penalty.miner === miner);
}

function ownFailures(record: RollupRecord, excuses: Excuses): Figures {
  const failed = failedCommitments(record, excuses.miner);
  return { excusedRounds: failed.length, penalties: ownPenalties(record, excuses).length };
}

/** Only rounds that could not be revealed in have failed, and each cost the silence penalty once at most. */
function checkPenalties(record: RollupRecord, excuses: Excuses, checks: Checks): void {
  const blamed = failedCommitments(record, excuses.miner).filter((commitment) => !isExcused(excuses, commitment));
  checks.equal(blamed, [], 'failed rounds that decide() could have avoided');
  const excused = record.commitments.filter((commitment) => isExcused(excuses, commitment));
  const keys = ownPenalties(record, excuses).map(({ finalBatch, round, kind }) => `${finalBatch}/${round} ${kind}`);
  const allowed = excused.map(({ finalBatch, round }) => `${finalBatch}/${round} silence`);
  const unexpected = keys.filter((key, index) => !allowed.includes(key) || keys.indexOf(key) !== index);
  checks.equal(unexpected, [], 'penalties that decide() could have avoided');
}
