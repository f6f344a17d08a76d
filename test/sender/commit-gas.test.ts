import { Contract, keccak256, parseEther, toBeHex, ZeroHash, type Wallet } from 'ethers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import type { SequenceIdentity } from '../../workflows/domain/sequence.js';
import { startSenderChain, stateRootAfter, storeFinalProof, T1, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, type SenderScene } from './sender-scene.js';
import { firstOf, minedOnceWaiting } from './sender-steps.js';

const OPEN = 60;

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
afterEach(() => scene.close());
afterAll(() => chain.stop());

test('beside many open commitments and with a tight deposit a commit gets the gas that passing over them takes', async () => {
  scene = await openScene(chain, OPEN + 1);
  const { wallet } = scene;
  const first = firstOf(scene);
  const [last] = scene.sequences.slice(-1);
  if (!last) throw new Error('nothing was posted');
  const rival = await chain.miner(scene.rollup);
  const rivalHash = await storeFinalProof(chain, scene.finals, first, rival.address);

  // Of 200, 90 leave: 110 hold the reserves of 60 hashes beside the minimum of 50, and not one more.
  await inBlock([await poolOf(wallet).getFunction('requestWithdrawal').send(scene.rollup, parseEther('90'))]);
  // The contract looks for a reserve that has become free from the first on its list: here it is the last.
  const hashes = [...scene.sequences.slice(1, OPEN), first];
  await inBlock([
    await commit(rival, first, rivalHash),
    ...(await inOrder(hashes, (sequence) => commit(wallet, sequence, keccak256(toBeHex(sequence.lastBatch))))),
  ]);
  await chain.mine(T1 - 1);
  const [proof] = await scene.finals.list(first, rival.address);
  const bytes = proof && (await scene.finals.bytes(proof.proofDigest));
  if (!bytes) throw new Error('the rival has no proof');
  const reveal = rollupOf(rival).getFunction('verifyBatches');
  await inBlock([await reveal.send(0, 1, ZeroHash, stateRootAfter(1), bytes, { gasLimit: 2_000_000 })]);

  const sender = await scene.startSender();
  const committed = await minedOnceWaiting(chain, scene, sender.send(commitOf(last)));
  expect(committed).toMatchObject({ result: 'mined' });
  const receipt = await chain.provider.getTransactionReceipt(committed.transactionHash ?? '');
  // Else this shows nothing: a commit alone is given 500,000 at least.
  expect(receipt?.gasUsed).toBeGreaterThan(500_000n);
});

const rollupOf = (wallet: Wallet): Contract => new Contract(scene.rollup, ROLLUP_ABI, wallet);
const poolOf = (wallet: Wallet): Contract => new Contract(chain.deployment.pool, POOL_ABI, wallet);

type Sent = Awaited<ReturnType<typeof commit>>;

function commit(wallet: Wallet, { firstBatch, lastBatch }: SequenceIdentity, hash: string) {
  const submit = rollupOf(wallet).getFunction('submitProofHash');
  return submit.send(firstBatch - 1, lastBatch, hash, { gasLimit: 400_000 });
}

/** Mines what was sent in one block, and makes sure that nothing of it failed. */
async function inBlock(sent: Sent[]): Promise<void> {
  await chain.mine();
  const receipts = await Promise.all(sent.map(({ hash }) => chain.provider.getTransactionReceipt(hash)));
  expect(receipts.map((receipt) => receipt?.status)).toEqual(sent.map(() => 1));
}

async function inOrder<From, To>(all: From[], work: (one: From) => Promise<To>): Promise<To[]> {
  const done: To[] = [];
  for (const one of all) done.push(await work(one));
  return done;
}
