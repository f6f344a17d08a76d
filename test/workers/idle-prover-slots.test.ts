import { expect, test } from 'vitest';
import { ProverUnavailableError } from '../../domain/prover-errors.js';
import type { ProverPool } from '../../domain/prover-pool.js';
import { createIdleProverSlots } from '../../activities/proving/slots/idle-prover-slots.js';

const IDLE = 'idle';
const TASK = { taskId: '1', kind: 'batch', firstBatch: 1, lastBatch: 1, scheduledAtMs: 0 } as const;
const CONTEXT = {
  slotType: 'activity',
  taskQueue: 'q',
  workerIdentity: 'w',
  workerBuildId: '',
  isSticky: false,
} as const;
const never = new AbortController().signal;

/** A pool whose provers have dialled in; what they compute is told to the slots by the test. */
function poolOf(...states: string[]): ProverPool {
  return { provers: () => states.map((state) => ({ state })), onState: () => {} };
}

test('a gateway whose proofs fail one after the other asks for no task for a while, then for the next', async () => {
  const rests: number[] = [];
  const { proofs, supplier } = createIdleProverSlots(poolOf(IDLE), { onRest: (restMs) => rests.push(restMs) });
  const fail = async (): Promise<void> => {
    const permit = await supplier.reserveSlot(CONTEXT, never);
    const claim = proofs.claim(TASK);
    const failing = claim.prove(never, () => Promise.reject(new ProverUnavailableError('lost')));
    await expect(failing).rejects.toThrow('lost');
    claim.leave(true);
    supplier.releaseSlot({ permit });
  };
  await fail();
  expect(rests).toEqual([]);
  await fail();
  expect(rests).toEqual([1_000]);
  expect(supplier.tryReserveSlot(CONTEXT)).toBeNull();
  await fail();
  expect(rests).toEqual([1_000, 2_000]);
});

test('a proof that is made ends the row of failures', async () => {
  const rests: number[] = [];
  const { proofs } = createIdleProverSlots(poolOf(IDLE), { onRest: (restMs) => rests.push(restMs) });
  proofs.claim(TASK).leave(true);
  const claim = proofs.claim(TASK);
  await claim.prove(never, () => Promise.resolve('a proof'));
  claim.leave(false);
  proofs.claim(TASK).leave(true);
  expect(rests).toEqual([]);
});

test('each proof is told at its end, with its task and how it ended', async () => {
  const told: unknown[] = [];
  const { proofs } = createIdleProverSlots(poolOf(IDLE), { onProof: (record) => told.push(record) });
  await proofs.claim(TASK).prove(never, () => Promise.resolve('a proof'));
  await expect(proofs.claim(TASK).prove(never, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  const times = { beganAtMs: expect.any(Number), endedAtMs: expect.any(Number) };
  expect(told).toEqual([
    { ...TASK, ...times, outcome: 'made' },
    { ...TASK, ...times, outcome: 'failed' },
  ]);
});
