import type { ProofSender } from '../../activities/sender/proof-sender.js';
import type { SequenceIdentity } from '../../workflows/domain/sequence.js';
import { eventually, type SenderChain } from './chain-scene.js';
import { commitOf, type SenderScene } from './sender-scene.js';

/** Waits until the wallet has so many transactions in the pool. */
export async function untilWaiting(chain: SenderChain, scene: SenderScene, count = 1): Promise<string[]> {
  let hashes: string[] = [];
  await eventually(`${count} transactions wait in the pool`, async () => {
    hashes = await chain.waiting(scene.wallet.address);
    return hashes.length === count;
  });
  return hashes;
}

/** Commits to the stored proof and mines it; returns the round. */
export async function commitMined(
  chain: SenderChain,
  scene: SenderScene,
  sender: Pick<ProofSender, 'send'>,
  sequence: SequenceIdentity,
): Promise<number> {
  const committed = sender.send(commitOf(sequence));
  await Promise.race([untilWaiting(chain, scene), committed]);
  await chain.mine();
  const { result, blockNumber } = await committed;
  if (result !== 'mined' || blockNumber === null) throw new Error(`the commit ended as ${result}`);
  return blockNumber;
}
