import { Contract, type Overrides, type TransactionReceipt, type Wallet } from 'ethers';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { ScenarioChain } from './chain.js';
import type { ScenarioRollup } from './rollup.js';

/** Calls of the rollup by others than the miners under test. */

const GAS_LIMIT = 3_000_000;
const LAUNCH_TERMS = 1;

/** Sends without an estimate, so that what would revert is sent all the same. */
export async function sendTo(
  chain: ScenarioChain,
  rollup: ScenarioRollup,
  wallet: Wallet,
  name: string,
  args: unknown[],
  overrides: Overrides = {},
): Promise<TransactionReceipt> {
  const contract = new Contract(rollup.address, ROLLUP_ABI, wallet);
  const nonce = await wallet.getNonce('pending');
  const response = await contract.getFunction(name).send(...args, { gasLimit: GAS_LIMIT, nonce, ...overrides });
  return chain.until(`${name} mined`, 50, () => chain.provider.getTransactionReceipt(response.hash));
}

/** With the least reserve. */
export async function commitHash(
  chain: ScenarioChain,
  rollup: ScenarioRollup,
  wallet: Wallet,
  sequence: Pick<SequenceIdentity, 'firstBatch' | 'lastBatch'>,
  proofHash: string,
): Promise<void> {
  const args = await leastCommitment(chain.provider, rollup.address, wallet.address, sequence, proofHash);
  requireTaken(await sendTo(chain, rollup, wallet, 'submitProofHash', args), wallet, sequence.lastBatch);
}

/** Under the terms that the rollup was launched with, with a reserve of one's own choice. */
export async function commitReserve(
  chain: ScenarioChain,
  rollup: ScenarioRollup,
  wallet: Wallet,
  { firstBatch, lastBatch, accInputHash }: Pick<SequenceIdentity, 'firstBatch' | 'lastBatch' | 'accInputHash'>,
  { proofHash, reserveWei }: { proofHash: string; reserveWei: bigint },
): Promise<void> {
  const args = [firstBatch - 1, lastBatch, proofHash, accInputHash, LAUNCH_TERMS, reserveWei];
  requireTaken(await sendTo(chain, rollup, wallet, 'submitProofHash', args), wallet, lastBatch);
}

function requireTaken(receipt: TransactionReceipt, wallet: Wallet, lastBatch: number): void {
  if (receipt.status !== 1) throw new Error(`the hash for batch ${lastBatch} by ${wallet.address} was refused`);
}
