import type { AcceptedProof, ProofTask } from './proof.js';
import type { SequenceIdentity } from './sequence.js';

/** A task, and its proof where it was made before: finished tasks are never proved again. */
export interface PlannedProof {
  task: ProofTask;
  accepted: AcceptedProof | null;
}

/** What a prover made, as it claims. */
export interface ProvenTask {
  taskId: string;
  /** sha256 of the proof's bytes, in the artifact store. */
  proofDigest: string;
  seconds: number;
  /** Name of the machine. */
  prover: string;
}

/** Whether the aggregator took a proof; a refusal names why and the machine. */
export type ProofVerdict = { accepted: AcceptedProof } | { accepted: null; reason: string; prover: string };

/** The Proof Generator's part that runs on the aggregator: planning tasks, checking and storing proofs. */
export interface ProofGeneratorActivities {
  /** Replays the sequence's batches from the chain, stores their inputs and returns one task a batch, in order. */
  planBatchProofs(sequence: SequenceIdentity): Promise<PlannedProof[]>;
  /** Task that folds two adjacent accepted proofs into one. */
  planAggregateProof(request: { left: AcceptedProof; right: AcceptedProof }): Promise<PlannedProof>;
  /**
   * Task that binds the proof of a whole sequence to the miner. With `replaces` given, asks for a new final proof
   * beside the named one (whose bytes are lost or not fit to be revealed).
   */
  planFinalProof(request: {
    sequence: SequenceIdentity;
    miner: string;
    child: AcceptedProof;
    replaces: string | null;
  }): Promise<PlannedProof>;
  /**
   * Checks a proof and its public inputs against the task, stores it as accepted. A final proof is durable in the
   * database and in a file when this returns. A first accepted proof of a task is never replaced.
   */
  acceptProof(request: { sequence: SequenceIdentity; task: ProofTask; proven: ProvenTask }): Promise<ProofVerdict>;
}

/** The part that runs on a mining machine, on `prove/<type>/<class>`. */
export interface ProverActivities {
  /**
   * Fetches the task's inputs, makes the proof, adds it to the artifact store. Heartbeats with progress.
   *
   * @param checkpoint what a machine that could not finish the proof left for the next one
   */
  prove(task: ProofTask, checkpoint?: unknown): Promise<ProvenTask>;
}
