import { z } from 'zod';
import type { PostedSequence } from '../../domain/sequence.js';
import { alarmText } from '../../domain/sequence-progress.js';
import { EVERYTHING, openField, type Field } from './field.js';
import { auditWallets, checkNoPenalty, slashedOf, untilAllRewarded, untilVerified } from './outcome.js';
import { commitmentsTo, untilAlarm, untilCommitted } from './progress.js';
import { deployRepricedRule, repricedRule } from './repriced-rule.js';
import { follow, launchBeside, postSequences, type ScenarioRollup } from './rollup.js';
import type { Scenario, ScenarioContext } from './scenario.js';
import { checkShares } from './shares.js';
import { walletTransactions } from './wallet-transactions.js';

/** In which nothing may be committed to a rollup of the type. */
const QUIET_BLOCKS = 40;
/** A rule that is distrusted is asked again once a minute. */
const WITHIN_BLOCKS = 900;

export const repricedVerifier: Scenario = {
  name: 'repriced-verifier',
  happens: "the verifier's need of gas rises far above what its rule declares, between our commitment and its reveal",
  holds:
    'the proof is revealed with more gas, nothing is punished; nothing more is committed to any rollup of the type, with an alarm, until the rule takes what it refused',
  seeds: { full: 3, small: 1 },
  async run(context) {
    const { arena, checks, random } = context;
    const extraGas = random.between(1_000_000, 4_000_000);
    const field = await openField(context, {
      rollup: { t1: 10, t2: 200, rule: (admin) => deployRepricedRule(admin, arena.cache) },
      miners: [{ name: 'ada', deposit: '100' }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    const { address } = ada.wallet;
    const other = await chain.instantly(() => launchBeside(chain, rollup));
    await follow(chain, other, ada);
    await field.start([[ada, ...EVERYTHING]]);

    const committed = await post(context, field, rollup);
    await untilCommitted(field, address, committed);
    await reprice(field, extraGas);
    await untilVerified(field, committed.lastBatch, 300);
    const [reveal] = (await walletTransactions(chain, address, field.startBlock)).filter(
      ({ call }) => call?.name === 'verifyBatches',
    );
    checks.must(reveal?.success === true && reveal.gasUsed > extraGas, 'the reveal has the gas that it takes', reveal);

    const refused = await post(context, field, rollup);
    await untilAlarm(field, arena, ada, refused, alarmText('verifier-says-no', refused));
    const ofOther = await post(context, field, other);
    await untilAlarm(field, arena, ada, ofOther, alarmText('type-distrusted', ofOther));
    await chain.untilBlock((await chain.head()) + QUIET_BLOCKS);
    checks.equal(await commitmentsTo(field, address, refused), [], 'commitments to what the verifier refuses');
    const inOther = { ...field, rollup: other };
    checks.equal(await commitmentsTo(inOther, address, ofOther), [], 'commitments to another rollup of the type');

    await reprice(field, 0);
    await untilVerified(field, refused.lastBatch, WITHIN_BLOCKS);
    await untilVerified(inOther, ofOther.lastBatch, WITHIN_BLOCKS);
    await untilAllRewarded(field, miners, 100);
    const record = await checkShares(field, checks, [address]);
    checks.equal(await slashedOf(field), 0n, 'penalties');
    checkNoPenalty(record, checks, miners);
    return { extraGas, revealGas: `${reveal?.gasUsed}`, ...(await auditWallets(field, checks, miners)) };
  },
};

async function post({ random }: ScenarioContext, { chain }: Field, rollup: ScenarioRollup): Promise<PostedSequence> {
  const [sequence] = await postSequences(chain, rollup, random, [1]);
  if (!sequence) throw new RangeError('nothing was posted');
  return sequence;
}

async function reprice({ chain, rollup }: Field, extraGas: number): Promise<void> {
  const rule = repricedRule(z.string().parse(await rollup.contract.getFunction('typeRule')()), rollup.admin);
  const sent = await rule.getFunction('reprice').send(rollup.address, extraGas);
  await chain.until('the repricing mined', 20, () => chain.provider.getTransactionReceipt(sent.hash));
}
