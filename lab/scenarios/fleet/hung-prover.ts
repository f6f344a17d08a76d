import { existsSync } from 'node:fs';
import type { Scenario } from '../scenario.js';
import { openFleet, type Fleet } from './fleet.js';
import type { LedgerLine } from './machine-program.js';
import { checkAllProved, taskLabel } from './proved.js';
import { checkRecoveries, watchRecoveries } from './recoveries.js';
import { until } from './waits.js';

/** Longest time of a stage, shortened: with its default of a quarter of an hour nobody would wait for it here. */
const STAGE_SECONDS = 25;
const SECONDS = { batch: 2, aggregate: 1, final: 1 };

export const hungProver: Scenario = {
  name: 'hung-prover',
  happens:
    'one prover is frozen (SIGSTOP) in mid-proof; the program of another hangs while its worker gives signs of life',
  holds: 'both tasks move, after the heartbeat timeout and the time limit of the stage; the hung program is ended',
  seeds: { full: 3, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const fleet = await openFleet(context, { settings: { ZKPOW_SCENARIO_STAGE_SECONDS: String(STAGE_SECONDS) } });
    const hanging = await fleet.addMachine({
      name: 'hanging',
      secondsByKind: SECONDS,
      faults: [{ does: 'hangs', kinds: null, batch: null }],
    });
    const frozen = await fleet.addMachine({ name: 'frozen', secondsByKind: SECONDS });
    await fleet.addMachine({ name: 'sound', secondsByKind: SECONDS });
    await Promise.all(fleet.machines.map((machine) => machine.start()));
    await fleet.post([3, random.between(1, 3)]);

    const hung = await until('a proof that hangs', () => hanging.provingNow());
    // Only this one.
    hanging.program.set({ faults: [] });
    await until('a proof on the machine to be frozen', () => frozen.provingNow());
    const recoveries = watchRecoveries(fleet);
    frozen.worker().freeze();
    const held = await recoveries.lost('frozen', frozen.worker().pid);

    const movedAt = await until('the hung task elsewhere', () => begunElsewhere(fleet, hung));
    await until('the hung program gone', () => (existsSync(`/proc/${hung.pid}`) ? null : true));
    const moved = await until('the frozen task elsewhere', () => recoveries.measure().catch(() => null));
    frozen.worker().thaw();
    await fleet.untilVerified();

    checks.must(held.length > 0, 'the frozen machine had a task in hand');
    const hangSeconds = (movedAt - hung.at) / 1_000;
    checks.must(
      hangSeconds >= STAGE_SECONDS - 1,
      'a hung program keeps its task for the time of its stage',
      hangSeconds,
    );
    const measured = checkRecoveries(context, moved);
    return { hungTaskElsewhereSeconds: hangSeconds.toFixed(1), ...measured, ...(await checkAllProved(context, fleet)) };
  },
};

/** When another machine began the task. */
function begunElsewhere(fleet: Fleet, { machine, at, ...task }: LedgerLine): number | null {
  const others = fleet.machines.flatMap(({ program }) => program.ledger());
  const next = others.find(
    (line) => line.event === 'begun' && line.machine !== machine && line.at > at && taskLabel(line) === taskLabel(task),
  );
  return next?.at ?? null;
}
