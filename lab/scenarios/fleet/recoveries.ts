import type { ScenarioContext, Figures } from '../scenario.js';
import type { Fleet } from './fleet.js';
import { readProveAttempts, type ProveAttempt } from './prove-attempts.js';

/** Of the workflows: after so long without a sign of life a task is taken from a machine; then it has to begin elsewhere. */
export const RECOVERY_LIMIT_SECONDS = 15 + 5;

/** A machine was lost with a task in hand, and another worker began that task. */
export interface Recovery {
  machine: string;
  taskId: string;
  seconds: number;
}

/** A machine that was lost, when (milliseconds since 1970), and what it had in hand. */
export interface Loss {
  machine: string;
  at: number;
  held: ProveAttempt[];
}

/** Follows what becomes of the tasks that lost machines had in hand. */
export interface Recoveries {
  /**
   * To be called right after a machine was lost.
   *
   * @param pid of the worker that is dead or deaf
   * @returns the tasks that it had in hand
   */
  lost(machine: string, pid: number): Promise<ProveAttempt[]>;
  /** @throws Error if a task was never begun again */
  measure(): Promise<Recovery[]>;
}

export function watchRecoveries(fleet: Fleet): Recoveries {
  const losses: Loss[] = [];
  const seen = new Map<string, ProveAttempt>();
  const look = async (): Promise<ProveAttempt[]> => {
    const attempts = await readProveAttempts(fleet.client, fleet.posted);
    for (const one of attempts) seen.set(nameOf(one), one);
    return attempts;
  };
  return {
    async lost(machine, pid) {
      const at = Date.now();
      const held = (await look()).filter(
        ({ running, worker }) => running && worker.split(/[@/ ]/).includes(String(pid)),
      );
      losses.push({ machine, at, held });
      return held;
    },
    async measure() {
      await look();
      return measureRecoveries(losses, [...seen.values()]);
    },
  };
}

/** @throws Error if a task was never begun again */
export function measureRecoveries(losses: readonly Loss[], attempts: readonly ProveAttempt[]): Recovery[] {
  return losses.flatMap(({ machine, at, held }) =>
    held.map((task) => {
      const later = attempts.filter((other) => other.taskId === task.taskId && nameOf(other) !== nameOf(task));
      const next = Math.min(...later.map(({ startedAt }) => startedAt).filter((startedAt) => startedAt >= at));
      if (!Number.isFinite(next)) throw new Error(`task ${task.taskId} of machine ${machine} was never begun again`);
      return { machine, taskId: task.taskId, seconds: (next - at) / 1_000 };
    }),
  );
}

function nameOf({ workflowId, activityId, attempt }: ProveAttempt): string {
  return `${workflowId} ${activityId} ${attempt}`;
}

/** Holds recoveries to their limit: in a full run only, since a loaded machine of the tests may be late. */
export function checkRecoveries({ checks, size }: ScenarioContext, recoveries: readonly Recovery[]): Figures {
  const late = recoveries.filter(({ seconds }) => seconds > RECOVERY_LIMIT_SECONDS);
  if (size === 'full') checks.must(late.length === 0, `tasks begin elsewhere within ${RECOVERY_LIMIT_SECONDS} s`, late);
  const seconds = recoveries.map((recovery) => recovery.seconds);
  return {
    recoveries: seconds.length,
    recoverySecondsMean: (seconds.reduce((sum, one) => sum + one, 0) / Math.max(1, seconds.length)).toFixed(1),
    recoverySecondsMost: Math.max(0, ...seconds).toFixed(1),
  };
}
