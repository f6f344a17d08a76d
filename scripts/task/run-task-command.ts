import type { Client } from '@temporalio/client';
import { readPendingTasks } from './pending-tasks.js';
import { findTask, pauseTask, resumeTask, retryTask, skipToClass } from './task-actions.js';
import type { TaskCommand } from './task-command.js';
import { tasksText } from './task-text.js';
import { readWaitingSequences } from './waiting-sequences.js';

/** @returns what was done or found, for a person */
export async function runTaskCommand(client: Client, command: TaskCommand): Promise<string> {
  if (command.command === 'list') {
    const [tasks, waiting] = await Promise.all([readPendingTasks(client), readWaitingSequences(client)]);
    return command.json ? JSON.stringify({ tasks, waiting }, null, 2) : tasksText(tasks, waiting);
  }
  const task = await findTask(client, command.task);
  const name = `${task.label} of ${task.workflowId}`;
  switch (command.command) {
    case 'retry':
      await retryTask(client, task);
      return `${name}: begun afresh`;
    case 'pause':
      if (task.state === 'paused') throw new Error(`${name} is paused already`);
      await pauseTask(client, task, command.reason);
      return task.state === 'running'
        ? `${name}: paused; ${task.worker ?? 'its machine'} is told by its next heartbeat`
        : `${name}: paused`;
    case 'resume':
      if (task.state !== 'paused' && task.state !== 'pausing') throw new Error(`${name} is not paused`);
      await resumeTask(client, task);
      return `${name}: resumed`;
    case 'skip':
      await skipToClass(client, task, command.hardwareClass);
      return `${name}: handed to ${command.hardwareClass} machines`;
  }
}
