import { Transaction } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import type { Field } from './field.js';
import type { Miner } from './miner.js';
import type { ScenarioRollup } from './rollup.js';

const COMMIT = ROLLUP.getFunction('submitProofHash')?.selector ?? '';
const GAS_LIMIT = 1_000_000;
/** Wei a gas: more than a miner of a scenario offers, and a tip below its. */
const HIGH_FEE = 200_000_000_000n;
const LOW_TIP = 1n;

/** A call of the rollup's admin that is to be in a block with a miner's commitment. */
export interface AdminCall {
  name: 'applySettings' | 'pause';
  /** Where in the block. */
  place: 'before' | 'after';
}

/**
 * Has a call of the rollup's admin mined in one block with the next commitment that a miner sends, before or after it. To
 * be called before that is sent.
 *
 * @returns a promise that resolves when both wait to be mined
 */
export async function callWithNextCommit(
  { chain, rollup }: Pick<Field, 'chain' | 'rollup'>,
  { proxies }: Miner,
  call: AdminCall,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    proxies.sender.setFaults(async ({ method, params }) => {
      if (method !== 'eth_sendRawTransaction') return null;
      if (!Transaction.from(z.string().parse(params[0])).data.startsWith(COMMIT)) return null;
      proxies.sender.setFaults(null);
      // The block clock stands still until both are in the pool.
      const release = await chain.clock.hold();
      await sendCall(rollup, call).catch(reject);
      return {
        afterwards: async () => {
          release();
          resolve();
        },
      };
    });
  });
}

/** The pool of anvil puts what has the higher `maxFeePerGas` first. */
async function sendCall(
  { admin, address: to }: Pick<ScenarioRollup, 'admin' | 'address'>,
  { name, place }: AdminCall,
): Promise<void> {
  const latest = await admin.provider?.getBlock('latest');
  const high = { maxFeePerGas: HIGH_FEE, maxPriorityFeePerGas: HIGH_FEE };
  // What the next block asks for at most (EIP-1559), of which miners offer twice as much.
  const lowest = ((latest?.baseFeePerGas ?? 0n) * 9n) / 8n + LOW_TIP;
  const low = { maxFeePerGas: lowest, maxPriorityFeePerGas: LOW_TIP };
  const data = ROLLUP.encodeFunctionData(name);
  await admin.sendTransaction({ to, data, gasLimit: GAS_LIMIT, ...(place === 'before' ? high : low) });
}
