import { proofSender } from '../../workflows/activity-proxies.js';
import type { StepRequest } from '../../domain/sender-activities.js';

/** A workflow that asks the wallet's sender for one commit, as a sequence's does. */
export async function commitOnce(miner: string, request: StepRequest): Promise<string> {
  const { result } = await proofSender(request.sequence.chainId, miner).submitProofHash(request);
  return result;
}
