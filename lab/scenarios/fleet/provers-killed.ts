import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { Scenario, ScenarioContext } from '../scenario.js';
import { openFleet, type Fleet } from './fleet.js';
import type { Machine } from './machine.js';
import { checkAllProved, countFinalProofs } from './proved.js';
import { checkRecoveries, watchRecoveries, type Recoveries } from './recoveries.js';
import { until } from './waits.js';

/** Little work comes in each calm round, so that some machine is idle; the crowd keeps all of them busy. */
const SIZES = {
  full: { machines: 5, calmRounds: 3, crowd: [3, 1, 4, 2], crowdKills: 4 },
  small: { machines: 3, calmRounds: 1, crowd: [2, 1], crowdKills: 1 },
};
const MOST_CALM_BATCHES = { full: 3, small: 2 };
const MOST_CALM_KILLS = { full: 2, small: 1 };
const SECONDS = { batch: 1.5, aggregate: 1, final: 1 };
/** Pause before a kill, and how long a machine stays down, in milliseconds. */
const PAUSE_MS = 2_000;
const DOWN_MS = 8_000;
/** So that there is somebody to go on. */
const LEAST_UP = 2;

export const proversKilled: Scenario = {
  name: 'provers-killed',
  happens: '`kill -9` of provers at random while they prove; each is started again later',
  holds:
    'all sequences proved, nothing finished proved again; where a machine is idle, a task begins there within 20 s',
  seeds: { full: 20, small: 1 },
  async run(context) {
    const { random, size } = context;
    const { machines, calmRounds, crowd, crowdKills } = SIZES[size];
    const fleet = await openFleet(context);
    for (let number = 1; number <= machines; number++) {
      await fleet.addMachine({ name: `m${number}`, secondsByKind: SECONDS });
    }
    await Promise.all(fleet.machines.map((machine) => machine.start()));

    const crowded = watchRecoveries(fleet);
    await fleet.post(crowd);
    await killSome(context, fleet, crowded, { kills: crowdKills, draws: random.fork('crowd') });
    const calm = watchRecoveries(fleet);
    const draws = random.fork('calm');
    for (let round = 0; round < calmRounds; round++) {
      await fleet.post([draws.between(2, MOST_CALM_BATCHES[size])]);
      await killSome(context, fleet, calm, { kills: draws.between(1, MOST_CALM_KILLS[size]), draws });
    }
    await fleet.untilVerified();

    const inCrowd = (await crowded.measure()).map(({ seconds }) => seconds);
    return {
      ...checkRecoveries(context, await calm.measure()),
      recoveriesInCrowd: inCrowd.length,
      recoveryInCrowdSecondsMost: Math.max(0, ...inCrowd).toFixed(1),
      ...(await checkAllProved(context, fleet)),
    };
  },
};

/** Kills machines while they prove; returns when all is proved and every machine runs again. */
async function killSome(
  context: ScenarioContext,
  fleet: Fleet,
  recoveries: Recoveries,
  { kills, draws }: { kills: number; draws: Random },
): Promise<void> {
  const returns: Promise<void>[] = [];
  for (let killed = 0; killed < kills; killed++) {
    await delay(draws.below(PAUSE_MS));
    const victim = await untilOneProves(fleet, (busy) => draws.pick(busy));
    if (victim === 'all proved') break;
    const { pid } = victim.worker();
    await victim.kill();
    await recoveries.lost(victim.name, pid);
    returns.push(startLater(victim, draws.below(DOWN_MS)).catch(context.fail));
  }
  await Promise.all(returns);
  await until('all final proofs', async () => ((await allProved(fleet)) ? true : null));
}

/** Waits for a machine that proves and may be lost. */
async function untilOneProves(
  fleet: Fleet,
  choose: (busy: readonly Machine[]) => Machine,
): Promise<Machine | 'all proved'> {
  return until('a machine that proves', async () => {
    const up = fleet.machines.filter((machine) => machine.isUp());
    const busy = up.filter((machine) => machine.provingNow() !== null);
    if (up.length > LEAST_UP && busy.length > 0) return choose(busy);
    return (await allProved(fleet)) ? 'all proved' : null;
  });
}

async function allProved(fleet: Fleet): Promise<boolean> {
  return (await countFinalProofs(fleet)) === fleet.posted.length;
}

async function startLater(machine: Machine, afterMs: number): Promise<void> {
  await delay(afterMs);
  await machine.start();
}
