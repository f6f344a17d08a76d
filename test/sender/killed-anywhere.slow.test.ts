import { setTimeout as delay } from 'node:timers/promises';
import { Contract } from 'ethers';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLeaderLock, type Leadership } from '../../activities/sender/leader-lock.js';
import type { ProofSender } from '../../activities/sender/proof-sender.js';
import type { StepKey } from '../../activities/sender/transactions.js';
import { createWalletRpc, type WalletRpc } from '../../activities/sender/wallet-rpc.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { CHAIN_ID, startSenderChain, stateRootAfter, T1, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, revealOf, type SenderScene } from './sender-scene.js';
import { commitsOnChain, rowOf } from './sender-steps.js';

/** Times STRIDE: more calls to chain and database than both steps take. */
const SEQUENCES = 24;
/** From one call at which a process dies to the next. */
const STRIDE = 3;

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
afterEach(() => scene.close());
afterAll(() => chain.stop());

/** The connections of a process that dies at one particular call: before it takes effect, or right after. */
interface DyingProcess {
  rpc: WalletRpc;
  leadership: Leadership;
  isDead(): boolean;
}

async function dyingProcess(lastCall: number, dies: 'before' | 'after'): Promise<DyingProcess> {
  const log = pino({ level: 'silent' });
  const { databaseUrl, wallet } = scene;
  const lock = createLeaderLock({ databaseUrl, chainId: CHAIN_ID, wallet: wallet.address, log });
  const leadership = await lock.acquire();
  let calls = 0;
  async function mortal<T>(call: () => Promise<T>): Promise<T> {
    calls += 1;
    if (calls > lastCall || (calls === lastCall && dies === 'before')) throw new Error('the process is dead');
    const answer = await call();
    if (calls >= lastCall) throw new Error('the process is dead');
    return answer;
  }
  const sound = createWalletRpc(chain.endpoints);
  const rpc: WalletRpc = {
    ...sound,
    transactionCount: (wallet, block) => mortal(() => sound.transactionCount(wallet, block)),
    balance: (wallet) => mortal(() => sound.balance(wallet)),
    receipt: (hash) => mortal(() => sound.receipt(hash)),
    feeMarket: (head) => mortal(() => sound.feeMarket(head)),
    callAtNext: (call) => mortal(() => sound.callAtNext(call)),
    estimateGas: (call) => mortal(() => sound.estimateGas(call)),
    broadcast: (raw) => mortal(() => sound.broadcast(raw)),
  };
  const { database } = leadership;
  const query = (text: string, values?: unknown[]) => mortal(() => database.query(text, values));
  return { rpc, leadership: { ...leadership, database: { query } }, isDead: () => calls >= lastCall };
}

/** Waits for a step, mining whenever something waits; null as soon as the process is dead. */
async function stepEnds(sender: ProofSender, key: StepKey, isDead: () => boolean): Promise<number | null> {
  let block: number | null = null;
  let ended = false;
  const step = sender.send(key).then(({ result, blockNumber }) => {
    expect(result).toBe('mined');
    block = blockNumber;
  });
  step.finally(() => (ended = true)).catch(() => undefined);
  while (!ended && !isDead()) {
    if ((await chain.waiting(scene.wallet.address)).length > 0) await chain.mine();
    await delay(10);
  }
  if (!isDead()) await step;
  return block;
}

/** Both steps of a sequence with a sender that may die on the way; resolves with whether it got to the end. */
async function bothSteps(sender: ProofSender, sequence: SequenceIdentity, isDead: () => boolean): Promise<boolean> {
  const round = await stepEnds(sender, commitOf(sequence), isDead);
  if (round === null) return false;
  while ((await chain.blockNumber()) < round + T1 - 1) await chain.mine();
  return (await stepEnds(sender, revealOf(sequence, round), isDead)) !== null;
}

describe.each(['before', 'after'] as const)('a sender that dies %s a call', (dies) => {
  test('whichever call it is, the next one brings both steps to their end, each sent once', async () => {
    scene = await openScene(chain, SEQUENCES);
    let died = 0;
    for (const [index, sequence] of scene.sequences.entries()) {
      const dying = await dyingProcess(index * STRIDE + 1, dies);
      const mortal = await scene.startSender(dying).catch(() => null);
      const complete = mortal !== null && (await bothSteps(mortal, sequence, dying.isDead));
      await mortal?.kill();
      await dying.leadership.release().catch(() => undefined);
      if (!complete) {
        died += 1;
        const next = await scene.startSender();
        expect(await bothSteps(next, sequence, () => false)).toBe(true);
        await next.kill();
      }

      const rollup = new Contract(scene.rollup, ROLLUP_ABI, chain.provider);
      const root: unknown = await rollup.getFunction('batchNumToStateRoot').staticCall(sequence.lastBatch);
      expect(root, `died ${dies} call ${index * STRIDE + 1}`).toBe(stateRootAfter(sequence.lastBatch));
      expect(await commitsOnChain(chain, scene)).toBe(index + 1);
      expect((await rowOf(scene, commitOf(sequence))).attempts).toHaveLength(1);
    }
    expect(died).toBeGreaterThan(SEQUENCES / 2);
  });
});
