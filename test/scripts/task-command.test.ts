import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runTaskCommand } from '../../scripts/task/run-task-command.js';
import { parseTaskCommand } from '../../scripts/task/task-command.js';
import { goOn } from '../../scripts/sequence/go-on.js';
import { progressQuery } from '../../workflows/messages.js';
import { openTestNamespace, type TestNamespace } from '../support/temporal.js';
import { runScript } from './run-script.js';
import { runSequence, type Prove, type RunOptions } from './run-sequence.js';

let temporal: TestNamespace;
let workflowBundle: WorkflowBundleWithSourceMap;
let sequences = 0;

beforeAll(async () => {
  temporal = await openTestNamespace();
  const workflowsPath = fileURLToPath(new URL('../../workflows/workflows.ts', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ workflowsPath });
});
afterAll(() => temporal.close());

/** `npm run task -- …`, as a person types it. */
async function task(line: string): Promise<string> {
  const command = parseTaskCommand(line.split(' '));
  if (!command) throw new Error('help was asked for');
  return runTaskCommand(temporal.client, command);
}

function run(batches: number, options: RunOptions, during: (id: string) => Promise<void>): Promise<void> {
  return runSequence({ temporal, workflowBundle, first: (sequences += 100) }, batches, options, during);
}

/** A proof that goes on until its machine is told to stop, and says how far it is. */
async function untilStopped(): Promise<void> {
  const { heartbeat, cancelled } = Context.current();
  const beats = setInterval(() => heartbeat({ stage: 'witness', percent: 40 }), 100);
  await cancelled.finally(() => clearInterval(beats));
}

/** The ids of the tasks that the list shows, by label. */
async function listed(): Promise<Record<string, { taskId: string; state: string; hardwareClass: string }>> {
  const { tasks }: { tasks: { taskId: string; label: string; state: string; hardwareClass: string }[] } = JSON.parse(
    await task('list --json'),
  );
  return Object.fromEntries(tasks.map((one) => [one.label, one]));
}

async function untilStates(states: Record<string, string>): Promise<void> {
  await expect
    .poll(async () => Object.fromEntries(Object.entries(await listed()).map(([label, { state }]) => [label, state])))
    .toEqual(states);
}

