import { setTimeout as delay } from 'node:timers/promises';
import { supervise } from '../supervise.js';
import type { Scenario } from '../scenario.js';
import { openFleet, type Fleet } from './fleet.js';
import { startOwnServers, type ServerName } from './own-servers.js';
import { checkAllProved } from './proved.js';
import { until } from './waits.js';

const SIZES = {
  full: { batches: [4, 2, 5, 3], times: 3 },
  small: { batches: [3, 2], times: 1 },
};
const SECONDS = { batch: 1.5, aggregate: 1, final: 1 };
const VICTIMS: readonly (readonly ServerName[])[] = [['postgres', 'temporal'], ['temporal'], ['postgres']];
const LONGEST_DOWN_MS = { full: 20_000, small: 3_000 };

export const serversKilled: Scenario = {
  name: 'servers-killed',
  happens: '`kill -9` of Postgres, of Temporal or of both while provers prove; back on the same data',
  holds: 'all goes on by itself; all sequences proved, nothing finished proved again',
  seeds: { full: 6, small: 1 },
  async run(given) {
    const servers = await startOwnServers(given);
    const context = { ...given, arena: servers.arena };
    const { random, size, seed } = context;
    const fleet = await openFleet(context, {
      async startOthers(field, miner) {
        await field.start([[miner, 'aggregator']], { name: 'aggregator' });
        // One that loses its database stops at once; whoever looks after it starts it again.
        await supervise(field, miner, ['sender']);
      },
    });
    for (const name of ['m1', 'm2', 'm3']) await fleet.addMachine({ name, secondsByKind: SECONDS });
    await Promise.all(fleet.machines.map((machine) => machine.start()));
    const { batches, times } = SIZES[size];
    await fleet.post(batches);

    const draws = random.fork('kills');
    const goneOn: number[] = [];
    for (let time = 0; time < times; time++) {
      const before = countMade(fleet);
      await until('proofs under way', () => (countMade(fleet) > before + 1 ? true : null));
      const victims = VICTIMS[(seed - 1 + time) % VICTIMS.length] ?? [];
      await Promise.all(victims.map((name) => servers.kill(name)));
      await delay(draws.below(LONGEST_DOWN_MS[size]));
      await Promise.all(victims.map((name) => servers.start(name)));
      goneOn.push(await secondsUntilMade(fleet));
    }
    await fleet.untilVerified();
    return {
      outages: times,
      goneOnSecondsMost: Math.max(...goneOn).toFixed(1),
      ...(await checkAllProved(context, fleet)),
    };
  },
};

function countMade(fleet: Fleet): number {
  return fleet.machines.flatMap(({ program }) => program.ledger()).filter(({ event }) => event === 'made').length;
}

/** Time until a machine begins another proof. */
async function secondsUntilMade(fleet: Fleet): Promise<number> {
  const since = Date.now();
  const begun = () =>
    fleet.machines.flatMap(({ program }) => program.ledger()).filter(({ event }) => event === 'begun');
  const next = await until('the next proof', () => begun().find(({ at }) => at >= since)?.at ?? null);
  return (next - since) / 1_000;
}
