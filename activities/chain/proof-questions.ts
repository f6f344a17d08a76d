import { Interface, ZeroAddress } from 'ethers';
import { z } from 'zod';
import { POOL_ABI } from '../../contracts/abi.js';
import type { Statement } from '../../workflows/domain/proof.js';
import type { Hex } from '../../workflows/domain/sequence.js';
import type { SequenceView } from '../../workflows/domain/sequence-view.js';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import type { FinalProof } from '../storage/final-proofs.js';
import { CallRevertedError, type ChainRpc } from './chain-rpc.js';
import { VERIFIER, ZERO_HASH } from './rollup-directory.js';
import { ROLLUP, type SequenceFacts } from './rollup-facts.js';

/** Gas of a late reveal beside the verifier's own: calldata, bookkeeping, events. */
const REVEAL_OVERHEAD_GAS = 400_000n;
const POOL = new Interface(POOL_ABI);
/** Answers remembered at a time. */
const MAX_ANSWERS = 10_000;

/** What the chain says of a stored final proof, without a transaction. */
export interface ProofQuestions {
  /** Whether the rollup's verifier takes the proof; asked before a commit. */
  verifierSays(final: FinalProof, facts: SequenceFacts, blockHash: Hex): Promise<'yes' | 'no'>;
  /** What the reveal would return in the next block. A revert says that it is out of place, not that it is bad. */
  simulateReveal(final: FinalProof): Promise<SequenceView['simulatedReveal']>;
  /**
   * Whether what a late proof would be paid now is more than its gas costs now. Gas is paid in the chain's coin: a
   * reward in a token cannot be compared with it without a price, so any such reward counts as worth it.
   */
  lateRevealPays(facts: Pick<SequenceFacts, 'verifier' | 'ownReward'>, rollup: string): Promise<boolean>;
}

export function createProofQuestions(
  rpc: Pick<ChainRpc, 'call' | 'gasPriceWei'>,
  finals: Pick<FinalProofStore, 'bytes'>,
): ProofQuestions {
  // A proof that verified does so for ever; a refusal may have been the endpoint's fault and is asked anew.
  const verified = new Set<string>();
  // A rollup's pool and the pool's asset never change.
  const assets = new Map<string, string>();

  async function assetOf(rollup: string): Promise<string> {
    const known = assets.get(rollup);
    if (known !== undefined) return known;
    const pool = await readAddress(rpc, rollup, ROLLUP, 'pool');
    const asset = await readAddress(rpc, pool, POOL, 'asset');
    assets.set(rollup, asset);
    return asset;
  }

  return {
    async verifierSays(final, facts, blockHash) {
      const question = `${final.proofDigest}/${facts.verifier}/${facts.oldStateRoot}/${facts.oldAccInputHash}`;
      if (verified.has(question)) return 'yes';
      const proof = await finals.bytes(final.proofDigest);
      if (!proof || !(await verifies(rpc, final, facts, proof, blockHash))) return 'no';
      if (verified.size >= MAX_ANSWERS) verified.clear();
      verified.add(question);
      return 'yes';
    },

    async simulateReveal(final) {
      const proof = await finals.bytes(final.proofDigest);
      return proof ? callReveal(rpc, final, proof) : 'not-accepted';
    },

    async lateRevealPays({ verifier, ownReward }, rollup) {
      if (ownReward === 0n) return false;
      if ((await assetOf(rollup)) !== ZeroAddress) return true;
      const data = VERIFIER.encodeFunctionData('verifierGas');
      const [answer, gasPriceWei] = await Promise.all([rpc.call({ to: verifier, data }, 'latest'), rpc.gasPriceWei()]);
      const [verifierGas] = z.tuple([z.bigint()]).parse(VERIFIER.decodeFunctionResult('verifierGas', answer).toArray());
      return ownReward > (verifierGas + REVEAL_OVERHEAD_GAS) * gasPriceWei;
    },
  };
}

/**
 * Calls the verifier with the statement that the contract will make itself. Only the old state root may not be on the
 * chain yet: then it is taken from the proof's own task.
 */
async function verifies(
  rpc: Pick<ChainRpc, 'call'>,
  { sequence, statement, miner }: FinalProof,
  facts: SequenceFacts,
  proof: Uint8Array,
  blockHash: Hex,
): Promise<boolean> {
  const predicted: Statement & { miner: string } = {
    chainId: sequence.chainId,
    rollup: sequence.rollup,
    firstBatch: sequence.firstBatch,
    lastBatch: sequence.lastBatch,
    oldStateRoot: facts.oldStateRoot === ZERO_HASH ? statement.oldStateRoot : facts.oldStateRoot,
    newStateRoot: statement.newStateRoot,
    oldAccInputHash: facts.oldAccInputHash,
    newAccInputHash: facts.accInputHash,
    miner,
  };
  const data = VERIFIER.encodeFunctionData('verifyStatement', [predicted, proof]);
  try {
    const answer = await rpc.call({ to: facts.verifier, data }, { blockHash });
    return VERIFIER.decodeFunctionResult('verifyStatement', answer).toArray()[0] === true;
  } catch (error) {
    // A generated verifier reverts on a bad proof.
    if (error instanceof CallRevertedError) return false;
    throw error;
  }
}

async function callReveal(
  rpc: Pick<ChainRpc, 'call'>,
  { sequence, statement, miner }: FinalProof,
  proof: Uint8Array,
): Promise<SequenceView['simulatedReveal']> {
  const { rollup, firstBatch, lastBatch } = sequence;
  const args = [firstBatch - 1, lastBatch, ZERO_HASH, statement.newStateRoot, proof];
  const data = ROLLUP.encodeFunctionData('verifyBatches', args);
  try {
    const answer = await rpc.call({ from: miner, to: rollup, data }, 'pending');
    return ROLLUP.decodeFunctionResult('verifyBatches', answer).toArray()[0] === true ? 'accepted' : 'not-accepted';
  } catch (error) {
    if (error instanceof CallRevertedError) return 'not-asked';
    throw error;
  }
}

async function readAddress(
  rpc: Pick<ChainRpc, 'call'>,
  contract: string,
  abi: Interface,
  name: string,
): Promise<string> {
  const answer = await rpc.call({ to: contract, data: abi.encodeFunctionData(name) }, 'latest');
  return z.tuple([z.string()]).parse(abi.decodeFunctionResult(name, answer).toArray())[0];
}
