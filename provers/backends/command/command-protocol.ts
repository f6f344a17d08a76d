import { z } from 'zod';
import type { ProofKind, Statement } from '../../../domain/proof.js';

/** Version of everything here; a program that does not know it should refuse the request. */
export const PROTOCOL_VERSION = 1;

/** What a program's exit codes mean; every other one but 0 is a failure that another try may mend. */
export const EXIT_CODES = {
  /** `EX_DATAERR` of sysexits(3): nobody can prove (or, when checking, read) this. */
  badInput: 65,
  /** `EX_OSERR` of sysexits(3). 137 (killed for its memory, as a shell tells it) and SIGKILL mean the same. */
  outOfMemory: 71,
} as const;

/** A proof that the program is to fold or to bind. */
export interface ChildProofFile {
  kind: 'batch' | 'aggregate';
  statement: Statement;
  /** Path of the file with the proof. */
  proof: string;
}

interface CommonRequest {
  version: typeof PROTOCOL_VERSION;
  /** The circuit that the proof must be of. */
  circuitId: string;
  statement: Statement;
}

interface ProveRequest extends CommonRequest {
  request: 'prove';
  /** Which of the proofs that this machine makes at a time it is, from 1. */
  slot?: number;
  /** What the program last wrote as a checkpoint of this proof, here or on another machine; absent at the beginning. */
  checkpoint?: unknown;
}

/**
 * What a program reads on its standard input: one JSON object, then the end of file. All files lie in a directory that
 * is made for this one request, is the program's working directory and is deleted afterwards.
 */
export type CommandRequest =
  | (ProveRequest & { kind: 'batch'; /** Path of the rollup type's input. */ input: string })
  | (ProveRequest & { kind: 'aggregate'; left: ChildProofFile; right: ChildProofFile })
  | (ProveRequest & { kind: 'final'; miner: string; child: ChildProofFile })
  | (CommonRequest & {
      request: 'verify';
      kind: ProofKind;
      /** Only with final proofs. */
      miner?: string;
      /** Path of the proof to be checked. */
      proof: string;
    });

/** Answer to `prove`: where the proof lies, relative to the working directory, and, if it tells, of which circuit. */
export const proveAnswer = z.object({ proof: z.string().min(1), circuitId: z.string().optional() });

/** Answer to `verify`. */
export const verifyAnswer = z.object({ valid: z.boolean() });

/** Answer to the option `--circuit-ids`: of every kind that the program proves or checks. */
export const circuitIdsAnswer = z.object({
  batch: z.string().min(1).optional(),
  aggregate: z.string().min(1).optional(),
  final: z.string().min(1).optional(),
});

/** A line that a program may write to file descriptor 3 while it proves. */
export const progressLine = z.object({
  stage: z.string().min(1).max(200),
  /** How much of the stage is done. */
  fraction: z.number().min(0).max(1).optional(),
  /** Any JSON that a later run can go on from. */
  checkpoint: z.unknown().optional(),
});

/** What a program wrote, undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
