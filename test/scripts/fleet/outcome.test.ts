import { describe, expect, test } from 'vitest';
import type { ProveAttempt } from '../../../lab/scenarios/fleet/prove-attempts.js';
import { provedAgain, type TaskRow } from '../../../lab/scenarios/fleet/proved.js';
import { measureRecoveries } from '../../../lab/scenarios/fleet/recoveries.js';
import type { LedgerLine } from '../../../lab/scenarios/fleet/machine-program.js';

const begun = (at: number): LedgerLine => ({
  ...{ event: 'begun', machine: 'm1', kind: 'batch', firstBatch: 1, lastBatch: 1, at, pid: 7 },
});
const task = (...submitted: TaskRow['submitted']): TaskRow => ({
  ...{ task_id: 't', kind: 'batch', first_batch: 1, last_batch: 1, accepted_prover: 'm1', submitted },
});

describe('a task is proved again', () => {
  const good = { prover: 'm1', at: new Date(1_000), refused_for: null };
  test('when a proof is begun after a good one was handed in', () => {
    expect(provedAgain([task(good)], [begun(900), begun(1_001)])).toEqual([begun(1_001)]);
  });

  test('but not when the one before was refused, or never handed in', () => {
    expect(provedAgain([task({ ...good, refused_for: 'bad' })], [begun(1_001)])).toEqual([]);
    expect(provedAgain([task()], [begun(900), begun(1_001)])).toEqual([]);
  });
});

describe('the time of a recovery', () => {
  const attempt = (number: number, startedAt: number, taskId = 't'): ProveAttempt => ({
    ...{ taskId, workflowId: 'w', activityId: taskId, attempt: number, worker: '7@host', startedAt, running: true },
  });
  test('goes from the loss to the next start of the task, whoever lost it then', () => {
    const held = [attempt(1, 500)];
    const losses = [
      { machine: 'm1', at: 1_000, held },
      { machine: 'm2', at: 3_500, held: [attempt(2, 3_000)] },
    ];
    const attempts = [...held, attempt(3, 9_500), attempt(2, 3_000), attempt(4, 2_000, 'other')];
    expect(measureRecoveries(losses, attempts)).toEqual([
      { machine: 'm1', taskId: 't', seconds: 2 },
      { machine: 'm2', taskId: 't', seconds: 6 },
    ]);
  });

  test('is an error where the task never began again', () => {
    const held = [attempt(1, 500)];
    expect(() => measureRecoveries([{ machine: 'm1', at: 1_000, held }], held)).toThrow('never begun again');
  });
});
