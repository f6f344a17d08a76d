import { performance } from 'node:perf_hooks';
import { Context } from '@temporalio/activity';
import { DatabaseError } from 'pg';
import type { ProofTask } from '../../workflows/domain/proof.js';
import type { ChildProof, ProofRequest, ProverBackend, ProvingContext } from '../../provers/prover-backend.js';
import { mappingFailures } from '../failures.js';
import { withHeartbeat } from '../heartbeat.js';
import { waitForDatabase } from '../storage/patient-prover-store.js';
import type { ProverStore } from '../storage/prover-store.js';
import type { ProvenTask, ProverActivities } from './proof-generator-activities.js';
import type { ProofSlots, SlotClaim } from './proof-slots.js';
import { decodeTask, type ChildProofReference, type TaskDescription } from './task-description.js';

export interface ProverDeps {
  /** Name of this machine, as it was granted. */
  name: string;
  store: ProverStore;
  backend: ProverBackend;
  slots: ProofSlots;
  /** Called when the database refuses this machine: it is to take no more tasks, and to say why. */
  onSetAside(reason: string): void;
}

/** This machine has other circuits or keys than the task was made for; one that has them can do it. */
export class WrongCircuitError extends Error {
  override readonly name = 'WrongCircuitError';
}

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
    prove: mappingFailures(async (task) => {
      const { currentAttemptScheduledTimestampMs: scheduledAtMs } = Context.current().info;
      const { taskId, kind, firstBatch, lastBatch } = task;
      const claim = deps.slots.claim({ taskId, kind, firstBatch, lastBatch, scheduledAtMs });
      let details: { stage: string; percent?: number } = { stage: 'fetching inputs' };
      const progress = (stage: string, fraction?: number) => {
        details = fraction === undefined ? { stage } : { stage, percent: Math.round(fraction * 100) };
      };
      try {
        return await withHeartbeat(
          () => details,
          (signal) =>
            proveTask({ ...deps, store: waitForDatabase(deps.store, signal) }, claim, task, { signal, progress }),
          'after a pause',
        );
      } catch (error) {
        if (!isSetAside(error)) throw error;
        deps.onSetAside(error.message);
        throw new ProverSetAsideError(error.message, { cause: error });
      } finally {
        claim.leave();
      }
    }),
  };
}

async function proveTask(
  { name, store, backend }: ProverDeps,
  claim: SlotClaim,
  task: ProofTask,
  { signal, progress }: ProvingContext,
): Promise<ProvenTask> {
  // Asked for together: each is a way to the database and back.
  const [found, taskArtifact] = await Promise.allSettled([
    store.findProof(task.taskId),
    store.readArtifact(task.inputDigest),
  ]);
  const before = valueOf(found);
  if (before) return { taskId: task.taskId, ...before };

  const description = decodeTask(valueOf(taskArtifact));
  const circuitId = backend.circuitId(description.kind);
  if (description.circuitId !== circuitId) {
    throw new WrongCircuitError(
      `Task ${task.taskId} needs ${description.kind} circuit ${description.circuitId}, prover ${name} has ${circuitId}: ` +
        'bring the machine to the version of the aggregator',
    );
  }
  const request = await fetchInputs(store, description);
  progress('waiting for a slot');
  const { proof, seconds } = await claim.prove(signal, async (slot) => {
    const begun = performance.now();
    const proof = await backend.prove(request, {
      signal: slot.signal,
      progress(stage, fraction) {
        progress(stage, fraction);
        slot.progress(stage, fraction);
      },
    });
    return { proof, seconds: (performance.now() - begun) / 1000 };
  });
  signal.throwIfAborted();

  progress('handing in the proof');
  const proofDigest = await store.addProof(task.taskId, proof, seconds);
  return { taskId: task.taskId, proofDigest, seconds, prover: name };
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
