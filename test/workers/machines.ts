import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { inject, onTestFinished } from 'vitest';
import { createProverActivities } from '../../activities/proving/create-prover-activities.js';
import { encodeTask, taskOf, type TaskDescription } from '../../activities/proving/task-description.js';
import { sha256Hex } from '../../activities/storage/artifact-store.js';
import type { FoundProof, ProverStore } from '../../activities/storage/prover-store.js';
import type { ProverBackend, ProvingContext } from '../../domain/prover-backend.js';
import { createProverSlotSupplier, MAX_OPEN_CLAIMS } from '../../activities/proving/slots/prover-slot-supplier.js';
import {
  createProverSlots,
  type ProverSlotOptions,
  type ProverSlots,
} from '../../activities/proving/slots/prover-slots.js';
import { createSlotWorker } from '../../activities/proving/slots/slot-worker.js';
import { readTaskQueue } from '../../platform/task-queue.js';
import type { ProofTask } from '../../domain/proof.js';
import { sampleStatement } from '../support/proof-samples.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import type { fanOut, FannedOutTask } from './fan-out.js';

/** A proof that a machine has in hand, steered by the test. */
export interface ProofInHand {
  machine: string;
  batch: number;
  progress: ProvingContext['progress'];
  signal: AbortSignal;
  /** What the last machine kept of it. */
  checkpoint: unknown;
  saveCheckpoint(checkpoint: unknown): void;
  finish(): void;
  fail(error: Error): void;
}

/** A mining machine: real worker, slots and activity; its proofs take as long as the test wants. */
export interface TestMachine {
  slots: ProverSlots;
  worker: Worker;
  /** Ends when the worker has ended. */
  run: Promise<void>;
}

/** Mining machines of one queue. */
export interface TestFleet {
  /** Batches whose inputs were fetched, in order. */
  fetched: number[];
  /** Proofs that were begun, in order. */
  begun: ProofInHand[];
  addMachine(name: string, options?: Partial<ProverSlotOptions>): Promise<TestMachine>;
  /** The tasks of batches that were not proved yet. */
  tasks(...batches: number[]): ProofTask[];
  /** Tasks that wait in the queue for a machine. */
  backlog(): Promise<number>;
  /** Has tasks proved; see `fanOut`. */
  fanOut(tasks: FannedOutTask[]): Promise<string[]>;
}

const CIRCUIT = '0x01';

export interface FleetSupport {
  temporal: TestNamespace;
  bundle: WorkflowBundleWithSourceMap;
}

export async function openFleetSupport(): Promise<FleetSupport> {
  const workflowsPath = fileURLToPath(new URL('./fan-out.ts', import.meta.url));
  return { temporal: await openTestNamespace(), bundle: await bundleWorkflowCode({ workflowsPath }) };
}

/** A fleet of its own for one test. */
export async function openFleet({ temporal, bundle }: FleetSupport): Promise<TestFleet> {
  const { namespace, workerConnection: connection, client } = temporal;
  const shared = { namespace, ...TEST_WORKER };
  const [proving, workflows] = [`prove/${randomUUID()}`, `workflows/${randomUUID()}`];
  const artifacts = new Map<string, Uint8Array>();
  const fetched: number[] = [];
  const begun: ProofInHand[] = [];

  async function start(worker: Worker): Promise<{ run: Promise<void> }> {
    const run = worker.run();
    onTestFinished(async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      begun.forEach((proof) => proof.finish());
      await run;
    });
    return { run };
  }

  await start(await Worker.create({ ...shared, connection, taskQueue: workflows, workflowBundle: bundle }));
  return {
    fetched,
    begun,
    async addMachine(name, options = {}) {
      const slots = createProverSlots({ count: 1, ...options });
      const activities = createProverActivities({
        ...{ name, slots, store: memoryStore(artifacts, fetched), backend: steeredBackend(name, begun) },
        onUnfit: () => {},
      });
      // The SDK lets no two workers of one queue share a connection.
      const own = await NativeConnection.connect({ address: inject('temporalAddress') });
      onTestFinished(() => own.close());
      const worker = await createSlotWorker({
        ...{ ...shared, connection: own, taskQueue: proving, activities },
        ...{ supplier: createProverSlotSupplier(slots), maxPolls: MAX_OPEN_CLAIMS },
      });
      return { slots, worker, ...(await start(worker)) };
    },
    tasks: (...batches) =>
      batches.map((batch) => {
        const input = Buffer.from(String(batch));
        const description: TaskDescription = {
          kind: 'batch',
          ...{ rollupType: 'counter', circuitId: CIRCUIT, input: sha256Hex(input) },
          statement: sampleStatement(batch, batch),
        };
        const encoded = encodeTask(description);
        artifacts.set(sha256Hex(input), input).set(sha256Hex(encoded), encoded);
        return taskOf(description);
      }),
    backlog: async () => (await readTaskQueue(client.workflowService, namespace, proving)).backlog,
    fanOut: (tasks) =>
      client.workflow.execute<typeof fanOut>('fanOut', {
        ...{ taskQueue: workflows, workflowId: randomUUID(), args: [proving, tasks] },
      }),
  };
}

function memoryStore(artifacts: Map<string, Uint8Array>, fetched: number[]): ProverStore {
  const proofs = new Map<string, FoundProof>();
  return {
    async readArtifact(digest) {
      const content = artifacts.get(digest);
      if (!content) throw new Error(`no artifact ${digest}`);
      // The input of a batch is its number.
      if (content.length < 10) fetched.push(Number(Buffer.from(content).toString()));
      return content;
    },
    findProof: async (taskId) => proofs.get(taskId) ?? null,
    async addProof(taskId, proof, seconds) {
      const proofDigest = sha256Hex(proof);
      proofs.set(taskId, { proofDigest, prover: 'somebody', seconds });
      return proofDigest;
    },
    circuits: async () => [],
  };
}

function steeredBackend(machine: string, begun: ProofInHand[]): ProverBackend {
  return {
    proofSystem: 'steered',
    circuitId: () => CIRCUIT,
    prove: ({ statement }, { progress, signal, checkpoint, saveCheckpoint = () => {} }) =>
      new Promise((resolve, fail) => {
        const finish = (): void => resolve(Buffer.from(`proof of batch ${statement.firstBatch}`));
        signal.addEventListener('abort', () => fail(new DOMException('given up', 'AbortError')));
        const batch = statement.firstBatch;
        begun.push({ machine, batch, progress, signal, checkpoint, saveCheckpoint, finish, fail });
      }),
    verify: async () => true,
    close: async () => {},
  };
}
