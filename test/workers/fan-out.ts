import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { ProverActivities } from '../../domain/proof-generator-activities.js';
import type { ProofTask } from '../../domain/proof.js';
import { createRamp } from '../../workflows/ramp.js';

/** One task for a machine, and how the server is to order it. */
export interface FannedOutTask {
  task: ProofTask;
  /** 1 unless given. */
  attempts?: number;
  priority?: { priorityKey: number; fairnessKey: string; fairnessWeight?: number };
}

/**
 * Has tasks proved, in waves as the Proof Generator does, and without another try unless one is asked for.
 *
 * @returns for each task the name of the machine that proved it, or the type of the failure and what is in it
 */
export async function fanOut(taskQueue: string, tasks: FannedOutTask[], firstWave?: number): Promise<string[]> {
  const ramp = createRamp(firstWave);
  return Promise.all(tasks.map((one) => ramp(() => proveOnce(taskQueue, one))));
}

async function proveOnce(taskQueue: string, { task, priority, attempts = 1 }: FannedOutTask): Promise<string> {
  const { prove } = proxyActivities<ProverActivities>({
    ...{ taskQueue, startToCloseTimeout: '10 minutes', heartbeatTimeout: '15 seconds' },
    ...(priority && { priority }),
    retry: { initialInterval: 1, maximumAttempts: attempts },
  });
  try {
    return (await prove(task)).prover;
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : error;
    if (!(cause instanceof ApplicationFailure)) return String(cause);
    const [left] = cause.details ?? [];
    return left ? `${cause.type}, leaving ${JSON.stringify(left)}` : String(cause.type);
  }
}
