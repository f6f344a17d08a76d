import type { ProofKind, Statement } from './proof.js';

/** A proof to be folded into the next one, with what it says. */
export interface ChildProof {
  kind: 'batch' | 'aggregate';
  statement: Statement;
  proof: Uint8Array;
}

/** All that a backend is given to make one proof. */
export type ProofRequest =
  | {
      kind: 'batch';
      statement: Statement;
      /** Made by the rollup type, understood by its circuits. */ input: Uint8Array;
    }
  | { kind: 'aggregate'; statement: Statement; left: ChildProof; right: ChildProof }
  | { kind: 'final'; statement: Statement; miner: string; child: ChildProof };

/** What a backend may tell while it works, and how it learns that nobody wants the proof any more. */
export interface ProvingContext {
  signal: AbortSignal;
  /** Number of the slot that the proof is made in, from 1: with one slot a GPU it tells which. */
  slot?: number;
  /** Called now and then with a stage name and, where the prover tells, how much of it is done (0 to 1). */
  progress(stage: string, fraction?: number): void;
  /**
   * Keeps how far the proof is, as JSON of at most `MAX_CHECKPOINT_BYTES`: should this machine die or be told to stop, the
   * next one is given it. For backends that can go on where another stopped.
   */
  saveCheckpoint?(checkpoint: unknown): void;
  /** What the last machine kept, if one did. It comes from a machine that nobody vouches for. */
  checkpoint?: unknown;
}

/** It travels with heartbeats: what is larger belongs into a place of the backend's own, and here only where that is. */
export const MAX_CHECKPOINT_BYTES = 64 * 1024;

/** A proof and what it is claimed to prove; nothing in it is believed before `verify` says so. */
export interface ProofToVerify {
  kind: ProofKind;
  statement: Statement;
  /** The address a final proof is bound to; absent for the other kinds. */
  miner?: string;
  proof: Uint8Array;
}

/** A program that makes and checks the proofs of one proof system. */
export interface ProverBackend {
  /** Equals `proofSystem()` of the verifier contract, as `noir`. */
  readonly proofSystem: string;
  /** Digest of circuit and keys of a stage: proofs of other circuits have other ids. */
  circuitId(kind: ProofKind): string;
  /**
   * Makes a proof. Throws `BadInputError` where the inputs cannot be proved by any machine, `OutOfMemoryError` where a
   * larger one may do, `ProverUnavailableError` where another try may, `HandedBackError` where it was not tried, and an
   * `AbortError` when `signal` fires.
   */
  prove(request: ProofRequest, context: ProvingContext): Promise<Uint8Array>;
  /** True only if `proof` proves `statement` (and, for a final proof, for `miner`). Never throws on a bad proof. */
  verify(claim: ProofToVerify): Promise<boolean>;
  /** Ends every process the backend started. */
  close(): Promise<void>;
}
