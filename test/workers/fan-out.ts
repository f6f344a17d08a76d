import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { ProverActivities } from '../../activities/proving/proof-generator-activities.js';
import type { ProofTask } from '../../workflows/domain/proof.js';

/** One task for a machine, and how the server is to order it. */
export interface FannedOutTask {
  task: ProofTask;
  priority?: { priorityKey: number; fairnessKey: string };
}

/**
 * Has tasks proved, all at once and without another try.
 *
 * @returns for each task the name of the machine that proved it, or the type of the failure
 */
export async function fanOut(taskQueue: string, tasks: FannedOutTask[]): Promise<string[]> {
  return Promise.all(
    tasks.map(async ({ task, priority }) => {
      const { prove } = proxyActivities<ProverActivities>({
        ...{ taskQueue, startToCloseTimeout: '10 minutes', heartbeatTimeout: '15 seconds' },
        ...(priority && { priority }),
        retry: { maximumAttempts: 1 },
      });
      try {
        return (await prove(task)).prover;
      } catch (error) {
        const cause = error instanceof ActivityFailure ? error.cause : error;
        return cause instanceof ApplicationFailure ? String(cause.type) : String(cause);
      }
    }),
  );
}
