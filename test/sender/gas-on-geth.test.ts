import { afterAll, describe, expect, test } from 'vitest';
import { eventually, startSenderChainOnGeth, T1, T2, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, revealOf } from './sender-scene.js';
import { firstOf, rowOf } from './sender-steps.js';
import { madeWithGo } from '../support/made-with-go.js';

describe.each(['osaka', 'amsterdam'] as const)("by %s's gas prices, on geth", (rules) => {
  let started: SenderChain | undefined;
  const chainOf = madeWithGo(async () => (started = await startSenderChainOnGeth(rules)));
  afterAll(() => started?.stop());

  test('commit, settle, commit again and reveal get the gas that they need', async (context) => {
    const chain = chainOf(context);
    const scene = await openScene(chain);
    try {
      const sequence = firstOf(scene);
      const sender = await scene.startSender();
      const first = await sender.send(commitOf(sequence));
      const { blockNumber: failed } = first;
      if (failed === null) throw new Error('the first commit is not mined');
      await chain.mine(T1 + T2);
      const settle = { sequence, step: 'settle', tryNumber: failed, round: failed } as const;
      expect(await sender.send(settle)).toMatchObject({ result: 'mined' });
      const again = await sender.send(commitOf(sequence, 2));
      expect(again).toMatchObject({ result: 'mined' });

      const reveal = revealOf(sequence, again.blockNumber ?? 0, 3);
      const revealed = sender.send(reveal);
      await eventually('the reveal waits for its window', async () => {
        const { note } = await rowOf(scene, reveal).catch(() => ({ note: null }));
        return note !== null;
      });
      await chain.mine(T1 - 1);
      expect(await revealed).toMatchObject({ result: 'mined' });
      // Else this shows nothing: a commit is given 500,000 whatever the prices are. The first one of a miner costs most.
      if (rules === 'amsterdam') expect(BigInt(first.gasUsed ?? 0)).toBeGreaterThan(500_000n);
    } finally {
      await scene.close();
    }
  });
});
