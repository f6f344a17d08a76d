import { describe, expect, it } from 'vitest';
import { Model } from './model.js';
import { runSequence, setSequenceRuns } from './run-sequence.js';

setSequenceRuns();

describe('sequenceWorkflow', () => {
  it('goes on proving while the chain cannot be read', async () => {
    const model = new Model();
    const { waitForChange } = model.chain;
    let isAway = true;
    let letGo = (): void => undefined;
    const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
    // More tries than an activity has; each of them finds no chain.
    let triesLeft = 6;
    model.chain.waitForChange = async (request) => {
      if (!isAway) return waitForChange(request);
      triesLeft -= 1;
      if (triesLeft === 0) {
        isAway = false;
        letGo();
      }
      throw new Error('no endpoint answered');
    };
    let batchProofsBegun = 0;
    model.prove = async ({ kind }) => {
      if (kind !== 'batch') return;
      batchProofsBegun += 1;
      await isLetGo;
    };
    const { outcome } = await runSequence(model, 1);
    expect(outcome).toBe('rewarded');
    expect(batchProofsBegun).toBe(1);
  });
});
