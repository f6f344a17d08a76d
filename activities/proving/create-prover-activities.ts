import { performance } from 'node:perf_hooks';
import { log } from '@temporalio/activity';
import { DatabaseError } from 'pg';
import type { ProofTask } from '../../workflows/domain/proof.js';
import type { ChildProof, ProofRequest, ProverBackend } from '../../provers/prover-backend.js';
import { mappingFailures } from '../failures.js';
import { withHeartbeat } from '../heartbeat.js';
import { waitForDatabase } from '../storage/patient-prover-store.js';
import type { ProverStore } from '../storage/prover-store.js';
import type { ProvenTask, ProverActivities } from './proof-generator-activities.js';
import { decodeTask, type ChildProofReference, type TaskDescription } from './task-description.js';

export interface ProverDeps {
  /** Name of this machine, as it was granted. */
  name: string;
  store: ProverStore;
  backend: ProverBackend;
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

/** What a mining machine runs: one task in, one proof out. */
export function createProverActivities(deps: ProverDeps): ProverActivities {
  return {
    prove: mappingFailures(async (task) => {
      let details: { stage: string; percent?: number } = { stage: 'fetching inputs' };
      const progress = (stage: string, fraction?: number) => {
        details = fraction === undefined ? { stage } : { stage, percent: Math.round(fraction * 100) };
      };
      try {
        return await withHeartbeat(
          () => details,
          (signal) => proveTask({ ...deps, store: waitForDatabase(deps.store, signal) }, task, { signal, progress }),
        );
      } catch (error) {
        if (!isSetAside(error)) throw error;
        deps.onSetAside(error.message);
        throw new ProverSetAsideError(error.message, { cause: error });
      }
    }),
  };
}

async function proveTask(
  { name, store, backend }: ProverDeps,
  task: ProofTask,
  context: Parameters<ProverBackend['prove']>[1],
): Promise<ProvenTask> {
  const found = await store.findProof(task.taskId);
  if (found) return { taskId: task.taskId, ...found };

  const description = decodeTask(await store.readArtifact(task.inputDigest));
  const circuitId = backend.circuitId(description.kind);
  if (description.circuitId !== circuitId) {
    throw new WrongCircuitError(
      `Task ${task.taskId} needs ${description.kind} circuit ${description.circuitId}, prover ${name} has ${circuitId}: ` +
        'bring the machine to the version of the aggregator',
    );
  }
  const request = await fetchInputs(store, description);
  const begun = performance.now();
  const proof = await backend.prove(request, context);
  const ended = performance.now();
  const seconds = (ended - begun) / 1000;
  log.info('proof made', { ...briefly(task), beganAtMs: wallClock(begun), endedAtMs: wallClock(ended) });
  context.signal.throwIfAborted();

  context.progress('handing in the proof');
  const proofDigest = await store.addProof(task.taskId, proof, seconds);
  return { taskId: task.taskId, proofDigest, seconds, prover: name };
}

function briefly({ taskId, kind, firstBatch, lastBatch }: ProofTask) {
  return { taskId, kind, firstBatch, lastBatch };
}

/** Milliseconds since 1970, with fractions, of an instant on this process's own clock. */
function wallClock(instant: number): number {
  return performance.timeOrigin + instant;
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
function isSetAside(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.code === 'ZK002';
}
