import { Interface, zeroPadValue } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../chain/rollup-facts.js';
import type { ChainRpc } from '../chain/chain-rpc.js';
import type { Database } from '../storage/database.js';
import { selectRollups } from '../storage/rollups.js';
import { POOL_ABI } from '../../contracts/abi.js';
import type { Probe } from '../../platform/telemetry/probes.js';

const POOL = new Interface(POOL_ABI);
/** Many endpoints refuse longer ranges. */
const MAX_BLOCKS_A_READ = 1_000;
const WEI_PER_GWEI = 1_000_000_000n;

const booked = z.tuple([z.string(), z.string(), z.bigint()]);
const address = z.tuple([z.string()]);

export interface EarningsOptions {
  chainId: number;
  miner: string;
  /** Only blocks so deep are counted: nothing is counted twice after a reorg. */
  confirmations: number;
}

/** Adds up what the pools book for this miner: rewards and penalties, from the block on at which the process began. */
export function earningsProbe(rpc: ChainRpc, db: Database, { chainId, miner, confirmations }: EarningsOptions): Probe {
  const pools = new Map<string, string>();
  const remainders = new Map<string, bigint>();
  let countedUpTo: number | undefined;

  async function poolOf(rollup: string): Promise<string> {
    const known = pools.get(rollup);
    if (known !== undefined) return known;
    const answer = await rpc.call({ to: rollup, data: ROLLUP.encodeFunctionData('pool') }, 'latest');
    const [pool] = address.parse(ROLLUP.decodeFunctionResult('pool', answer).toArray());
    pools.set(rollup, pool);
    return pool;
  }

  return {
    name: 'earnings',
    async read(metrics) {
      const final = (await rpc.latest()).number - confirmations;
      const rollups = (await selectRollups(db, chainId)).map(({ rollup }) => rollup);
      const addresses = [...new Set(await Promise.all(rollups.map(poolOf)))];
      for (const rollup of rollups) {
        metrics.count('zkpow_rewards_gwei', 0, { rollup });
        metrics.count('zkpow_penalties_gwei', 0, { rollup });
      }
      countedUpTo ??= final;
      while (addresses.length > 0 && countedUpTo < final) {
        const to = Math.min(final, countedUpTo + MAX_BLOCKS_A_READ);
        for (const log of await rpc.logs({
          addresses,
          topics: topicsOf(miner),
          blocks: { from: countedUpTo + 1, to },
        })) {
          const event = POOL.parseLog(log);
          if (!event) continue;
          const [rollup, , amount] = booked.parse(event.args.toArray());
          const name = event.name === 'Slashed' ? 'zkpow_penalties_gwei' : 'zkpow_rewards_gwei';
          metrics.count(name, wholeGwei(remainders, `${name}/${rollup}`, amount), { rollup });
        }
        countedUpTo = to;
      }
      if (addresses.length === 0) countedUpTo = final;
    },
  };
}

function topicsOf(miner: string): (string | string[] | null)[] {
  const topic = (name: string): string => POOL.getEvent(name)?.topicHash ?? '';
  return [[topic('RewardOwed'), topic('Slashed')], null, zeroPadValue(miner, 32)];
}

/** What has come together in whole gwei; the rest waits for the next booking. */
function wholeGwei(remainders: Map<string, bigint>, key: string, wei: bigint): number {
  const sum = (remainders.get(key) ?? 0n) + wei;
  remainders.set(key, sum % WEI_PER_GWEI);
  return Number(sum / WEI_PER_GWEI);
}
