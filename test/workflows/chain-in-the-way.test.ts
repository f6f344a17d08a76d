import { describe, expect, it } from 'vitest';
import { progressQuery } from '../../workflows/messages.js';
import { Model } from './model.js';
import { runSequence, setSequenceRuns, workflowOf } from './run-sequence.js';

setSequenceRuns();

describe('sequenceWorkflow', () => {
  it('wakes in the hash window when another is accepted, however long its timer sleeps', async () => {
    const model = new Model();
    model.chain.expectedTimeUntilBlock = async () => ({ head: model.next - 1, timeMs: 600_000 });
    const commit = model.sender.submitProofHash;
    model.sender.submitProofHash = async (request) => {
      model.surprise(() => model.set({ accepted: 'other', own: 'none', acceptedFinal: true }));
      return commit(request);
    };
    const { outcome } = await runSequence(model, 1);
    expect(outcome).toBe('verified-by-another');
  });

  it('says with an alarm that the chain cannot be read, and goes on when it can', async () => {
    const model = new Model();
    let isDown = false;
    const commit = model.sender.submitProofHash;
    model.sender.submitProofHash = (request) => {
      isDown = true;
      return commit(request);
    };
    const read = model.chain.readSequenceView;
    model.chain.readSequenceView = (request) =>
      isDown ? Promise.reject(new Error('No endpoint answered eth_call (one: HTTP 503)')) : read(request);
    const { outcome, progress } = await runSequence(model, 1, async (id) => {
      const alarm = async (): Promise<string | null> => (await workflowOf(id).query(progressQuery)).alarm;
      await expect.poll(alarm).toMatch(/cannot be read, so nothing is done about it: No endpoint answered eth_call/);
      isDown = false;
    });
    expect(outcome).toBe('rewarded');
    expect(progress.alarm).toBeNull();
  });
});
