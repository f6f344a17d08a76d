import { performance } from 'node:perf_hooks';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { DatabaseError } from 'pg';
import type { ProofTask } from '../../domain/proof.js';
import type { ChildProof, ProofRequest, ProverBackend } from '../../domain/prover-backend.js';
import { BadInputError, HandedBackError, ProverUnavailableError } from '../../domain/prover-errors.js';
import { mappingFailures } from '../failures.js';
import { withHeartbeat } from '../heartbeat.js';
import { waitForDatabase } from '../storage/patient-prover-store.js';
import type { ProverStore } from '../storage/prover-store.js';
import type { ProvenTask, ProverActivities } from '../../domain/proof-generator-activities.js';
import type { ProofSlots, SlotClaim } from './proof-slots.js';
import { createProverProgress, type ProverProgress } from './prover-progress.js';
import { decodeTask, type ChildProofReference, type TaskDescription } from './task-description.js';

export interface ProverDeps {
  /** Name of this machine, as it was granted. */
  name: string;
  store: ProverStore;
  backend: ProverBackend;
  slots: ProofSlots;
  /**
   * Called when the database refuses this machine, or it has other circuits than its miner: it is to take no more tasks,
   * and to say why.
   */
  onUnfit(reason: string): void;
}

/** The task was made for circuits or keys that the miner worked with before: this machine has the present ones. */
export class WrongCircuitError extends Error {
  override readonly name = 'WrongCircuitError';
}

/** This machine has other circuits or keys than its miner: any other can do its tasks. */
class OutdatedMachineError extends HandedBackError {}

/** The aggregator takes nothing more from this machine. */
export class ProverSetAsideError extends Error {
  override readonly name = 'ProverSetAsideError';
}

/**
 * What a mining machine runs: one task in, one proof out. Fetching a task's inputs and handing in its proof need no
 * slot: they go on while the slot makes another proof.
 */
export function createProverActivities(deps: ProverDeps): ProverActivities {
  return {
    prove: mappingFailures(async (task, left) => {
      const context = Context.current();
      const progress = createProverProgress(context, left);
      const scheduledAtMs = context.info.currentAttemptScheduledTimestampMs;
      const { taskId, kind, firstBatch, lastBatch } = task;
      let claim: SlotClaim | undefined;
      let isSick = false;
      try {
        const own = deps.slots.claim({ taskId, kind, firstBatch, lastBatch, scheduledAtMs });
        claim = own;
        const work = (signal: AbortSignal) => proveTask(deps, task, { claim: own, progress, signal });
        return await withHeartbeat(progress.beat, work, 'after a pause');
      } catch (error) {
        // Inputs that it calls bad may well be good: others are to have the next try, and it is not to refuse everybody's.
        isSick = error instanceof ProverUnavailableError || error instanceof BadInputError;
        if (error instanceof OutdatedMachineError) deps.onUnfit(error.message);
        if (error instanceof HandedBackError || isShutDown(context)) throw handBack(error, progress.checkpoint());
        if (!isSetAside(error)) throw error;
        deps.onUnfit(error.message);
        throw new ProverSetAsideError(error.message, { cause: error });
      } finally {
        claim?.leave(isSick);
      }
    }),
  };
}

interface TaskContext {
  claim: SlotClaim;
  progress: ProverProgress;
  signal: AbortSignal;
}

async function proveTask(deps: ProverDeps, task: ProofTask, context: TaskContext): Promise<ProvenTask> {
  const { name } = deps;
  const { signal, progress } = context;
  const store = waitForDatabase(deps.store, signal);
  // Asked for together: each is a way to the database and back.
  const [found, taskArtifact] = await Promise.allSettled([
    store.findProof(task.taskId),
    store.readArtifact(task.inputDigest),
  ]);
  const before = valueOf(found);
  if (before) return { taskId: task.taskId, ...before };

  const description = decodeTask(valueOf(taskArtifact));
  await requireSameCircuit(deps, description, task.taskId, store);
  const request = await fetchInputs(store, description);
  progress.tell('waiting for a slot');
  const { proof, seconds } = await proveInSlot(deps.backend, request, context);
  signal.throwIfAborted();

  progress.tell('handing in the proof');
  const proofDigest = await store.addProof(task.taskId, proof, seconds);
  return { taskId: task.taskId, proofDigest, seconds, prover: name };
}

/** @throws OutdatedMachineError or WrongCircuitError, as it is the machine or the task that is not of the miner's version */
async function requireSameCircuit(
  { backend, name }: ProverDeps,
  { kind, circuitId: needed }: TaskDescription,
  taskId: string,
  store: ProverStore,
): Promise<void> {
  const own = backend.circuitId(kind);
  if (own === needed) return;
  const known = (await store.circuits()).find((circuit) => {
    return circuit.proofSystem === backend.proofSystem && circuit.kind === kind;
  });
  const difference = `Task ${taskId} needs ${kind} circuit ${needed}, prover ${name} has ${own}`;
  if (known?.circuitId === own) {
    throw new WrongCircuitError(
      `${difference}, as the aggregator has now: the task was planned for an earlier version, and needs a machine of that`,
    );
  }
  throw new OutdatedMachineError(`${difference}: bring the machine to the version of the aggregator`);
}

function proveInSlot(
  backend: ProverBackend,
  request: ProofRequest,
  { claim, progress, signal }: TaskContext,
): Promise<{ proof: Uint8Array; seconds: number }> {
  return claim.prove(signal, async (slot) => {
    const begun = performance.now();
    const proof = await backend.prove(request, {
      slot: slot.slot,
      signal: slot.signal,
      progress(stage, fraction) {
        progress.tell(stage, fraction);
        slot.progress(stage, fraction);
      },
      saveCheckpoint: progress.saveCheckpoint,
      checkpoint: progress.checkpoint(),
    });
    return { proof, seconds: (performance.now() - begun) / 1000 };
  });
}

/** Whether the worker has waited for this task as long as it may after it was told to end. */
function isShutDown({ cancellationSignal }: Context): boolean {
  const reason: unknown = cancellationSignal.reason;
  return cancellationSignal.aborted && reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
}

/** As a workflow understands it: the same try, for another machine, which is given the checkpoint. */
function handBack(error: unknown, checkpoint: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type: HandedBackError.name,
    message: error instanceof Error ? error.message : String(error),
    nonRetryable: true,
    details: checkpoint === undefined ? [] : [checkpoint],
  });
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function fetchInputs(store: ProverStore, description: TaskDescription): Promise<ProofRequest> {
  const { kind, statement } = description;
  const child = async ({ proof, ...rest }: ChildProofReference): Promise<ChildProof> => {
    return { ...rest, proof: await store.readArtifact(proof) };
  };
  switch (kind) {
    case 'batch':
      return { kind, statement, input: await store.readArtifact(description.input) };
    case 'aggregate': {
      const [left, right] = await Promise.all([child(description.left), child(description.right)]);
      return { kind, statement, left, right };
    }
    case 'final':
      return { kind, statement, miner: description.miner, child: await child(description.child) };
  }
}

/** The database functions of provers raise this for a machine that was set aside. */
export function isSetAside(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.code === 'ZK002';
}
