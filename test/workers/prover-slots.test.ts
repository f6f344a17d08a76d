import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClaimedTask, SlotContext } from '../../activities/proving/proof-slots.js';
import { createProverSlots, type SlotRecord } from '../../activities/proving/slots/prover-slots.js';
import { BadInputError, ProverUnavailableError } from '../../domain/prover-errors.js';
import { taskPriority } from '../../domain/task-priority.js';
import { openFleet, openFleetSupport, type FleetSupport, type ProofInHand, type TestFleet } from './machines.js';

let support: FleetSupport;
let fleet: TestFleet;
beforeAll(async () => {
  support = await openFleetSupport();
});
afterAll(() => support.temporal.close());
beforeEach(async () => {
  fleet = await openFleet(support);
});

/** Waits until a machine has begun so many proofs, and returns the last of them. */
async function begun(count: number): Promise<ProofInHand> {
  await expect.poll(() => fleet.begun.length).toBe(count);
  const last = fleet.begun.at(-1);
  if (!last) throw new Error('no proof was begun');
  return last;
}

/** As a backend tells it that is about to be done. */
function nearlyDone(proof: ProofInHand): void {
  proof.progress('proof', 0.999);
}

const wanted = (...batches: number[]) => fleet.tasks(...batches).map((task) => ({ task }));

describe('a slot', () => {
  test('has its next task claimed and its inputs fetched before the proof in hand is done, and then begins it', async () => {
    const records: SlotRecord[] = [];
    await fleet.addMachine('rig', { patienceMs: 60_000, onProof: (record) => records.push(record) });
    const results = fleet.fanOut(wanted(1, 2));
    const first = await begun(1);
    nearlyDone(first);
    await expect.poll(() => fleet.fetched).toHaveLength(2);
    expect(fleet.begun).toEqual([first]);

    first.finish();
    const second = await begun(2);
    second.finish();
    expect(await results).toEqual(['rig', 'rig']);
    const [one, two] = records;
    expect(records.map(({ slot, outcome }) => [slot, outcome])).toEqual([
      [1, 'made'],
      [1, 'made'],
    ]);
    expect(two?.claimedAtMs).toBeLessThan(one?.endedAtMs ?? 0);
    expect(two?.beganAtMs).toBeGreaterThanOrEqual(one?.endedAtMs ?? Infinity);
  });

  test('that stays busy longer than was foreseen keeps no task waiting, and gets none until it is free', async () => {
    const handedBack: ClaimedTask[] = [];
    await fleet.addMachine('rig', { patienceMs: 50, onHandBack: (task) => handedBack.push(task) });
    const results = fleet.fanOut(wanted(1, 2, 3));
    const first = await begun(1);
    nearlyDone(first);
    await expect.poll(() => handedBack).toHaveLength(1);
    first.finish();
    (await begun(2)).finish();
    expect((await results).sort()).toEqual(['HandedBackError', 'rig', 'rig']);
  });

  test('that will be busy for long hands a task back that comes all the same', async () => {
    const slots = createProverSlots({ count: 1, patienceMs: 60_000 });
    const signal = new AbortController().signal;
    const task = { taskId: '1', kind: 'batch', firstBatch: 1, lastBatch: 1, scheduledAtMs: 0 } as const;
    let finish = (): void => {};
    let context: SlotContext | undefined;
    const first = slots.claim(task).prove(signal, (given) => {
      context = given;
      return new Promise<void>((resolve) => (finish = resolve));
    });
    expect(slots.openClaim()).toBeNull();
    context?.progress('proof', 0.999);
    const request = slots.openClaim();
    expect(request).not.toBeNull();
    // The prover turns out to be at the beginning, when the request is out already.
    context?.progress('proof', 1e-9);
    if (request) slots.answered(request);
    await expect(slots.claim(task).prove(signal, async () => {})).rejects.toThrow(/busy for longer/);
    context?.progress('proof', 0.999);
    expect(slots.openClaim()).toBeNull();

    finish();
    await first;
    expect(slots.openClaim()).not.toBeNull();
  });

  test('of a machine that fails again and again takes no task for a while', async () => {
    const rests: number[] = [];
    const slots = createProverSlots({ count: 1, onRest: (restMs) => rests.push(restMs) });
    const task = { taskId: '1', kind: 'batch', firstBatch: 1, lastBatch: 1, scheduledAtMs: 0 } as const;
    slots.claim(task).leave(true);
    const request = slots.openClaim();
    expect(request).not.toBeNull();
    if (request) slots.close(request);
    slots.claim(task).leave(true);
    slots.claim(task).leave(true);
    expect(rests).toEqual([1_000, 2_000]);
    expect(slots.openClaim()).toBeNull();
    await expect.poll(() => slots.openClaim()).not.toBeNull();
  });

  test('of a machine that calls one input after the other bad takes no task for a while', async () => {
    const rests: number[] = [];
    await fleet.addMachine('rig', { onRest: (restMs) => rests.push(restMs) });
    const results = fleet.fanOut(wanted(1, 2));
    (await begun(1)).fail(new BadInputError('cannot be proved'));
    (await begun(2)).fail(new BadInputError('cannot be proved'));
    expect(await results).toEqual(['BadInputError', 'BadInputError']);
    expect(rests).toEqual([1_000]);
  });

  test('makes one proof at a time; every idle slot of the fleet gets a task before any gets two', async () => {
    for (const name of ['a', 'b', 'c']) await fleet.addMachine(name, { count: name === 'c' ? 3 : 1 });
    const results = fleet.fanOut(wanted(1, 2, 3, 4, 5));
    await begun(5);
    expect(fleet.begun.map(({ machine }) => machine).sort()).toEqual(['a', 'b', 'c', 'c', 'c']);
    fleet.begun.forEach((proof) => proof.finish());
    expect((await results).sort()).toEqual(['a', 'b', 'c', 'c', 'c']);
  });
});

