import { askRule, ruleQuestion } from '../chain/ask-rule.js';
import type { ChainRpc } from '../chain/chain-rpc.js';
import type { SequenceFacts } from '../chain/rollup-facts.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { StoredFinalProof } from './ports.js';

/**
 * Asks the rollup's type rule about a stored proof, with public inputs taken from the chain wherever it has them: what
 * a prover or the store claims is not believed before money is at stake.
 *
 * @returns null if the proof would be accepted, else why not
 */
export async function whyNotCommitTo(
  rpc: ChainRpc,
  facts: SequenceFacts,
  sequence: SequenceIdentity,
  miner: string,
  { proof, statement }: StoredFinalProof,
): Promise<string | null> {
  if (facts.accInputHash !== sequence.accInputHash) return 'another sequence is posted under its numbers';
  // Zero while the predecessor is unverified: then the proof's own word is all there is, and the contract checks it.
  const rootKnown = BigInt(facts.oldStateRoot) !== 0n;
  if (rootKnown && facts.oldStateRoot !== statement.oldStateRoot) {
    return `it starts from state root ${statement.oldStateRoot}, the chain from ${facts.oldStateRoot}`;
  }
  const { chainId, rollup, firstBatch, lastBatch } = sequence;
  const asked = {
    ...{ chainId, rollup, firstBatch, lastBatch },
    ...{ oldStateRoot: statement.oldStateRoot, newStateRoot: statement.newStateRoot },
    ...{ oldAccInputHash: facts.oldAccInputHash, newAccInputHash: facts.accInputHash },
  };
  const { isYes, revertData } = await askRule(rpc, ruleQuestion(facts.terms, asked, miner, proof), 'latest');
  if (isYes) return null;
  return revertData === null
    ? 'the verifier says that it does not hold'
    : `the verifier reverts (${revertData.slice(0, 10)})`;
}
