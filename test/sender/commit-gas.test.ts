import { Contract, keccak256, parseEther, toBeHex, ZeroHash, type Wallet } from 'ethers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { EASY_POLICY } from '../../domain/miner-policy.js';
import { larger } from '../../activities/sender/amounts.js';
import { createWalletRpc } from '../../activities/sender/wallet-rpc.js';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { startSenderChain, stateRootAfter, storeFinalProof, T1, T2, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, type SenderScene } from './sender-scene.js';
import { firstOf, minedOnceWaiting, untilWaiting } from './sender-steps.js';

const OPEN = 60;
const ENDED = 20;

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
afterEach(() => scene.close());
afterAll(() => chain.stop());

test('beside many open commitments and with a tight stake a commit gets the gas that passing over them takes', async () => {
  scene = await openScene(chain, OPEN + 1);
  const { wallet } = scene;
  const first = firstOf(scene);
  const [last] = scene.sequences.slice(-1);
  if (!last) throw new Error('nothing was posted');
  const rival = await chain.miner(scene.rollup);
  const rivalHash = await storeFinalProof(chain, scene.finals, first, rival.address);

  // With the 200 of every miner here, 600: the reserves of 60 hashes, and not one more.
  const more = parseEther('400');
  await inBlock([await poolOf(wallet).getFunction('deposit').send(more, { value: more })]);
  // The contract looks for a reserve that has become free from the first on its list: here it is the last.
  const hashes = [...scene.sequences.slice(1, OPEN), first];
  await inBlock([
    await commit(rival, first, rivalHash),
    ...(await inOrder(hashes, (sequence) => commit(wallet, sequence, keccak256(toBeHex(sequence.lastBatch))))),
  ]);
  await chain.mine(T1 - 1);
  await reveal(rival, first);
  // From E on the reserve of ours is free; the round of the sequence after it ends a block later.
  await chain.mine(T2 - 1);

  const sender = await scene.startSender();
  const committed = await minedOnceWaiting(chain, scene, sender.send(commitOf(last)));
  expect(committed).toMatchObject({ result: 'mined' });
  const receipt = await chain.provider.getTransactionReceipt(committed.transactionHash ?? '');
  // Else this shows nothing: a commit alone is given 500,000 at least.
  expect(receipt?.gasUsed).toBeGreaterThan(500_000n);
});

test('a commit has gas to give ended reserves back, should another take the free stake before it lands', async () => {
  scene = await openScene(chain, ENDED + 2);
  const { wallet } = scene;
  const ended = scene.sequences.slice(0, ENDED);
  const [before, last] = scene.sequences.slice(ENDED);
  if (!before || !last) throw new Error('too few were posted');
  const rival = await chain.miner(scene.rollup);
  // Of 400 coins 20 commitments reserve half.
  const reserveWei = parseEther('200');
  await inBlock([await poolOf(wallet).getFunction('deposit').send(reserveWei, { value: reserveWei })]);
  const rivalHashes = await inOrder(ended, (one) => storeFinalProof(chain, scene.finals, one, rival.address));
  await inBlock([
    ...(await inOrder(ended, (one) => commit(rival, one, rivalHashes[one.lastBatch - 1] ?? ''))),
    ...(await inOrder(ended, (one) => commit(wallet, one, keccak256(toBeHex(one.lastBatch))))),
  ]);
  await chain.mine(T1 - 1);
  for (const sequence of ended) await reveal(rival, sequence);
  await chain.mine(T2);

  // All that is free goes into the first of two commits, which are looked at before either lands.
  const sound = createWalletRpc(chain.endpoints);
  const sender = await scene.startSender({
    policy: { ...EASY_POLICY, reserveWei },
    rpc: { ...sound, estimateGas: async ({ from, to, data }) => ({ gas: await estimateNow({ from, to, data }) }) },
  });
  const committed = [before, last].map((sequence) => sender.send(commitOf(sequence)));
  await untilWaiting(chain, scene, 2);
  await chain.mine();
  const gas: bigint[] = [];
  for (const step of committed) {
    const { result, transactionHash } = await step;
    const receipt = await chain.provider.getTransactionReceipt(transactionHash ?? '');
    expect({ result, status: receipt?.status }).toEqual({ result: 'mined', status: 1 });
    gas.push(receipt?.gasUsed ?? 0n);
  }
  // Of the second of the two; after refunds, a fifth at most.
  expect(gas.reduce(larger)).toBeGreaterThan(500_000n);
});

/** As a node that knows no pending block has it. */
async function estimateNow(call: { from: string; to: string; data: string }): Promise<bigint> {
  return BigInt(z.string().parse(await chain.provider.send('eth_estimateGas', [call, 'latest'])));
}

const rollupOf = (wallet: Wallet): Contract => new Contract(scene.rollup, ROLLUP_ABI, wallet);
const poolOf = (wallet: Wallet): Contract => new Contract(chain.deployment.pool, POOL_ABI, wallet);

type Sent = Awaited<ReturnType<typeof commit>>;

async function commit(wallet: Wallet, sequence: SequenceIdentity, hash: string) {
  const args = await leastCommitment(chain.provider, scene.rollup, wallet.address, sequence, hash);
  return rollupOf(wallet)
    .getFunction('submitProofHash')
    .send(...args, { gasLimit: 400_000 });
}

/** Reveals the stored proof of a miner, in a block of its own. */
async function reveal(wallet: Wallet, sequence: SequenceIdentity): Promise<void> {
  const { firstBatch, lastBatch } = sequence;
  const [proof] = await scene.finals.list(sequence, wallet.address);
  const bytes = proof && (await scene.finals.bytes(proof.proofDigest));
  if (!bytes) throw new Error('there is no proof to reveal');
  const args = [firstBatch - 1, lastBatch, ZeroHash, stateRootAfter(lastBatch), bytes, { gasLimit: 2_000_000 }];
  await inBlock([
    await rollupOf(wallet)
      .getFunction('verifyBatches')
      .send(...args),
  ]);
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
