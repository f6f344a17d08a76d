import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { askProgress } from './ask-progress.js';

/** How long it may take until it does something else. */
const ANSWER_MS = 3_000;
const POLL_MS = 200;

/**
 * Tells a sequence's workflow that a person has looked at its alarm.
 *
 * @returns what it does now, for a person
 * @throws Error if it does not run or waits for nobody; nothing is changed then
 */
export async function goOn(client: Client, workflowId: string): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  await requireRunning(handle);
  const before = await askProgress(client, workflowId);
  if (before && before.goOn === null) {
    throw new Error(`${workflowId} waits for nobody: ${before.stage}, ${before.doing}`);
  }
  await handle.signal('goOn');
  if (!before) return `${workflowId}: goes on as soon as an aggregator runs (none answers now)`;

  for (const end = Date.now() + ANSWER_MS; Date.now() < end; await delay(POLL_MS)) {
    const now = await askProgress(client, workflowId);
    if (now?.goOn === null) return `${workflowId}: goes on (${now.stage}: ${now.doing})`;
  }
  return `${workflowId}: was told to go on`;
}

async function requireRunning(handle: WorkflowHandle): Promise<void> {
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return;
    throw new Error(`${handle.workflowId} has ended already (${status.name})`);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new Error(`${handle.workflowId} does not run: "npm run start-sequence -- BATCH" starts a sequence`, {
      cause: error,
    });
  }
}
