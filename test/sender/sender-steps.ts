import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import type { ProofSender } from '../../activities/sender/proof-sender.js';
import { attemptsOf, findTransaction, type Attempt, type StepKey } from '../../activities/sender/transactions.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { eventually, type SenderChain } from './chain-scene.js';
import { commitOf, type SenderScene } from './sender-scene.js';

const COMMITMENT_MADE = ROLLUP.getEvent('CommitmentMade')?.topicHash;

/** Waits until the wallet has so many transactions in the pool. */
export async function untilWaiting(chain: SenderChain, scene: SenderScene, count = 1): Promise<string[]> {
  let hashes: string[] = [];
  await eventually(`${count} transactions wait in the pool`, async () => {
    hashes = await chain.waiting(scene.wallet.address);
    return hashes.length === count;
  });
  return hashes;
}

/** Waits until a transaction of the wallet with another hash waits. */
export async function untilReplaced(chain: SenderChain, scene: SenderScene, hash: string): Promise<string> {
  let now: string[] = [];
  await eventually(`another transaction stands in the place of ${hash}`, async () => {
    now = await chain.waiting(scene.wallet.address);
    return now.length > 0 && !now.includes(hash);
  });
  return now[0] ?? '';
}

/** Mines until the step has ended, each time after something waits in the pool. */
export async function minedOnceWaiting<T>(chain: SenderChain, scene: SenderScene, step: Promise<T>): Promise<T> {
  await Promise.race([untilWaiting(chain, scene), step]);
  await chain.mine();
  return step;
}

/** Commits to the stored proof and mines it; returns the round. */
export async function commitMined(
  chain: SenderChain,
  scene: SenderScene,
  sender: Pick<ProofSender, 'send'>,
  sequence: SequenceIdentity,
): Promise<number> {
  const { result, blockNumber } = await minedOnceWaiting(chain, scene, sender.send(commitOf(sequence)));
  if (result !== 'mined' || blockNumber === null) throw new Error(`the commit ended as ${result}`);
  return blockNumber;
}

/** State of a step's row, and its attempts. */
export async function rowOf(
  scene: SenderScene,
  key: StepKey,
): Promise<{ state: string; nonce: number | null; note: string | null; attempts: Attempt[] }> {
  const row = await findTransaction(scene.pool, key, scene.wallet.address);
  if (!row) throw new Error(`${key.step} ${key.tryNumber} has no row`);
  return { state: row.state, nonce: row.nonce, note: row.note, attempts: await attemptsOf(scene.pool, row.id) };
}

export async function untilState(scene: SenderScene, key: StepKey, state: string): Promise<void> {
  await eventually(`the ${key.step} is ${state}`, async () => {
    const row = await findTransaction(scene.pool, key, scene.wallet.address);
    return row?.state === state;
  });
}

/** How many proofHashes of the wallet the rollup has taken, in all rounds. */
export async function commitsOnChain(chain: SenderChain, scene: SenderScene): Promise<number> {
  const topic = '0x' + scene.wallet.address.slice(2).toLowerCase().padStart(64, '0');
  const filter = { address: scene.rollup, fromBlock: '0x0', topics: [COMMITMENT_MADE, topic] };
  return z.array(z.unknown()).parse(await chain.provider.send('eth_getLogs', [filter])).length;
}

/** The first sequence of a scene. */
export function firstOf(scene: SenderScene): SequenceIdentity {
  const [sequence] = scene.sequences;
  if (!sequence) throw new Error('nothing was posted');
  return sequence;
}
