import type { Scenario } from '../scenario.js';
import { openFleet } from './fleet.js';
import { checkAllProved, labelOf, readTasks, taskLabel } from './proved.js';
import type { Fault } from './machine-program.js';

/** As its program tells it, and as the system does. */
const ENDS = ['no memory', 'killed for its memory'] as const;
const SECONDS = { batch: 0.5, aggregate: 0.5, final: 0.5 };

export const outOfMemory: Scenario = {
  name: 'out-of-memory',
  happens: 'the program of the small machine runs out of memory with some tasks; with even seeds the system kills it',
  holds: 'those tasks, and no others, are proved by a machine of the larger class',
  seeds: { full: 4, small: 1 },
  async run(context) {
    const { checks, random, seed } = context;
    const does = ENDS[(seed - 1) % ENDS.length] ?? 'no memory';
    const fleet = await openFleet(context);
    // Every fold, or all that has to do with one batch.
    const fault: Fault = random.chance(0.5)
      ? { does, kinds: ['aggregate'], batch: null }
      : { does, kinds: null, batch: random.between(1, 3) };
    const small = await fleet.addMachine({ name: 'small', secondsByKind: SECONDS, faults: [fault] });
    const large = await fleet.addMachine({ name: 'large', hardwareClass: 'gpu', secondsByKind: SECONDS });
    await Promise.all([small.start(), large.start()]);
    await fleet.post([3, random.between(2, 3)]);
    await fleet.untilVerified();

    const tooLarge = small.program.ledger().filter(({ event, ...task }, _index, lines) => {
      return event === 'begun' && !lines.some((line) => line.event === 'made' && taskLabel(line) === taskLabel(task));
    });
    checks.must(tooLarge.length > 0, 'the small machine runs out of memory');
    const proofs = await readTasks(fleet);
    for (const label of new Set(tooLarge.map(taskLabel))) {
      checks.equal(proofs.find((row) => labelOf(row) === label)?.accepted_prover, 'large', `machine of ${label}`);
    }
    return {
      ends: does,
      outOfMemory: tooLarge.length,
      provedByLarge: proofs.filter(({ accepted_prover }) => accepted_prover === 'large').length,
      ...(await checkAllProved(context, fleet)),
    };
  },
};