describe('the order of tasks', () => {
  test('is final before fold before batch, and the nearer sequence first', async () => {
    await fleet.addMachine('rig');
    const results = fleet.fanOut(wanted(1));
    const first = await begun(1);
    const stages = ['batch', 'aggregate', 'final'] as const;
    // Put into the queue with the least urgent first.
    const urgency = stages.flatMap((kind) => [40, 2, 1, 0].map((ahead) => taskPriority(kind, ahead)));
    const waiting = wanted(...urgency.map((_, index) => index + 2)).map((one, index) => ({
      ...one,
      priority: { priorityKey: urgency[index] ?? 100, fairnessKey: '0xaa' },
    }));
    const others = fleet.fanOut(waiting);
    await expect.poll(() => fleet.backlog(), { timeout: 60_000 }).toBe(waiting.length);
    first.finish();
    for (let count = 2; count <= waiting.length + 1; count++) (await begun(count)).finish();
    await Promise.all([results, others]);
    expect(fleet.begun.slice(1).map(({ batch }) => urgency[batch - 2])).toEqual([...urgency].sort((a, b) => a - b));
  });

  test('shares the machines between rollups by their weight', async () => {
    await fleet.addMachine('rig');
    const results = fleet.fanOut(wanted(1));
    const first = await begun(1);
    const rollups = [
      { fairnessKey: '0xaa', fairnessWeight: 1 },
      { fairnessKey: '0xbb', fairnessWeight: 3 },
    ];
    const waiting = rollups.flatMap((fairness, index) =>
      wanted(...Array.from({ length: 12 }, (_, batch) => 100 * (index + 1) + batch)).map((one) => ({
        ...one,
        priority: { priorityKey: 50, ...fairness },
      })),
    );
    const others = fleet.fanOut(waiting);
    await expect.poll(() => fleet.backlog(), { timeout: 60_000 }).toBe(waiting.length);
    first.finish();
    for (let count = 2; count <= waiting.length + 1; count++) (await begun(count)).finish();
    await Promise.all([results, others]);
    const heavy = fleet.begun.slice(1, 13).filter(({ batch }) => batch >= 200);
    expect(heavy).toHaveLength(9);
  });
});

describe('a checkpoint', () => {
  test('goes to the next attempt, and with a proof that is handed back', async () => {
    const { slots } = await fleet.addMachine('rig');
    const results = fleet.fanOut(wanted(1).map((one) => ({ ...one, attempts: 3 })));
    const first = await begun(1);
    expect(first.checkpoint).toBeUndefined();
    first.saveCheckpoint({ half: 1 });
    first.fail(new ProverUnavailableError('the prover was lost'));
    const second = await begun(2);
    expect(second.checkpoint).toEqual({ half: 1 });
    // What it does not keep anew stays.
    second.fail(new ProverUnavailableError('the prover was lost'));
    expect((await begun(3)).checkpoint).toEqual({ half: 1 });
    slots.giveUp();
    expect(await results).toEqual(['HandedBackError, leaving {"half":1}']);
  });
});

describe('a machine that ends', () => {
  test('finishes the proof in hand, hands back the task that waits and takes no other', async () => {
    const { slots, worker, run } = await fleet.addMachine('rig', { patienceMs: 60_000 });
    const results = fleet.fanOut(wanted(1, 2));
    const first = await begun(1);
    nearlyDone(first);
    await expect.poll(() => fleet.fetched).toHaveLength(2);
    worker.shutdown();
    slots.drain();
    await expect.poll(() => slots.openClaim()).toBeNull();
    first.finish();
    expect((await results).sort()).toEqual(['HandedBackError', 'rig']);
    await run;
    expect(fleet.begun).toHaveLength(1);
  });

  test('hands back the proof in hand at once when it is told to hurry', async () => {
    const { slots } = await fleet.addMachine('rig');
    const results = fleet.fanOut(wanted(1));
    const { signal } = await begun(1);
    slots.giveUp();
    expect(await results).toEqual(['HandedBackError']);
    expect(signal.aborted).toBe(true);
  });
});
