import { describe, expect, it } from 'vitest';
import { progressQuery, stepHeldUpSignal } from '../../workflows/messages.js';
import { Model } from './model.js';
import { runSequence, setSequenceRuns, workflowOf } from './run-sequence.js';

setSequenceRuns();

describe('sequenceWorkflow', () => {
  it('shows what holds a step up, as its sender tells it, until it goes on', async () => {
    const model = new Model();
    const { submitProof } = model.sender;
    let letGo = () => {};
    const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
    model.sender.submitProof = async (request) => {
      await isLetGo;
      return submitProof(request);
    };
    const { outcome, progress } = await runSequence(model, 1, async (id) => {
      const handle = workflowOf(id);
      const shown = () => handle.query(progressQuery);
      await expect.poll(async () => (await shown()).doing).toBe('sending the proof');
      await handle.signal(stepHeldUpSignal, 'no endpoint takes it');
      await expect.poll(shown).toMatchObject({ stage: 'attention', alarm: 'no endpoint takes it', goOn: null });
      await handle.signal(stepHeldUpSignal, null);
      await expect.poll(shown).toMatchObject({ stage: 'proof window', alarm: null });
      await handle.signal(stepHeldUpSignal, 'no endpoint takes it again');
      await expect.poll(async () => (await shown()).alarm).toBe('no endpoint takes it again');
      letGo();
    });
    expect(outcome).toBe('rewarded');
    expect(progress).toMatchObject({ stage: 'done', alarm: null });
  });
});
