import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.js';
import { goOnSignal, progressQuery } from '../../workflows/messages.js';
import { acceptedOf, Model } from './model.js';
import { runSequence, setSequenceRuns, workflowOf } from './run-sequence.js';
import { T1, T2 } from './views.js';

setSequenceRuns();

describe('sequenceWorkflow', () => {
  it('proves a single batch and its final proof, commits, waits T1 and reveals in the first block it may', async () => {
    const model = new Model();
    const { outcome, first, progress } = await runSequence(model, 1);
    expect(outcome).toBe('rewarded');
    expect(model.proved).toEqual([`batch ${first}-${first}`, 'final null']);
    expect(model.done).toEqual(['commit 1 @10', `reveal 10 @${10 + T1}`]);
    expect(progress).toMatchObject({ stage: 'done', outcome: 'rewarded', alarm: null });
  });

  it('folds two adjacent proofs as soon as both exist, without waiting for the other batches', async () => {
    const model = new Model();
    let release = () => {};
    const folded = new Promise<void>((resolve) => (release = resolve));
    model.prove = async ({ kind, firstBatch }) => {
      // The third batch is proved only after the first two have been folded: a barrier would wait for ever.
      if (kind === 'batch' && firstBatch % 100 === 2) await folded;
      if (kind === 'aggregate') release();
    };
    const { first, progress } = await runSequence(model, 3);
    expect(model.proved.slice(-2)).toEqual([`aggregate ${first}-${first + 2}`, 'final null']);
    expect(model.proved).toHaveLength(6);
    expect(progress.proofs).toEqual({
      batch: { done: 3, needed: 3 },
      aggregate: { done: 2, needed: 2 },
      final: { done: 1, needed: 1 },
    });
  });

  it('goes through a new round with the same proof when nobody reveals in time, settling the old one', async () => {
    const model = new Model();
    const { submitProof } = model.sender;
    model.sender.submitProof = async (request) => {
      if (request.round !== 10) return submitProof(request);
      // The first reveal never lands: the round lapses.
      model.note('lost reveal');
      model.next = 10 + T1 + T2;
      model.set({ own: 'failed', unsettledRounds: [10], failedRoundsInARow: 1 });
      return { result: 'cancelled', transactionHash: null, blockNumber: null, gasUsed: null };
    };
    const { outcome } = await runSequence(model, 1);
    const lapsed = 10 + T1 + T2;
    expect(outcome).toBe('rewarded');
    expect(model.done).toEqual([
      'commit 1 @10',
      `lost reveal @${10 + T1}`,
      `settle 10 @${lapsed}`,
      `commit 2 @${lapsed + 1}`,
      `reveal ${lapsed + 1} @${lapsed + 1 + T1}`,
    ]);
    expect(model.proved.filter((task) => task.startsWith('final'))).toHaveLength(1);
  });

  it('stops proving when another is accepted meanwhile', async () => {
    const model = new Model();
    model.prove = () => model.waitUntilCancelled();
    model.surprise(() => model.set({ accepted: 'other', acceptedFinal: true }));
    const { outcome } = await runSequence(model, 2);
    expect([outcome, model.done]).toEqual(['verified-by-another', []]);
  });

  it('has a refused proof made again', async () => {
    const model = new Model();
    let refusals = 1;
    model.accept = ({ kind }) => (kind === 'batch' && refusals-- > 0 ? 'does not verify' : null);
    const { outcome, first } = await runSequence(model, 1);
    expect(outcome).toBe('rewarded');
    expect(model.proved).toEqual([`batch ${first}-${first}`, `batch ${first}-${first}`, 'final null']);
  });

  it('makes again only what was lost from the artifact store', async () => {
    const model = new Model();
    let lost = true;
    model.prove = async ({ kind }) => {
      if (kind !== 'aggregate' || !lost) return;
      lost = false;
      throw ApplicationFailure.create({ type: 'ArtifactLostError', message: 'gone', nonRetryable: true });
    };
    const { planBatchProofs } = model.generator;
    model.generator.planBatchProofs = async (sequence) => {
      const planned = await planBatchProofs(sequence);
      // Of the two batch proofs only the first has been lost.
      return planned.map((plan, index) =>
        lost || index === 0 ? plan : { ...plan, accepted: acceptedOf(plan.task, 1) },
      );
    };
    const { outcome, first } = await runSequence(model, 2);
    expect(outcome).toBe('rewarded');
    expect(model.proved.filter((task) => task === `batch ${first}-${first}`)).toHaveLength(2);
    expect(model.proved.filter((task) => task === `batch ${first + 1}-${first + 1}`)).toHaveLength(1);
  });

  it('shows what fails everywhere, and goes on when a person says so', async () => {
    const model = new Model();
    let broken = true;
    model.prove = async () => {
      if (broken) throw ApplicationFailure.nonRetryable('the circuit cannot prove this');
    };
    const { outcome, progress } = await runSequence(model, 2, async (id) => {
      const handle = workflowOf(id);
      const shown = async () => (await handle.query(progressQuery)).alarm;
      for (const batch of [1, 2])
        await expect.poll(shown).toContain(`batch proof ${batch}/2: the circuit cannot prove this; mend the cause`);
      expect(await handle.query(progressQuery)).toMatchObject({
        ...{ stage: 'attention', goOn: `npm run sequence -- go-on ${id}` },
      });
      broken = false;
      await handle.signal(goOnSignal);
    });
    expect(outcome).toBe('rewarded');
    expect(progress).toMatchObject({ stage: 'done', alarm: null, goOn: null });
  });

  it('goes on by itself when the cause of an alarm is gone', async () => {
    const model = new Model();
    model.set({ freeStakeWei: '0' });
    const { outcome, progress } = await runSequence(model, 1, async (id) => {
      const handle = workflowOf(id);
      const alarm = async () => (await handle.query(progressQuery)).alarm;
      await expect.poll(alarm).toMatch(/npm run miner -- deposit AMOUNT --rollup 0x\w{40} /);
      expect(model.done).toEqual([]);
      model.set({ freeStakeWei: '10' });
    });
    expect(outcome).toBe('rewarded');
    expect(model.done[0]).toBe('commit 1 @10');
    expect(progress.alarm).toBeNull();
  });

  it('goes on by itself when the verifier takes the proof that it refused', async () => {
    const model = new Model();
    model.set({ verifierSays: 'no' });
    const { outcome } = await runSequence(model, 1, async (id) => {
      const handle = workflowOf(id);
      await expect.poll(async () => (await handle.query(progressQuery)).alarm).toMatch(/the verifier refuses/);
      model.set({ verifierSays: 'yes' });
    });
    expect(outcome).toBe('rewarded');
  });

  it('shows what an activity refuses for good, and looks at everything afresh when a person says so', async () => {
    const model = new Model();
    const { planBatchProofs } = model.generator;
    let refused = true;
    model.generator.planBatchProofs = async (sequence) => {
      if (refused) throw ApplicationFailure.nonRetryable('no such rollup type');
      return planBatchProofs(sequence);
    };
    const { outcome } = await runSequence(model, 1, async (id) => {
      const handle = workflowOf(id);
      await expect.poll(async () => (await handle.query(progressQuery)).alarm).toBe('no such rollup type');
      refused = false;
      await handle.signal(goOnSignal);
    });
    expect(outcome).toBe('rewarded');
  });

  it('never reveals when the committed proof is lost: alarm, a new proof, the next round', async () => {
    const model = new Model();
    const { submitProofHash } = model.sender;
    model.sender.submitProofHash = async (request) => {
      const outcome = await submitProofHash(request);
      if (request.tryNumber === 1) model.set({ storedProofMatchesOwnHash: false });
      else model.set({ storedProofMatchesOwnHash: true });
      return outcome;
    };
    const { waitForChange } = model.chain;
    model.chain.waitForChange = async (request) => {
      await waitForChange(request);
      if (model.next >= 10 + T1 + T2 && model.state.own === 'open' && model.state.ownRound === 10)
        model.set({ own: 'failed', unsettledRounds: [10], failedRoundsInARow: 1 });
    };
    const { outcome } = await runSequence(model, 1);
    expect(outcome).toBe('rewarded');
    expect(model.proved.filter((task) => task.startsWith('final'))).toEqual(['final null', 'final round 10']);
    expect(model.done.filter((step) => step.startsWith('reveal'))).toHaveLength(1);
    expect(model.done[0]).toBe('commit 1 @10');
  });

  it('reveals in the same round when the lost proof is put back while another is being made', async () => {
    const model = new Model();
    const { submitProofHash } = model.sender;
    model.sender.submitProofHash = async (request) => {
      const outcome = await submitProofHash(request);
      model.set({ storedProofMatchesOwnHash: false });
      return outcome;
    };
    model.prove = async ({ taskId }) => {
      if (taskId !== 'final round 10') return;
      model.set({ storedProofMatchesOwnHash: true });
      await model.waitUntilCancelled();
    };
    const { outcome } = await runSequence(model, 1);
    expect(outcome).toBe('rewarded');
    expect(model.done.map((step) => step.replace(/ @.*/, ''))).toEqual(['commit 1', 'reveal 10']);
  });

  it('asks for attention, and not again and again, when a round cannot be settled', async () => {
    const model = new Model();
    model.set({ freeStakeWei: '0', own: 'failed', unsettledRounds: [3], finalProofStored: true });
    const { settleRound } = model.sender;
    model.sender.settleRound = async (request, ...rest) => {
      await settleRound(request, ...rest);
      model.set({ unsettledRounds: [3] });
      return { result: 'cancelled', transactionHash: null, blockNumber: null, gasUsed: null };
    };
    const { outcome } = await runSequence(model, 1, async (id) => {
      const alarm = async () => (await workflowOf(id).query(progressQuery)).alarm;
      await expect.poll(alarm).toMatch(/npm run miner -- deposit AMOUNT --rollup 0x\w{40} /);
      model.set({ freeStakeWei: '60', unsettledRounds: [] });
    });
    expect(outcome).toBe('rewarded');
    expect(model.done.filter((step) => step.startsWith('settle'))).toHaveLength(1);
  });

  it('tells its story: a summary on every activity and timer, search attributes, current details', async () => {
    const { history, description, details } = await runSequence(new Model(), 2);
    const events = history.events ?? [];
    const told = events.filter(
      (event) => event.activityTaskScheduledEventAttributes ?? event.timerStartedEventAttributes,
    );
    const summaries = told.map(({ userMetadata }) => Buffer.from(userMetadata?.summary?.data ?? []).toString());
    expect(summaries.filter((summary) => summary === '')).toEqual([]);
    for (const expected of ['"batch proof 1/2"', '"batch proof 2/2"', '"final proof"', '"T1"'])
      expect(summaries).toContain(expected);
    expect(summaries.some((summary) => summary.startsWith('"fold'))).toBe(true);

    const { typedSearchAttributes: attributes } = description;
    expect(attributes.get(SEARCH_ATTRIBUTES.stage)).toBe('done');
    expect(attributes.get(SEARCH_ATTRIBUTES.round)).toBe(10);
    expect(details).toMatch(/\| stage \| done: our proof was accepted \|/);
    expect(details).toMatch(/\| proofs \| batch 2\/2 · aggregate 1\/1 · final 1\/1 \|/);
  });

  it('keeps proofs out of its history: no event is larger than a page of references', async () => {
    const { history } = await runSequence(new Model(), 2);
    const sizes = (history.events ?? []).map((event) => JSON.stringify(event).length);
    expect(Math.max(...sizes)).toBeLessThan(10_000);
  });
});