describe('npm run task', () => {
  test('lists what runs and waits; pauses and resumes both kinds', async () => {
    const begun: string[] = [];
    let stubborn = true;
    const cpu: Prove = async ({ taskId }) => {
      begun.push(taskId);
      if (stubborn && begun.length === 1) await untilStopped();
    };
    await run(2, { cpu }, async (workflowId) => {
      await expect.poll(() => begun).toHaveLength(1);
      await expect.poll(() => task('list')).toMatch(/runs for \d+ s on rig-cpu: witness 40 %; cpu, attempt 1 of 2/);
      expect(await task('list')).toMatch(`of ${workflowId}\n    waits for a cpu machine`);
      const tasks = Object.entries(await listed());
      const [running] = tasks.find(([, { state }]) => state === 'running') ?? [''];
      const [waiting] = tasks.find(([, { state }]) => state === 'waiting') ?? [''];
      const idOf = async (label: string) => (await listed())[label]?.taskId ?? '';

      await task(`pause ${await idOf(waiting)} --reason why`);
      await untilStates({ [running]: 'running', [waiting]: 'paused' });
      await expect(task(`pause ${await idOf(waiting)}`)).rejects.toThrow(/is paused already/);
      stubborn = false;
      expect(await task(`pause ${await idOf(running)}`)).toMatch(/rig-cpu is told by its next heartbeat/);
      await untilStates({ [running]: 'paused', [waiting]: 'paused' });
      expect(begun).toHaveLength(1);

      await task(`resume ${await idOf(waiting)}`);
      await expect.poll(() => begun).toHaveLength(2);
      expect(await task(`resume ${await idOf(running)}`)).toMatch(/resumed/);
    });
    // The paused attempt, each batch, and the fold and final proof after them.
    expect(begun).toHaveLength(5);
  });

  test('begins a task that hangs afresh', async () => {
    let attempts = 0;
    const cpu: Prove = async ({ kind }) => {
      if (kind === 'batch' && ++attempts === 1) await untilStopped();
    };
    await run(1, { cpu }, async () => {
      await untilStates({ 'batch proof 1/1': 'running' });
      const { taskId = '' } = (await listed())['batch proof 1/1'] ?? {};
      expect(await task(`retry ${taskId}`)).toMatch(/batch proof 1\/1 of sequence.*begun afresh/);
    });
    expect(attempts).toBe(2);
  });

  test('hands a task to machines of another class, if there are any', async () => {
    const byGpu: string[] = [];
    const stuck: Prove = ({ kind }) => (kind === 'batch' ? untilStopped() : Promise.resolve());
    const gpu: Prove = async ({ kind }) => void byGpu.push(kind);
    await run(1, { cpu: stuck, gpu }, async () => {
      await untilStates({ 'batch proof 1/1': 'running' });
      const { taskId = '' } = (await listed())['batch proof 1/1'] ?? {};
      await expect(task(`skip ${taskId} cpu`)).rejects.toThrow(/meant for cpu machines already/);
      expect(await task(`skip ${taskId} gpu`)).toMatch(/handed to gpu machines/);
    });
    expect(byGpu).toEqual(['batch']);
  });

  test('hands a task to machines that are all busy, so that Temporal has forgotten them', async () => {
    let stubborn = true;
    const stuck: Prove = async ({ kind }) => {
      if (kind === 'batch' && stubborn) await untilStopped();
    };
    const { client } = temporal;
    // As it answers when five minutes have gone by since the last machine asked.
    const workflowService: typeof client.workflowService = Object.create(client.workflowService, {
      describeTaskQueue: { value: () => Promise.resolve({ pollers: [] }) },
    });
    const forgetful: Client = Object.create(client, {
      workflowService: { value: workflowService },
    });
    const skip = (taskId: string) => runTaskCommand(forgetful, { command: 'skip', task: taskId, hardwareClass: 'gpu' });
    await run(2, { cpu: stuck, gpu: stuck }, async () => {
      const byState = async (state: string) => Object.values(await listed()).filter((one) => one.state === state);
      await expect.poll(async () => (await byState('running')).length).toBe(1);
      const [{ taskId: first = '' } = {}] = await byState('running');
      const [{ taskId: second = '' } = {}] = await byState('waiting');
      await expect(skip(second)).rejects.toThrow(/No gpu machine takes tasks of model/);
      await task(`skip ${first} gpu`);
      await expect
        .poll(async () => (await byState('running')).map(({ hardwareClass }) => hardwareClass).sort())
        .toEqual(['cpu', 'gpu']);
      expect(await skip(second)).toMatch(/handed to gpu machines/);
      stubborn = false;
      await task(`retry ${first}`);
    });
  });

  test('keeps a paused task where it is, while others spill over to another class', async () => {
    let stubborn = true;
    const cpu: Prove = async ({ kind }) => {
      if (kind === 'batch' && stubborn) await untilStopped();
    };
    await run(3, { cpu, spillAfterMs: 3_000 }, async () => {
      await expect
        .poll(async () =>
          Object.values(await listed())
            .map(({ state }) => state)
            .sort(),
        )
        .toEqual(['running', 'waiting', 'waiting']);
      const tasks = Object.values(await listed());
      const [paused, other] = tasks.filter(({ state }) => state === 'waiting').map(({ taskId }) => taskId);
      const running = tasks.find(({ state }) => state === 'running')?.taskId ?? '';
      await task(`pause ${paused}`);
      const standing = async (id: string | undefined) => {
        const { state, hardwareClass } = Object.values(await listed()).find(({ taskId }) => taskId === id) ?? {};
        return `${state} ${hardwareClass}`;
      };
      const before = await standing(paused);
      await expect.poll(() => standing(other)).toBe('waiting gpu');
      expect(await standing(paused)).toBe(before);

      stubborn = false;
      await task(`skip ${other} cpu`);
      await task(`resume ${paused}`);
      await task(`retry ${running}`);
    });
  });

  test('shows a sequence that waits for a person, with what to type', async () => {
    let broken = true;
    const cpu: Prove = async () => {
      if (broken) throw ApplicationFailure.nonRetryable('the circuit cannot prove this');
    };
    await run(1, { cpu }, async (workflowId) => {
      await expect
        .poll(() => task('list'))
        .toMatch(
          `the circuit cannot prove this; mend the cause, then signal \`goOn\`\n    then: npm run sequence -- go-on ${workflowId}`,
        );
      const handle = temporal.client.workflow.getHandle(workflowId);
      expect(await handle.query('__temporal_workflow_metadata')).toMatchObject({
        currentDetails: expect.stringContaining(`| **to go on** | \`npm run sequence -- go-on ${workflowId}\` |`),
      });
      broken = false;
      expect(await goOn(temporal.client, workflowId)).toMatch(/goes on/);
      await expect.poll(async () => (await handle.query(progressQuery)).stage).not.toBe('attention');
    });
  });

  test('lets a sequence go on after three failed rounds, once a person has said so', async () => {
    await run(1, { cpu: async () => {}, view: { failedRoundsInARow: 3, nextTry: 4 } }, async (workflowId) => {
      await expect.poll(() => task('list')).toMatch(/three rounds of ours failed in a row: find out why/);
      expect(await goOn(temporal.client, workflowId)).toMatch(/goes on/);
      const handle = temporal.client.workflow.getHandle(workflowId);
      await expect.poll(async () => (await handle.query(progressQuery)).forgivenRounds).toBe(3);
      // What was forgiven is not asked about again.
      await handle.result();
      await expect(goOn(temporal.client, workflowId)).rejects.toThrow(/has ended already \(COMPLETED\)/);
    });
  });

  test('says what it does not know', async () => {
    await expect(task('pause deadbeef')).rejects.toThrow(/No task that begins with "deadbeef" waits or runs/);
    await expect(task('pause d')).rejects.toThrow(/at least 4 letters/);
    await expect(task('skip deadbeef tpu')).rejects.toThrow(/cpu or gpu, found "tpu"/);
    await expect(task('retry')).rejects.toThrow(/retry needs a TASK/);
    await expect(task('stop deadbeef')).rejects.toThrow(/There is no "stop", known: list/);
    await expect(goOn(temporal.client, 'sequence/1/0xbb/1-1/deadbeef')).rejects.toThrow(/does not run/);
    const address = { TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: temporal.namespace };
    const typed = await runScript('scripts/task.ts', ['list'], { ...address, ZKPOW_HOME: tmpdir() });
    expect(typed).toMatchObject({ code: 0, stderr: '', stdout: 'No proof is waited for\n' });
  });
});
