import { alarmText } from '../../domain/sequence-progress.js';
import { callWithNextCommit } from './at-next-commit.js';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, slashedOf, untilAllRewarded, untilVerified } from './outcome.js';
import { commitmentsTo, factsOf, untilAlarm, untilCommitted } from './progress.js';
import { sendTo } from './rival.js';
import { postSequences } from './rollup.js';
import { proposeChange } from './settings-change.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';
import { walletTransactions } from './wallet-transactions.js';

const T2 = 160;
const SHORTEST_T2 = 60;
const ADMIN_DELAY = 200;
/** In which nothing may be committed to terms beyond ours. */
const QUIET_BLOCKS = 20;

export const changedTerms: Scenario = {
  name: 'changed-terms',
  happens:
    'other settings come into force right before our commitment: within our limits (odd seeds) or beyond them (even seeds)',
  holds:
    'it binds to nothing and is decided anew: under the new terms, or not before they are as before; nothing is lost',
  seeds: { full: 4, small: 2 },
  async run(context) {
    const { arena, checks, random, seed } = context;
    const within = seed % 2 === 1;
    const t2 = within ? random.between(SHORTEST_T2, T2 - 1) : random.between(8, SHORTEST_T2 - 1);
    const field = await openField(context, {
      rollup: { t1: 8, t2: T2, adminDelay: ADMIN_DELAY },
      miners: [{ name: 'ada', deposit: '100', settings: { ZKPOW_SHORTEST_T2_BLOCKS: String(SHORTEST_T2) } }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    const { address } = ada.wallet;
    await field.start([[ada, ...EVERYTHING]]);

    await proposeChange(field, { t2Seconds: t2, silenceShare: 9_000 });
    const together = callWithNextCommit(field, ada, { name: 'applySettings', place: 'before' });
    const [sequence] = await postSequences(chain, rollup, random, [1]);
    if (!sequence) throw new RangeError('nothing was posted');
    await together;
    let version = 2;
    if (!within) {
      await untilAlarm(field, arena, ada, sequence, alarmText('window-too-short', sequence));
      await chain.untilBlock((await chain.head()) + QUIET_BLOCKS);
      checks.equal(await commitmentsTo(field, address, sequence), [], 'commitments under terms beyond the limits');
      await proposeChange(field, { t2Seconds: T2, silenceShare: 1_000 });
      await sendTo(chain, rollup, rollup.admin, 'applySettings', []);
      version = 3;
    }
    const { round } = await untilCommitted(field, address, sequence);
    const facts = await factsOf(field, sequence, address);
    checks.equal(
      [facts.roundStart, facts.termsVersion],
      [round, version],
      'round of ours, and the version of its terms',
    );
    await untilVerified(field, sequence.lastBatch, 300);
    await untilAllRewarded(field, miners, 100);

    const mined = await walletTransactions(chain, address, field.startBlock);
    const commits = mined.filter(({ call }) => call?.name === 'submitProofHash').map(({ success }) => success);
    checks.equal(commits, [false, true], 'commitments sent: one that did not bind, one that did');
    const record = await checkShares(field, checks, [address]);
    checks.equal(await slashedOf(field), 0n, 'penalties');
    checkNoPenalty(record, checks, miners);
    const wallets = await auditWallets(field, checks, miners);
    checks.equal(wallets['revertedWith'], 'OtherTerms', 'what the first one reverted with');
    return { newT2: t2, terms: version, ...wallets };
  },
};
