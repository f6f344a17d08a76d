import { Contract, Result, type Provider } from 'ethers';
import { z } from 'zod';
import { ROLLUP_ABI } from './abi.js';

const viewed = z.object({ accInputHash: z.string(), termsVersion: z.bigint() });
const terms = z.object({ minimumReserve: z.bigint() });

/**
 * Arguments of `submitProofHash` for what is posted now, under the terms in force now, with the least reserve. For tools that
 * look at nothing else: a miner's decision binds a commitment to what it has looked at.
 *
 * @param rollup address of the contract
 * @param proofHash keccak256(keccak256(proof) ++ miner)
 */
export async function leastCommitment(
  provider: Provider,
  rollup: string,
  miner: string,
  { firstBatch, lastBatch }: { firstBatch: number; lastBatch: number },
  proofHash: string,
): Promise<[number, number, string, string, bigint, bigint]> {
  const view = new Contract(rollup, ROLLUP_ABI, provider).getFunction('sequenceView');
  const answer = await view.staticCallResult(firstBatch - 1, lastBatch, miner);
  const seen = structOf(answer[0]);
  const { accInputHash, termsVersion } = viewed.parse(seen);
  const { minimumReserve } = terms.parse(structOf(seen['terms']));
  return [firstBatch - 1, lastBatch, proofHash, accInputHash, termsVersion, minimumReserve];
}

function structOf(value: unknown): Record<string, unknown> {
  if (!(value instanceof Result)) throw new TypeError('sequenceView returned no struct');
  return value.toObject();
}
