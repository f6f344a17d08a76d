import { z } from 'zod';
import type { ChainRpc } from './chain-rpc.js';
import { ROLLUP } from './rollup-facts.js';

/** What counts as final only at this depth is noticed too late for the windows of a rollup. */
export class ConfirmationsTooDeepError extends Error {
  override readonly name = 'ConfirmationsTooDeepError';
}

/**
 * Refuses a confirmation depth that a rollup's windows leave no time for, before anything is proved for it.
 *
 * @param confirmations depth in blocks at which what the chain says counts as final
 * @throws ConfirmationsTooDeepError if it is half of T2 or more
 */
export async function requireFittingConfirmations(rpc: ChainRpc, rollup: string, confirmations: number): Promise<void> {
  const answer = await rpc.call({ to: rollup, data: ROLLUP.encodeFunctionData('proofCommitEpoch') }, 'latest');
  const [t2Blocks] = z.tuple([z.bigint()]).parse(ROLLUP.decodeFunctionResult('proofCommitEpoch', answer).toArray());
  const why = whyConfirmationsTooDeep(rollup, confirmations, Number(t2Blocks));
  if (why !== null) throw new ConfirmationsTooDeepError(why);
}

/**
 * Says what is wrong and what mends it; null where the depth leaves time: a nonce that another program took is given up
 * at that depth, and a reveal still has to land within T2 after that.
 */
export function whyConfirmationsTooDeep(rollup: string, confirmations: number, t2Blocks: number): string | null {
  if (confirmations * 2 < t2Blocks) return null;
  const most = Math.ceil(t2Blocks / 2) - 1;
  return (
    `ZKPOW_CONFIRMATIONS is ${confirmations} and T2 of rollup ${rollup} is ${t2Blocks} blocks: a nonce taken by another ` +
    'program could not be noticed in time. ' +
    (most >= 1 ? `Set it to ${most} or less` : 'No depth is small enough: such a rollup cannot be followed')
  );
}
