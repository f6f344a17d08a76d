import type { Readable } from 'node:stream';
import { ProverUnavailableError } from '../../../domain/prover-errors.js';
import { startProcessGroup, type ProcessEnd } from '../../../platform/process-group.js';

const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_LINE_BYTES = 64 * 1024;
const LAST_WORDS_BYTES = 2_000;

/** A program and its first arguments. */
export type CommandLine = readonly [program: string, ...args: string[]];

export interface CommandRun {
  command: CommandLine;
  /** More arguments. */
  args?: readonly string[];
  /** Where it runs. */
  directory: string;
  /** Written to its standard input. */
  input: string;
  timeoutMs: number;
  /** Time between SIGTERM and SIGKILL. */
  graceMs: number;
  signal: AbortSignal;
  /** Given each line that it writes to file descriptor 3. */
  onProgress?: (line: string) => void;
}

/** How a program ended by itself. */
export interface CommandResult extends ProcessEnd {
  /** All of its standard output. */
  answer: string;
  /** The end of its standard error. */
  lastWords: string;
}

/**
 * Runs a program to its end. Nothing of its process group runs when this returns, unless it hangs in the kernel.
 *
 * @throws ProverUnavailableError if it cannot be started, takes too long or says too much
 * @throws the signal's reason if `signal` fired
 */
export async function runCommand(run: CommandRun): Promise<CommandResult> {
  const { command, signal, timeoutMs, graceMs } = run;
  signal.throwIfAborted();
  const [program, ...args] = command;
  const group = startProcessGroup(program, [...args, ...(run.args ?? [])], { directory: run.directory });
  const { stdin, stdout, stderr } = group.process;

  let broken: Error | undefined;
  const stop = (error: Error): void => {
    broken ??= error;
    group.end(graceMs);
  };
  const abort = (): void => stop(asError(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => {
    stop(unavailable(program, `did not end within ${timeoutMs / 1000} s: raise "timeoutSeconds"`));
  }, timeoutMs);

  let answer = '';
  let lastWords = '';
  stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (answer.length + text.length <= MAX_ANSWER_BYTES) answer += text;
    else
      stop(unavailable(program, `wrote over ${MAX_ANSWER_BYTES} bytes to its standard output: log to standard error`));
  });
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS_BYTES);
  });
  if (group.progress && run.onProgress) readLines(group.progress, run.onProgress);
  // A program need not read what it is given.
  stdin?.on('error', () => {}).end(run.input);

  try {
    const end = await group.ended;
    if (broken) throw broken;
    return { ...end, answer, lastWords: lastWords.trim() };
  } catch (error) {
    if (error === broken) throw error;
    throw unavailable(program, `cannot be run (${asError(error).message}): is it there, and may it be executed?`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** Hands on whole lines; one that has no end is dropped. */
function readLines(source: Readable, onLine: (line: string) => void): void {
  let rest = '';
  source.on('error', () => {});
  source.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_BYTES) rest = '';
    lines.forEach(onLine);
  });
}

function unavailable(program: string, problem: string): ProverUnavailableError {
  return new ProverUnavailableError(`The prover command ${program} ${problem}`);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
