import { ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { Barretenberg } from '@aztec/bb.js';

export interface BarretenbergOptions {
  /** Path of the `bb` executable. */
  binary: string;
  /** Directory with the trusted set-up; by default `bb` finds or downloads the real one. */
  crsPath?: string | undefined;
  threads: number;
}

/** The process died or closed its pipes while it had work: nothing is known about the work itself. */
export class BarretenbergLostError extends Error {
  override readonly name = 'BarretenbergLostError';
}

/**
 * One warm `bb` process, started when first needed and again after it died. Jobs run one after the other: a proof
 * takes every core and up to 2 GB, so two at once would gain nothing.
 */
export class BarretenbergProcess {
  readonly #options: BarretenbergOptions;
  #connection: BarretenbergConnection | undefined;
  #lastJob: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: BarretenbergOptions) {
    this.#options = options;
  }

  /**
   * Runs a job when all earlier ones have ended. When `signal` fires, a job that waits is dropped and one that runs
   * ends with its process, as `bb` cannot be interrupted otherwise.
   *
   * @throws BarretenbergLostError if the process died, an AbortError if `signal` fired
   */
  async run<T>(job: (api: Barretenberg) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#lastJob.then(() => this.#runNow(job, signal));
    this.#lastJob = turn.catch(() => undefined);
    return await (signal === undefined ? turn : Promise.race([turn, rejectOnAbort(signal, turn)]));
  }

  /** Process id of the running `bb`, if any. */
  get pid(): number | undefined {
    return this.#connection?.pid;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#connection?.end(new BarretenbergLostError('bb was closed'));
    await this.#lastJob;
  }

  async #runNow<T>(job: (api: Barretenberg) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) throw abortError();
    if (this.#closed) throw new BarretenbergLostError('bb was closed');
    if (!this.#connection?.alive) this.#connection = new BarretenbergConnection(this.#options);
    const connection = this.#connection;
    const abort = (): void => connection.end(abortError());
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await job(new Barretenberg(connection, {}));
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}

/** Rejects when the signal fires; stops listening when `work` has ended. */
async function rejectOnAbort(signal: AbortSignal, work: Promise<unknown>): Promise<never> {
  return await new Promise((_, reject) => {
    const abort = (): void => reject(abortError());
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const forget = (): void => signal.removeEventListener('abort', abort);
    work.then(forget, forget);
  });
}

function abortError(): Error {
  return new DOMException('Proving was cancelled', 'AbortError');
}

interface PendingCall {
  resolve(response: Uint8Array): void;
  reject(error: Error): void;
}

/** Speaks with one `bb msgpack run`: a 32-bit little-endian length before each request and each response. */
class BarretenbergConnection {
  readonly #process: ChildProcess;
  readonly #input: Writable;
  readonly #pending: PendingCall[] = [];
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #lastWords = '';
  #failure: Error | undefined;

  constructor({ binary, crsPath, threads }: BarretenbergOptions) {
    const child = spawn(binary, ['msgpack', 'run'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that it can be ended whatever it started.
      detached: true,
      env: {
        ...process.env,
        HARDWARE_CONCURRENCY: String(threads),
        ...(crsPath === undefined ? {} : { CRS_PATH: crsPath }),
      },
    });
    this.#process = child;
    this.#input = child.stdin;
    child.stdin.on('error', (error) => this.end(new BarretenbergLostError(`bb takes no input: ${error.message}`)));
    child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    keepLastWords(child.stderr, (words) => (this.#lastWords = words));
    child.on('error', (error) => this.end(new BarretenbergLostError(`${binary} cannot be run: ${error.message}`)));
    child.on('exit', (code, signal) => {
      const words = this.#lastWords === '' ? '' : `; its last words: ${this.#lastWords}`;
      this.end(new BarretenbergLostError(`bb ended (${signal ?? `exit code ${code}`})${words}`));
    });
    // An idle bb is no reason to stay alive; it ends with its parent.
    this.#hold(false);
  }

  get alive(): boolean {
    return this.#failure === undefined;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  async call(request: Uint8Array): Promise<Uint8Array> {
    return await new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#pending.push({ resolve, reject });
      this.#hold(true);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(request.length);
      this.#input.write(length);
      this.#input.write(request);
    });
  }

  /** Kills the process; what it was asked fails with `error`. */
  end(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const call of this.#pending.splice(0)) call.reject(error);
    this.#hold(false);
    if (this.#process.pid === undefined || this.#process.exitCode !== null) return;
    try {
      process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // It has ended by itself in the meantime.
    }
  }

  async destroy(): Promise<void> {
    this.end(new BarretenbergLostError('bb was closed'));
  }

  #receive(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    for (;;) {
      if (this.#receivedBytes < 4) return;
      const all = this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received);
      if (all === undefined) return;
      this.#received = [all];
      const end = 4 + all.readUInt32LE();
      if (all.length < end) return;
      this.#received = [all.subarray(end)];
      this.#receivedBytes = all.length - end;
      this.#pending.shift()?.resolve(all.subarray(4, end));
      if (this.#pending.length === 0) this.#hold(false);
    }
  }

  /** Keeps Node running exactly while there is an answer to wait for. */
  #hold(on: boolean): void {
    for (const handle of [this.#process, this.#process.stdin, this.#process.stdout, this.#process.stderr]) {
      if (!(handle instanceof Socket || handle instanceof ChildProcess)) continue;
      if (on) handle.ref();
      else handle.unref();
    }
  }
}

/** Remembers the end of what a process says, to be told if it dies. */
function keepLastWords(stream: Readable, keep: (words: string) => void): void {
  let words = '';
  stream.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-400);
    keep(words.trim());
  });
}
