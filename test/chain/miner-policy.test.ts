import { parseEther } from 'ethers';
import { describe, expect, test } from 'vitest';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import { EASY_POLICY, type MinerPolicy } from '../../domain/miner-policy.js';
import { readRollupEntry } from '../../activities/chain/rollup-directory.js';
import { decide } from '../../domain/decide.js';
import type { MinerLimits } from '../../domain/miner-limits.js';
import type { SequenceView } from '../../domain/sequence-view.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { openTestChain } from '../support/test-chain.js';
import { T2 } from '../support/test-rollup.js';
import { postAndProve, proveFor, readView, setViewScene } from './view-scene.js';

const scene = setViewScene({ rewardPerSequence: parseEther('1') });

/** The view of a miner with a policy of its own, over endpoints that are changed on the way. */
async function viewWith(
  sequence: SequenceIdentity,
  policy: Partial<MinerPolicy>,
  throughWhat = (rpc: ChainRpc): ChainRpc => rpc,
): Promise<SequenceView> {
  const chain = openTestChain(scene.database, scene.rollup.rpcUrl, throughWhat, { ...EASY_POLICY, ...policy });
  try {
    return await chain.views.readView(sequence, scene.rollup.miner.address);
  } finally {
    await chain.close();
  }
}

const limits = (changes: Partial<MinerLimits>): Partial<MinerPolicy> => ({
  limits: { ...EASY_POLICY.limits, ...changes },
});

describe("a miner's policy", () => {
  test('says how much is reserved, and what it may lose and earn there', async () => {
    await scene.rollup.fund('10');
    const { sequence, statement } = await postAndProve(scene);
    const rival = await proveFor(scene.rollup.owner.address, statement);
    await scene.rollup.commit(scene.rollup.owner, sequence, rival);
    const view = await viewWith(sequence, { reserveWei: parseEther('30') });
    // A wrong proof costs all; of the pot of one coin we would have 30 of 40 parts.
    expect(view).toMatchObject({ reserveWei: parseEther('30').toString(), limits: EASY_POLICY.limits });
    expect(view.offer).toMatchObject({
      lossWei: parseEther('30').toString(),
      rewardWei: parseEther('0.75').toString(),
    });
    expect(decide(view)).toMatchObject({ row: 13, reserveWei: parseEther('30').toString() });
    // Never less than the rollup asks for.
    const least = await viewWith(sequence, { reserveWei: 1n });
    expect(least.reserveWei).toBe(parseEther('10').toString());
  });

  test('stops a commit to terms that it does not put up with, and says why', async () => {
    await scene.rollup.fund('10');
    const { sequence } = await postAndProve(scene);
    const reason = async (changes: Partial<MinerLimits>) => {
      const decision = decide(await viewWith(sequence, limits(changes)));
      return decision.action === 'wait-for-cause' ? decision.reason : decision.action;
    };
    expect(await reason({ largestLossWei: parseEther('10').toString() })).toBe('commit');
    expect(await reason({ largestLossWei: (parseEther('10') - 1n).toString() })).toBe('loss-over-limit');
    expect(await reason({ shortestT2Blocks: T2 })).toBe('commit');
    expect(await reason({ shortestT2Blocks: T2 + 1 })).toBe('window-too-short');
    expect(await reason({ leastRewardPerGasCost: 1 })).toBe('commit');
    expect(await reason({ leastRewardPerGasCost: 1e9 })).toBe('reward-too-low');
  });
});

describe('a chain whose contracts see other block numbers', () => {
  const shifted = (rpc: ChainRpc): ChainRpc => ({
    ...rpc,
    latest: async () => {
      const head = await rpc.latest();
      return { ...head, number: head.number + 1_000_000 };
    },
  });

  test('is refused with both numbers, for a sequence and for a rollup', async () => {
    const { sequence } = await postAndProve(scene);
    const { head } = await readView(scene, sequence);
    const both = new RegExp(`block ${head.number + 1_000_000} .* block number ${head.number}\\D.*Arbitrum`);
    await expect(viewWith(sequence, {}, shifted)).rejects.toThrow(both);
    await expect(readRollupEntry(shifted(scene.chain.rpc), scene.rollup.ref)).rejects.toThrow(both);
  });
});
