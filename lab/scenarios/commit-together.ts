import { Transaction } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import type { Field } from './field.js';
import type { Miner } from './miner.js';

const COMMIT = ROLLUP.getFunction('submitProofHash')?.selector ?? '';

/**
 * Has the next commitments of several miners mined in one block: the chain stands still from the first that is sent to
 * the last. So all of them are in the same round, however slow one of them is. What a miner has to see mined before its
 * commitment, as a settle, is mined meanwhile. To be called before they are sent.
 *
 * @returns a promise that resolves when all of them wait to be mined
 */
export async function commitTogether({ chain }: Pick<Field, 'chain'>, miners: readonly Miner[]): Promise<void> {
  const releases: (() => void)[] = [];
  const missing = new Set(miners.map(({ name }) => name));
  let othersSent = false;
  const mineOthers = async (): Promise<void> => {
    if (othersSent && releases.length > 0) await chain.clock.mine(1);
  };
  await new Promise<void>((resolve) => {
    for (const { name, proxies } of miners) {
      proxies.sender.setFaults(async ({ method, params }) => {
        if (method !== 'eth_sendRawTransaction') return null;
        if (!Transaction.from(z.string().parse(params[0])).data.startsWith(COMMIT)) {
          othersSent = true;
          return { afterwards: mineOthers };
        }
        proxies.sender.setFaults(null);
        releases.push(await chain.clock.hold());
        await mineOthers();
        missing.delete(name);
        return missing.size > 0 ? null : { afterwards: async () => resolve() };
      });
    }
  });
  for (const release of releases) release();
}
