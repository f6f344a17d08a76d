import type { Scenario } from '../scenario.js';
import { openFleet } from './fleet.js';
import { readProveAttempts } from './prove-attempts.js';
import { checkAllProved, labelOf, readTasks, taskLabel } from './proved.js';
import { until } from './waits.js';

/** All longer than the heartbeat timeout of 15 s. */
const SLOW_SECONDS = { full: 50, small: 18 };
const QUICK = { batch: 0.5, aggregate: 0.5, final: 0.5 };

export const slowProver: Scenario = {
  name: 'slow-prover',
  happens: 'one prover is slower than the heartbeat timeout, but alive; a quick one has nothing to do beside it',
  holds: 'it keeps its task, which is never proved twice',
  seeds: { full: 2, small: 1 },
  async run(context) {
    const { checks, size } = context;
    const seconds = SLOW_SECONDS[size];
    const fleet = await openFleet(context);
    const slow = await fleet.addMachine({ name: 'slow', secondsByKind: { ...QUICK, batch: seconds } });
    const quick = await fleet.addMachine({ name: 'quick', secondsByKind: QUICK });
    await slow.start();
    await fleet.post([2, 1]);
    const task = await until('a proof on the slow machine', () => slow.program.ledger()[0] ?? null);
    await quick.start();
    await fleet.untilVerified();

    const label = taskLabel(task);
    const row = (await readTasks(fleet)).find((one) => labelOf(one) === label);
    checks.equal(row?.accepted_prover, 'slow', `machine of ${label}`);
    const begun = fleet.machines.flatMap(({ program }) => program.ledger()).filter(({ event }) => event === 'begun');
    checks.equal(begun.filter((line) => taskLabel(line) === label).length, 1, `times that ${label} was begun`);
    const tries = (await readProveAttempts(fleet.client, fleet.posted)).filter(({ taskId }) => taskId === row?.task_id);
    checks.equal(
      tries.map(({ attempt }) => attempt),
      [1],
      `tries of ${label}`,
    );
    return { proofSeconds: seconds, ...(await checkAllProved(context, fleet)) };
  },
};
