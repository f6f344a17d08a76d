import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { readTaskQueue } from '../../platform/task-queue.js';
import { nodeProgram } from '../node-program.js';
import { describeExit, type StartedProcess } from '../processes.js';
import type { Stack } from '../stack.js';

const WORKER_MAIN = fileURLToPath(new URL('../../workers/main.ts', import.meta.url));
/** A worker that ends so often within the time below does not help itself by another start. */
const MAX_ENDS = 3;
const ENDS_COUNTED_FOR_MS = 60_000;
const RESTART_PAUSE_MS = 1_000;
const POLLER_PAUSE_MS = 150;
/** A real prover reads keys of some hundred megabytes first. */
const READY_TIMEOUT_MS = 180_000;

export interface WorkerPlan {
  /** Names its log. */
  name: string;
  /** Command line after `npm run worker --`. */
  args: readonly string[];
  env: Record<string, string>;
  /** It is ready when somebody polls this queue. */
  queue: string;
}

export interface WorkerGroup {
  /** The processes that run now, by name. */
  processes: ReadonlyMap<string, StartedProcess>;
  /** Rejects when a worker ends again and again, with the end of its log; never resolves. */
  failed: Promise<never>;
}

/** Starts the workers of a stack, waits until each polls its queue, and starts one that ends again. */
export async function startWorkers(
  stack: Stack,
  client: Client,
  plans: readonly WorkerPlan[],
  {
    ending,
    report,
  }: { /** Fires when the stack is being ended or left. */ ending: AbortSignal; report(line: string): void },
): Promise<WorkerGroup> {
  const processes = new Map<string, StartedProcess>();
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  // Heard by whoever races it; one that nobody races is no crash of this process.
  failed.catch(() => undefined);

  const start = async (plan: WorkerPlan): Promise<void> => {
    const { command, args } = nodeProgram(WORKER_MAIN, plan.args);
    processes.set(plan.name, await stack.startProcess({ name: plan.name, command, args, env: plan.env }));
  };
  const keep = async (plan: WorkerPlan): Promise<void> => {
    const ends: number[] = [];
    for (;;) {
      const process = processes.get(plan.name);
      if (!process) return;
      await process.exited;
      if (ending.aborted) return;
      ends.push(Date.now());
      if (ends.filter((time) => time > Date.now() - ENDS_COUNTED_FOR_MS).length >= MAX_ENDS) {
        return fail(new Error(`The ${plan.name} ended ${MAX_ENDS} times within a minute: ${describeExit(process)}`));
      }
      report(`Starting it again: ${describeExit(process)}`);
      await delay(RESTART_PAUSE_MS);
      if (ending.aborted) return;
      await start(plan);
    }
  };

  await Promise.all(plans.map(start));
  for (const plan of plans) keep(plan).catch(fail);
  const ready = Promise.all(plans.map((plan) => waitForPoller(client, plan)));
  await Promise.race([ready, failed]);
  return { processes, failed };
}

async function waitForPoller(client: Client, { name, queue }: WorkerPlan): Promise<void> {
  for (const end = Date.now() + READY_TIMEOUT_MS; Date.now() < end; await delay(POLLER_PAUSE_MS)) {
    const { pollers } = await readTaskQueue(client.workflowService, client.options.namespace, queue);
    if (pollers.length > 0) return;
  }
  throw new Error(`The ${name} did not poll ${queue} within ${READY_TIMEOUT_MS / 1000} s: see its log`);
}
