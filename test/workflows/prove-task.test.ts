import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { toFailure } from '../../activities/failures.js';
import type { ProverActivities } from '../../domain/proof-generator-activities.js';
import type { StageManifest } from '../../domain/stage-manifest.js';
import { BadInputError, OutOfMemoryError, ProverUnavailableError } from '../../domain/prover-errors.js';
import { readTaskQueue } from '../../platform/task-queue.js';
import { createMachineActivities } from '../../workers/machine-activities.js';
import { AGGREGATOR_QUEUE, proverQueue, type HardwareClass } from '../../domain/names.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import type { proveOne } from './prove-one.js';

let temporal: TestNamespace;
let workflowBundle: WorkflowBundleWithSourceMap;
/** The part of the aggregator that a task needs. */
let aggregator: { worker: Worker; run: Promise<void> };
beforeAll(async () => {
  temporal = await openTestNamespace();
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./prove-one.ts', import.meta.url)),
  });
  const worker = await Worker.create({
    ...{ namespace: temporal.namespace, connection: temporal.workerConnection, ...TEST_WORKER },
    ...{ taskQueue: AGGREGATOR_QUEUE, activities: { ...createMachineActivities(temporal.client) } },
  });
  aggregator = { worker, run: worker.run() };
});
afterAll(async () => {
  aggregator.worker.shutdown();
  await aggregator.run;
  await temporal.close();
});

const STAGE: StageManifest = { hardwareClass: 'cpu', timeoutMs: 60_000, attempts: 2 };
const TO_GPU = { hardwareClass: 'gpu', afterMs: null, afterFailures: ['OutOfMemoryError'] } as const;

/** What a machine does with its nth task, from 1: it is done where nothing is thrown. */
type Machine = (nth: number, checkpoint: unknown) => void | Promise<void>;

/**
 * Has one task proved by machines that the test makes up.
 *
 * @returns class of the machine that did it, and the classes of all that were asked, in order
 */
async function prove(stage: StageManifest, machines: Partial<Record<HardwareClass, Machine>>) {
  const rollupType = randomUUID();
  const shared = { namespace: temporal.namespace, ...TEST_WORKER };
  const start = async (worker: Worker): Promise<void> => {
    const run = worker.run();
    onTestFinished(async () => {
      worker.shutdown();
      await run;
    });
  };
  const connection = temporal.workerConnection;
  await start(await Worker.create({ ...shared, connection, taskQueue: rollupType, workflowBundle }));
  const asked: HardwareClass[] = [];
  for (const hardwareClass of ['cpu', 'gpu'] as const) {
    const machine = machines[hardwareClass];
    if (!machine) continue;
    const activities: ProverActivities = {
      async prove({ taskId }, checkpoint) {
        asked.push(hardwareClass);
        try {
          await machine(asked.filter((one) => one === hardwareClass).length, checkpoint);
        } catch (error) {
          throw toFailure(error, Context.current().info.attempt);
        }
        return { taskId, proofDigest: 'ab', seconds: 1, prover: hardwareClass };
      },
    };
    const own = await NativeConnection.connect({ address: inject('temporalAddress') });
    onTestFinished(() => own.close());
    const taskQueue = proverQueue(rollupType, hardwareClass);
    await start(await Worker.create({ ...shared, connection: own, taskQueue, activities: { ...activities } }));
    // Known to the server before it is asked who is there.
    const polled = () => readTaskQueue(temporal.client.workflowService, temporal.namespace, taskQueue);
    await expect.poll(async () => (await polled()).pollers.length).toBeGreaterThan(0);
  }
  const stages = { batch: stage, aggregate: stage, final: stage };
  const task = { taskId: 't', kind: 'batch', rollupType, firstBatch: 1, lastBatch: 1, inputDigest: 'cd' } as const;
  const rollup = { rollupType, proofSystem: 'model', stages };
  const request = { rollup, rollupAddress: '0xaa', task, sequencesAhead: 0, summary: 'batch proof 1/1' };
  const { prover } = await temporal.client.workflow.execute<typeof proveOne>('proveOne', {
    ...{ taskQueue: rollupType, workflowId: randomUUID(), args: [request] },
  });
  return { prover, asked };
}

const busy = (checkpoint?: string) =>
  ApplicationFailure.create({ type: 'HandedBackError', nonRetryable: true, details: [checkpoint] });

describe('a task', () => {
  test('that machines have no time for uses up no try, and takes along what the last of them left', async () => {
    const left: unknown[] = [];
    const result = await prove(STAGE, {
      cpu(nth, checkpoint) {
        left.push(checkpoint);
        if (nth < 5) throw busy(nth === 2 ? 'half of it' : undefined);
      },
    });
    expect(result).toEqual({ prover: 'cpu', asked: ['cpu', 'cpu', 'cpu', 'cpu', 'cpu'] });
    expect(left).toEqual([undefined, undefined, 'half of it', 'half of it', 'half of it']);
  });

  test('that is too much for the machines it is meant for goes to larger ones at once', async () => {
    const cpu = () => {
      throw new OutOfMemoryError('no memory');
    };
    expect(await prove({ ...STAGE, spillOver: TO_GPU }, { cpu, gpu: () => {} })).toEqual({
      prover: 'gpu',
      asked: ['cpu', 'gpu'],
    });
  });

  test('that is too much for its machines, where there are no larger ones, is tried again by them at once', async () => {
    const cpu = (nth: number) => {
      if (nth < 3) throw new OutOfMemoryError('no memory');
    };
    expect(await prove({ ...STAGE, spillOver: TO_GPU }, { cpu })).toEqual({
      prover: 'cpu',
      asked: ['cpu', 'cpu', 'cpu'],
    });
  });

  test('that waits too long for the machines it is meant for goes to others', async () => {
    const stage = { ...STAGE, spillOver: { ...TO_GPU, afterMs: 200 } };
    expect(await prove(stage, { gpu: () => {} })).toEqual({ prover: 'gpu', asked: ['gpu'] });
  });

  test('is tried as often as its manifest says where no other class can do it, and what machines call bad input three times', async () => {
    let asked = 0;
    const failing = (error: Error) => ({
      cpu: () => {
        asked += 1;
        throw error;
      },
    });
    for (const [error, tries] of [
      [new OutOfMemoryError('no memory'), 4],
      [new ProverUnavailableError('lost'), 4],
      [new BadInputError('cannot be proved'), 3],
    ] as const) {
      asked = 0;
      await expect(prove({ ...STAGE, attempts: 4 }, failing(error))).rejects.toMatchObject({
        cause: { cause: { type: error.name } },
      });
      expect(asked, error.name).toBe(tries);
    }
    asked = 0;
    const spilling = { ...STAGE, attempts: 4, spillOver: TO_GPU };
    await expect(prove(spilling, failing(new BadInputError('cannot be proved')))).rejects.toThrow();
    expect(asked).toBe(3);
  });

  test('that one machine alone calls bad input is proved by the next', async () => {
    const cpu = (nth: number) => {
      if (nth === 1) throw new BadInputError('cannot be proved');
    };
    expect(await prove(STAGE, { cpu })).toEqual({ prover: 'cpu', asked: ['cpu', 'cpu'] });
  });
});
