import { sequenceWorkflowId } from '../../../domain/names.js';
import { goOn } from '../../../scripts/sequence/go-on.js';
import type { Scenario } from '../scenario.js';
import { progressOf } from '../progress.js';
import { openFleet } from './fleet.js';
import type { Fault } from './machine-program.js';
import { checkAllProved, countFinalProofs, taskLabel } from './proved.js';
import { until } from './waits.js';

const SECONDS = { batch: 0.5, aggregate: 0.5, final: 0.5 };
const WORDS = 'assertion failed in batch.nr: balance is negative';

export const poisonBatch: Scenario = {
  name: 'poison-batch',
  happens:
    'one batch fails on every machine; with even seeds its inputs are called bad; later a person fixes the cause',
  holds: 'it is shown with its error while all other sequences are proved; after a retry it is proved, too',
  seeds: { full: 4, small: 1 },
  async run(context) {
    const { arena, checks, random, seed } = context;
    const fleet = await openFleet(context);
    const batches = [2, 3, 1, 2].slice(0, context.size === 'full' ? 4 : 3);
    const poison = random.between(1, 5);
    const fault: Fault = {
      does: seed % 2 === 0 ? 'bad input' : 'fails',
      words: WORDS,
      kinds: ['batch'],
      batch: poison,
    };
    for (const name of ['m1', 'm2']) await fleet.addMachine({ name, secondsByKind: SECONDS, faults: [fault] });
    await Promise.all(fleet.machines.map((machine) => machine.start()));
    await fleet.post(batches);
    const poisoned = fleet.posted.find(({ firstBatch, lastBatch }) => firstBatch <= poison && poison <= lastBatch);
    if (!poisoned) throw new RangeError(`batch ${poison} was not posted`);

    const alarm = () => progressOf(arena, fleet.miner, poisoned).then((progress) => progress.alarm);
    const words = await until('the alarm', () => alarm().catch(() => null));
    await until('all other final proofs', async () =>
      (await countFinalProofs(fleet)) === batches.length - 1 ? true : null,
    );
    checks.must(words.includes(WORDS), 'the alarm has the words of the program', words);
    checks.equal(await alarm(), words, 'alarm while the cause stands');
    const label = taskLabel({ kind: 'batch', firstBatch: poison, lastBatch: poison });
    const tries = fleet.machines
      .flatMap(({ program }) => program.ledger())
      .filter((line) => line.event === 'begun' && taskLabel(line) === label).length;

    for (const { program } of fleet.machines) program.set({ faults: [] });
    // As `npm run sequence -- go-on` does it.
    await goOn(fleet.client, sequenceWorkflowId(poisoned));
    await fleet.untilVerified();
    checks.equal(await alarm(), null, 'alarm when the cause is fixed');
    return { fault: fault.does, tries, ...(await checkAllProved(context, fleet)) };
  },
};
