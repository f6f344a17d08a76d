import { describe, expect, it } from 'vitest';
import { Model } from './model.js';
import { runSequence, setSequenceRuns } from './run-sequence.js';
import { roundOf, T1 } from './views.js';

setSequenceRuns();

describe('sequenceWorkflow, where a hash of ours stands already', () => {
  it('reveals late when another was first and our hash stands', async () => {
    const model = new Model();
    const round = roundOf(10, 0);
    model.set({ finalProofStored: true, round, own: 'late', ownRound: 10, accepted: 'other', acceptedBlock: 20 });
    model.next = 500;
    const { outcome } = await runSequence(model, 2);
    expect([outcome, model.done, model.proved]).toEqual(['rewarded', ['reveal 10 @500'], []]);
  });

  it('stays with a late hash that is not worth its gas, and reveals in time when a reorg opens it again', async () => {
    const model = new Model();
    model.set({
      finalProofStored: true,
      round: roundOf(10, 0),
      own: 'late',
      ownRound: 10,
      lateRevealWorthItsGas: false,
    });
    model.set({ accepted: 'other', acceptedBlock: 16 });
    model.next = 17;
    model.surprise(() => model.set({ accepted: 'none', acceptedBlock: null, own: 'open' }));
    const { outcome } = await runSequence(model, 1);
    expect([outcome, model.done]).toEqual(['rewarded', ['reveal 10 @17']]);
  });

  it('takes an open hash back before it proves anything, when its proof is lost', async () => {
    const model = new Model();
    model.set({ storedProofMatchesOwnHash: false, round: roundOf(10, null), own: 'open', ownRound: 10 });
    model.next = 10 + T1;
    model.prove = async ({ kind }) => model.note(kind);
    model.surprise(() => model.set({ round: null, own: 'none', ownRound: null, storedProofMatchesOwnHash: true }));
    const { outcome } = await runSequence(model, 1);
    expect(outcome).toBe('rewarded');
    expect(model.done.map((done) => done.replace(/ @.*/, ''))).toEqual([
      ...['take back 10', 'batch', 'final', 'commit 1', `reveal ${11 + T1}`],
    ]);
  });

  it('leaves proving for a hash of ours that shows up meanwhile, sent by an earlier run', async () => {
    const model = new Model();
    model.prove = () => model.waitUntilCancelled();
    const round = roundOf(10, null);
    model.surprise(
      () => model.set({ storedProofMatchesOwnHash: false, round, own: 'open', ownRound: 10 }),
      () => (model.next = 10 + T1),
      () => model.set({ accepted: 'other', acceptedFinal: true }),
    );
    const { outcome } = await runSequence(model, 1);
    expect([outcome, model.done]).toEqual(['verified-by-another', [`take back 10 @${10 + T1}`]]);
  });
});
