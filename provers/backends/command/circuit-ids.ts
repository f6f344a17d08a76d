import type { ProofKind } from '../../../domain/proof.js';
import { ProverUnavailableError } from '../../../domain/prover-errors.js';
import { circuitIdsAnswer, parseJson } from './command-protocol.js';
import { runCommand, type CommandLine } from './run-command.js';

const KINDS: readonly ProofKind[] = ['batch', 'aggregate', 'final'];
const TIMEOUT_MS = 60_000;

export type CircuitIds = Partial<Record<ProofKind, string | undefined>>;

/** The programs of a backend, and what is known of their circuits. */
export interface CommandPrograms {
  /** The program that proves, by kind; one that is not named is refused when it is asked for. */
  prove: Partial<Record<ProofKind, CommandLine | undefined>>;
  /** The program that checks proofs. Where it is given, every proof that is made is checked before it is handed out. */
  verify?: CommandLine | undefined;
  /** The circuits that proofs must be of; kinds that are not named are asked of the programs. */
  circuitIds?: CircuitIds;
}

/**
 * The circuit of every kind: as the options say, else as the program that proves or checks that kind says when it is
 * run with `--circuit-ids`.
 *
 * @throws ProverUnavailableError if a program does not say it
 */
export async function askCircuitIds({ circuitIds = {}, prove, verify }: CommandPrograms): Promise<CircuitIds> {
  const known: CircuitIds = { ...circuitIds };
  const asked = new Map<string, CircuitIds>();
  for (const kind of KINDS) {
    const command = prove[kind] ?? verify;
    if (known[kind] !== undefined || !command) continue;
    const key = JSON.stringify(command);
    const answer = asked.get(key) ?? (await ask(command));
    asked.set(key, answer);
    known[kind] = answer[kind] ?? missing(command, kind);
  }
  return known;
}

async function ask(command: CommandLine): Promise<CircuitIds> {
  const result = await runCommand({
    command,
    args: ['--circuit-ids'],
    directory: process.cwd(),
    input: '',
    timeoutMs: TIMEOUT_MS,
    graceMs: 0,
    signal: new AbortController().signal,
  });
  const { code, answer, lastWords } = result;
  const parsed = circuitIdsAnswer.safeParse(parseJson(answer));
  if (code === 0 && parsed.success) return parsed.data;
  throw new ProverUnavailableError(
    `The prover command ${command[0]} --circuit-ids ended with code ${code} and printed ${JSON.stringify(answer.slice(0, 200))}, ` +
      'expected {"batch": "ID", "aggregate": "ID", "final": "ID"}' +
      `${lastWords === '' ? '' : ` (it said: ${lastWords})`}. Make it answer, or set "circuitIds"`,
  );
}

function missing([program]: CommandLine, kind: ProofKind): never {
  throw new ProverUnavailableError(
    `The prover command ${program} --circuit-ids names no ${kind} circuit: set another command for that kind, or "circuitIds"`,
  );
}
