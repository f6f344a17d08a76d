import { parseEther } from 'ethers';
import { alarmText } from '../../domain/sequence-progress.js';
import { emptyTemporal } from './empty-temporal.js';
import { EVERYTHING, openField } from './field.js';
import { loseFinalProofs } from './lose-final-proofs.js';
import { auditWallets, untilAllRewarded, untilVerified } from './outcome.js';
import { factsOf, untilAlarm, untilCommitted } from './progress.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';
import { walletTransactions } from './wallet-transactions.js';

export const lostFinal: Scenario = {
  name: 'lost-final',
  happens:
    "the stored final proof is gone after its hash; with even seeds also that of the next sequence, whose round waits for this one; with seeds 2 and 3 of four Temporal's database is empty, too",
  holds: 'never revealed, alarm, silence penalty only, new round with a new proof (the waiting one is taken back)',
  seeds: { full: 4, small: 2 },
  async run(context) {
    const { arena, checks, random, seed } = context;
    const field = await openField(context, {
      rollup: { t1: 15, t2: 120 },
      miners: [{ name: 'ada', deposit: '100' }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    const process = await field.start([[ada, ...EVERYTHING]]);
    const posted = await postSequences(chain, rollup, random, seed % 2 === 0 ? [1, 1] : [1]);
    const [sequence, waiting] = posted;
    if (!sequence) throw new RangeError('nothing was posted');
    for (const one of posted) await untilCommitted(field, ada.wallet.address, one);
    await process.kill();
    const lost = await loseFinalProofs(ada);
    checks.equal(lost.length, posted.length, 'final proofs that were lost');
    const { revealEnd, ownRound } = await factsOf(field, sequence, ada.wallet.address);
    const emptied = seed % 4 === 2 || seed % 4 === 3;
    if (emptied) await emptyTemporal(arena, ada);
    await field.start([[ada, ...EVERYTHING]]);

    await untilAlarm(field, arena, ada, sequence, alarmText('committed-proof-missing', sequence));
    checks.must((await chain.head()) < (revealEnd ?? 0), 'the alarm is raised while the round still runs');
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 1_000);
    await untilAllRewarded(field, miners, 200);

    const record = await readRollupRecord(chain, rollup);
    const paid = record.penalties.map(({ finalBatch, kind, round, amount }) => [finalBatch, kind, round, amount]);
    checks.equal(paid, [[sequence.lastBatch, 'silence', ownRound, parseEther('1')]], 'penalties');
    for (const { lastBatch } of posted) {
      const hashes = record.commitments.filter((c) => c.finalBatch === lastBatch).map(({ proofHash }) => proofHash);
      checks.must(
        hashes.length === 2 && hashes[0] !== hashes[1],
        `a new proof in a new round, batch ${lastBatch}`,
        hashes,
      );
    }
    const takenBack = record.takenBack.map(({ finalBatch }) => finalBatch);
    checks.equal(takenBack, waiting ? [waiting.lastBatch] : [], 'batches whose hash was taken back');
    const mined = await walletTransactions(chain, ada.wallet.address, field.startBlock);
    const early = mined.filter(({ call, block }) => call?.name === 'verifyBatches' && block < (revealEnd ?? 0));
    checks.equal(early, [], 'reveals in the round of the lost proof');
    await checkShares(field, checks, [ada.wallet.address]);
    return {
      emptyTemporal: emptied ? 'yes' : 'no',
      takenBack: takenBack.length,
      ...(await auditWallets(field, checks, miners)),
    };
  },
};
