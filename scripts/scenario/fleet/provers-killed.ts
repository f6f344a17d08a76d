import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import { openFleet, type Fleet } from './fleet.js';
import type { Machine } from './machine.js';
import { checkAllProved, countFinalProofs } from './proved.js';
import { checkRecoveries, watchRecoveries } from './recoveries.js';
import { until } from './waits.js';

const SIZES = {
  full: { machines: 4, batches: [3, 1, 5, 2, 4], kills: 6 },
  small: { machines: 3, batches: [3, 2], kills: 2 },
};
const SECONDS = { batch: 1.5, aggregate: 1, final: 1 };
/** Pause between two kills, and how long a machine stays down, in milliseconds. */
const PAUSE_MS = [200, 3_000] as const;
const DOWN_MS = [0, 10_000] as const;
/** So that there is somebody to go on. */
const LEAST_UP = 2;

export const proversKilled: Scenario = {
  name: 'provers-killed',
  happens: '`kill -9` of provers at random while they prove; each is started again later',
  holds: 'all sequences proved, nothing finished proved again; a task begins elsewhere within 20 s',
  seeds: { full: 20, small: 1 },
  async run(context) {
    const { machines, batches, kills } = SIZES[context.size];
    const fleet = await openFleet(context);
    for (let number = 1; number <= machines; number++) {
      await fleet.addMachine({ name: `m${number}`, secondsByKind: SECONDS });
    }
    await Promise.all(fleet.machines.map((machine) => machine.start()));
    await fleet.post(batches);

    const recoveries = watchRecoveries(fleet);
    const draws = context.random.fork('kills');
    const returns: Promise<void>[] = [];
    let killed = 0;
    while (killed < kills) {
      await delay(draws.between(...PAUSE_MS));
      const victim = await untilOneProves(fleet, batches.length, (busy) => draws.pick(busy));
      if (victim === 'all done') break;
      const { pid } = victim.worker();
      await victim.kill();
      killed += 1;
      await recoveries.lost(victim.name, pid);
      returns.push(startLater(victim, draws.between(...DOWN_MS)).catch(context.fail));
    }
    await fleet.untilVerified();
    await Promise.all(returns);
    const measured = checkRecoveries(context, await recoveries.measure());
    return { kills: killed, ...measured, ...(await checkAllProved(context, fleet)) };
  },
};

/** Waits for a machine that proves and may be lost. */
async function untilOneProves(
  fleet: Fleet,
  sequences: number,
  choose: (busy: readonly Machine[]) => Machine,
): Promise<Machine | 'all done'> {
  return until('a machine that proves', async () => {
    const up = fleet.machines.filter((machine) => machine.isUp());
    const busy = up.filter((machine) => machine.provingNow() !== null);
    if (up.length > LEAST_UP && busy.length > 0) return choose(busy);
    return (await countFinalProofs(fleet)) === sequences ? 'all done' : null;
  });
}

async function startLater(machine: Machine, afterMs: number): Promise<void> {
  await delay(afterMs);
  await machine.start();
}
