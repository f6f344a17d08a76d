import type { z } from 'zod';
import type { ProofKind } from '../../../domain/proof.js';
import type { ProofRequest, ProofToVerify, ProverBackend, ProvingContext } from '../../../domain/prover-backend.js';
import { BadInputError, OutOfMemoryError, ProverUnavailableError } from '../../../domain/prover-errors.js';
import { askCircuitIds, type CommandPrograms } from './circuit-ids.js';
import { EXIT_CODES, parseJson, progressLine, proveAnswer, verifyAnswer } from './command-protocol.js';
import { inNewDirectory, readMadeProof, writeProveRequest, writeVerifyRequest } from './request-files.js';
import { runCommand, type CommandLine, type CommandResult } from './run-command.js';

export interface CommandBackendOptions extends CommandPrograms {
  /** Equals `proofSystem()` of the verifier contract. */
  proofSystem: string;
  /** Longest time that one proof or check may take. */
  timeoutMs: number;
  /** Time that a program has to end after SIGTERM, before SIGKILL. */
  graceMs: number;
}

/** As a shell tells of a program that was killed with SIGKILL, which is how Linux takes its memory back. */
const KILLED = 128 + 9;

/**
 * A backend that runs a program of any kind for each proof: a JSON request on its standard input, a JSON answer on its
 * standard output, large parts in files. `docs/prover-commands.md` says how to write one.
 *
 * @throws ProverUnavailableError if a program is not there or does not say which circuits it has
 */
export async function createCommandBackend(options: CommandBackendOptions): Promise<ProverBackend> {
  const circuitIds = await askCircuitIds(options);
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  function circuitId(kind: ProofKind): string {
    const id = circuitIds[kind];
    if (id === undefined) throw new Error(`No circuit id of ${kind} proofs is known: name a command for them`);
    return id;
  }

  /** Keeps account of what runs, and ends it when the backend is closed. */
  async function run<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const both = AbortSignal.any(signal ? [signal, closing.signal] : [closing.signal]);
    const result = work(both);
    const settled = result.catch(() => {});
    running.add(settled);
    try {
      return await result;
    } finally {
      running.delete(settled);
    }
  }

  async function verify(claim: ProofToVerify, signal?: AbortSignal): Promise<boolean> {
    if ((claim.kind === 'final') !== (claim.miner !== undefined)) return false;
    return run(signal, (both) => checkProof(options, circuitId(claim.kind), claim, both));
  }

  return {
    proofSystem: options.proofSystem,
    circuitId,
    async prove(request, context) {
      const id = circuitId(request.kind);
      const proof = await run(context.signal, (signal) => makeProof(options, id, request, context, signal));
      if (options.verify) {
        context.progress('check');
        await requireGoodProof(request, proof, (claim) => verify(claim, context.signal));
      }
      return proof;
    },
    verify: (claim) => verify(claim),
    async close() {
      closing.abort(new ProverUnavailableError('The prover is closing'));
      await Promise.all(running);
    },
  };
}

async function makeProof(
  options: CommandBackendOptions,
  circuitId: string,
  request: ProofRequest,
  context: ProvingContext,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const command = options.prove[request.kind];
  if (!command) {
    throw new ProverUnavailableError(`No command makes ${request.kind} proofs here: set "prove" for that kind`);
  }
  return inNewDirectory(async (directory) => {
    context.progress('inputs');
    const input = JSON.stringify(await writeProveRequest(directory, circuitId, request, context));
    context.progress('proof');
    const result = await runCommand({ ...options, command, directory, input, signal, onProgress: tell(context) });
    requireSuccess(command, result);
    const answer = parseAnswer(command, result, proveAnswer, '{"proof": "FILE"}');
    if (answer.circuitId !== undefined && answer.circuitId !== circuitId) {
      throw new ProverUnavailableError(
        `The prover command ${command[0]} made a ${request.kind} proof of circuit ${answer.circuitId}, asked for was ` +
          `${circuitId}: it was changed under this worker (restart the worker), or "circuitIds" are those of another version`,
      );
    }
    return readMadeProof(directory, answer.proof);
  });
}

async function checkProof(
  options: CommandBackendOptions,
  circuitId: string,
  claim: ProofToVerify,
  signal: AbortSignal,
): Promise<boolean> {
  const command = options.verify;
  if (!command) {
    throw new Error(
      `No command checks ${options.proofSystem} proofs, and nothing that was not checked is accepted: set "verify"`,
    );
  }
  return inNewDirectory(async (directory) => {
    const input = JSON.stringify(await writeVerifyRequest(directory, circuitId, claim));
    const result = await runCommand({ ...options, command, directory, input, signal });
    if (result.code === EXIT_CODES.badInput) return false;
    requireSuccess(command, result);
    return parseAnswer(command, result, verifyAnswer, '{"valid": true}').valid;
  });
}

async function requireGoodProof(
  request: ProofRequest,
  proof: Uint8Array,
  verify: (claim: ProofToVerify) => Promise<boolean>,
): Promise<void> {
  const { kind, statement } = request;
  const good = await verify(
    kind === 'final' ? { kind, statement, miner: request.miner, proof } : { kind, statement, proof },
  );
  if (good) return;
  throw new ProverUnavailableError(
    `The ${kind} proof that the prover command made for batches ${statement.firstBatch} to ${statement.lastBatch} does ` +
      'not verify: it is of another statement or circuit, or the command is faulty',
  );
}

/** @throws BadInputError, OutOfMemoryError or ProverUnavailableError as the exit code says */
function requireSuccess([program]: CommandLine, { code, signal, lastWords }: CommandResult): void {
  if (code === 0) return;
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const message = `The prover command ${program} ended with ${how}${lastWords === '' ? '' : `: ${lastWords}`}`;
  if (code === EXIT_CODES.badInput) throw new BadInputError(message);
  if (code === EXIT_CODES.outOfMemory || code === KILLED || signal === 'SIGKILL') throw new OutOfMemoryError(message);
  throw new ProverUnavailableError(message);
}

function parseAnswer<T>([program]: CommandLine, { answer }: CommandResult, schema: z.ZodType<T>, expected: string): T {
  const parsed = schema.safeParse(parseJson(answer));
  if (parsed.success) return parsed.data;
  const shown = answer.length > 200 ? `${answer.slice(0, 200)}…` : answer;
  throw new ProverUnavailableError(
    `The prover command ${program} printed ${JSON.stringify(shown)}, expected ${expected} and nothing else: ` +
      'let it write everything else to standard error',
  );
}

/** Progress helps nobody enough to fail a proof for it: a line that is none is passed over. */
function tell(context: ProvingContext): (line: string) => void {
  return (line) => {
    const parsed = progressLine.safeParse(parseJson(line));
    if (!parsed.success) return;
    const { stage, fraction, checkpoint } = parsed.data;
    context.progress(stage, fraction);
    if (checkpoint !== undefined) context.saveCheckpoint?.(checkpoint);
  };
}
