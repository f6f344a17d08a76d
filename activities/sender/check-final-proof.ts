import { Interface, hexlify } from 'ethers';
import { RULE_ABI } from '../../contracts/abi.js';
import { CallRevertedError, type ChainRpc } from '../chain/chain-rpc.js';
import { ZERO_HASH } from '../chain/rollup-directory.js';
import type { SequenceFacts } from '../chain/rollup-facts.js';
import type { SequenceIdentity } from '../../workflows/domain/sequence.js';
import type { StoredFinalProof } from './ports.js';

const RULE = new Interface(RULE_ABI);
/** What a reveal's transaction has besides the verifier's gas: itself, calldata, the contract's own reserve. */
const BESIDES_GAS = 1_000_000n;

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
  const data = RULE.encodeFunctionData('verify', [
    {
      chainId,
      rollup,
      firstBatch,
      lastBatch,
      oldStateRoot: statement.oldStateRoot,
      newStateRoot: statement.newStateRoot,
      oldAccInputHash: facts.oldAccInputHash,
      newAccInputHash: facts.accInputHash,
      newLocalExitRoot: ZERO_HASH,
      miner,
    },
    hexlify(proof),
  ]);
  try {
    // With about the gas that the contract will have for it: a rule that needs more is not to be committed to.
    const gas = facts.terms.verificationGas + BESIDES_GAS;
    const answer = await rpc.call({ to: facts.terms.rule, data, gas }, 'latest');
    const accepted: unknown = RULE.decodeFunctionResult('verify', answer)[0];
    return accepted === true ? null : 'the verifier says that it does not hold';
  } catch (error) {
    // A generated verifier reverts on a bad proof.
    if (error instanceof CallRevertedError) return `the verifier reverts (${error.data.slice(0, 10)})`;
    throw error;
  }
}
