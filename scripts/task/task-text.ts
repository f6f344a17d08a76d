import type { PendingTask } from './pending-tasks.js';

/** So much of a task's id tells it from all others. */
const SHOWN_ID = 12;

/** The list as a person reads it. */
export function tasksText(
  tasks: readonly PendingTask[],
  waiting: readonly WaitingSequence[],
  now = Date.now(),
): string {
  return [
    ...(tasks.length > 0 ? tasks.map((task) => taskLine(task, now)) : ['No proof is waited for']),
    ...(waiting.length > 0 ? ['', 'Waiting for a person'] : []),
    ...waiting.flatMap(({ workflowId, alarm, command }) => [`  ${workflowId}: ${alarm}`, `    then: ${command}`]),
  ].join('\n');
}

/** A sequence that goes on when a person says so. */
export interface WaitingSequence {
  workflowId: string;
  alarm: string;
  /** What to type. */
  command: string;
}

function taskLine(task: PendingTask, now: number): string {
  const { taskId, label, hardwareClass, workflowId, activityId, attempt, maximumAttempts, lastFailure } = task;
  const tries = maximumAttempts > 0 ? `attempt ${attempt} of ${maximumAttempts}` : `attempt ${attempt}`;
  return [
    `${taskId.slice(0, SHOWN_ID)}  ${label} of ${workflowId}`,
    // The activity's id is what Temporal's own tools ask for.
    `    ${standingText(task, now)}; ${hardwareClass}, ${tries}, activity ${activityId}`,
    ...(lastFailure === null ? [] : [`    last failure: ${lastFailure}`]),
  ].join('\n');
}

function standingText({ state, since, worker, progress, hardwareClass }: PendingTask, now: number): string {
  const seconds = since === null ? 0 : Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  switch (state) {
    case 'waiting':
      return `waits for a ${hardwareClass} machine, for ${seconds} s`;
    case 'running': {
      const percent = progress?.percent === undefined ? '' : ` ${progress.percent} %`;
      return `runs for ${seconds} s on ${worker ?? '?'}${progress ? `: ${progress.stage}${percent}` : ''}`;
    }
    case 'pausing':
      return `is being paused; ${worker ?? 'its machine'} is told by its next heartbeat`;
    case 'paused':
      return 'is paused';
  }
}
