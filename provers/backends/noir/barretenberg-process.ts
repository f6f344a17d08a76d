import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Barretenberg, BBApiException } from '@aztec/bb.js';
import { OutOfMemoryError } from '../../../domain/prover-errors.js';

const CONNECT_INTERVAL_MS = 20;

/** A process whose socket closed is about to end, and its end tells more than its socket: so long is it waited for. */
const END_WAIT_MS = 2_000;

/** What C++ programs say when they get no more memory. */
const NO_MEMORY = /bad_alloc|out of memory|cannot allocate memory/i;

export interface BarretenbergOptions {
  /** Path of the `bb` executable. */
  binary: string;
  /** Directory with the trusted set-up; by default `bb` finds or downloads the real one. */
  crsPath?: string | undefined;
  threads: number;
}

/** The process died or closed its socket while it had work: nothing is known about the work itself. */
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
   * @throws OutOfMemoryError if `bb` got no more memory, or was killed as Linux kills what takes too much of it
   * @throws BarretenbergLostError if the process died otherwise, an AbortError if `signal` fired
   */
  async run<T>(job: (api: Barretenberg) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#lastJob.then(() => this.#runNow(job, signal));
    this.#lastJob = turn.catch(() => undefined);
    return await (signal === undefined ? turn : Promise.race([turn, rejectOnAbort(signal, turn)]));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#connection?.end(new Error('The prover was closed'));
    await this.#lastJob;
  }

  async #runNow<T>(job: (api: Barretenberg) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) throw abortError();
    if (this.#closed) throw new Error('The prover was closed');
    if (!this.#connection?.alive) this.#connection = new BarretenbergConnection(this.#options);
    const connection = this.#connection;
    const abort = (): void => connection.end(abortError());
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await job(new Barretenberg(connection, {}));
    } catch (error) {
      if (!(error instanceof BBApiException) || !NO_MEMORY.test(error.message)) throw error;
      throw new OutOfMemoryError(`bb got no more memory: ${error.message}`, { cause: error });
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

/**
 * Speaks with one `bb msgpack run` over a Unix socket: a 32-bit little-endian length before each request and response.
 * (Over pipes it would do as well, but then it does not end with its parent.)
 */
class BarretenbergConnection {
  readonly #process: ChildProcess;
  readonly #socket: Promise<Socket>;
  readonly #pending: PendingCall[] = [];
  #received: Buffer = Buffer.alloc(0);
  #lastWords = '';
  #failure: Error | undefined;

  constructor({ binary, crsPath, threads }: BarretenbergOptions) {
    const socketPath = join(tmpdir(), `zkpow-bb-${randomUUID()}.sock`);
    this.#process = spawn(binary, ['msgpack', 'run', '--input', socketPath], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A process group of its own, so that it can be ended whatever it started.
      detached: true,
      env: {
        ...process.env,
        HARDWARE_CONCURRENCY: String(threads),
        ...(crsPath === undefined ? {} : { CRS_PATH: crsPath }),
      },
    });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-400);
    });
    // What it said last is then lost; that it ended is told all the same.
    this.#process.stderr?.on('error', () => undefined);
    this.#process.on('error', (error) => this.#lose(`${binary} cannot be run: ${error.message}`));
    // Not 'exit': what it said last may still be on its way then.
    this.#process.on('close', (code, signal) => this.end(describeEnd(code, signal, this.#lastWords.trim())));
    this.#socket = this.#connect(socketPath);
    this.#socket.catch((error: unknown) => this.#lose(String(error)));
  }

  get alive(): boolean {
    return this.#failure === undefined;
  }

  async call(request: Uint8Array): Promise<Uint8Array> {
    const socket = await this.#socket;
    return await new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#pending.push({ resolve, reject });
      this.#hold(socket, true);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(request.length);
      socket.write(length);
      socket.write(request);
    });
  }

  /** Kills the process; what it was asked fails with `error`. */
  end(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const call of this.#pending.splice(0)) call.reject(error);
    const { pid, exitCode, signalCode } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself in the meantime.
    }
  }

  async destroy(): Promise<void> {
    this.#lose('bb was closed');
  }

  #lose(reason: string): void {
    this.end(new BarretenbergLostError(reason));
  }

  /** Tries until `bb` has made its socket and listens, or has ended. */
  async #connect(path: string): Promise<Socket> {
    for (;;) {
      if (this.#failure !== undefined) {
        await rm(path, { force: true });
        throw this.#failure;
      }
      const socket = await tryConnect(path);
      if (socket === undefined) {
        await sleep(CONNECT_INTERVAL_MS);
        continue;
      }
      // At once, before anything is waited for: an error that nobody listens to would end the whole program.
      socket.on('data', (chunk: Buffer) => this.#receive(socket, chunk));
      let reason = 'bb closed its socket';
      socket.on('error', (error) => (reason = `The socket of bb failed: ${error.message}`));
      socket.on('close', () => setTimeout(() => this.#lose(reason), END_WAIT_MS).unref());
      // Nobody else is to find it, and nothing to be left behind.
      await rm(path, { force: true });
      this.#hold(socket, false);
      return socket;
    }
  }

  #receive(socket: Socket, chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readUInt32LE();
      if (this.#received.length < end) return;
      this.#pending.shift()?.resolve(this.#received.subarray(4, end));
      this.#received = this.#received.subarray(end);
    }
    if (this.#pending.length === 0) this.#hold(socket, false);
  }

  /** Keeps Node running exactly while there is an answer to wait for: an idle `bb` ends with its parent. */
  #hold(socket: Socket, on: boolean): void {
    const { stderr } = this.#process;
    for (const handle of [this.#process, socket, ...(stderr instanceof Socket ? [stderr] : [])]) {
      if (on) handle.ref();
      else handle.unref();
    }
  }
}

/** Why a `bb` is gone that was not told to go. */
function describeEnd(code: number | null, signal: NodeJS.Signals | null, lastWords: string): Error {
  const words = lastWords === '' ? '' : `; its last words: ${lastWords}`;
  const how = `bb ended (${signal ?? `exit code ${code}`})${words}`;
  // Linux takes its memory back with SIGKILL; nobody else is expected to send that.
  if (signal !== 'SIGKILL' && !NO_MEMORY.test(lastWords)) return new BarretenbergLostError(how);
  return new OutOfMemoryError(`${how}: it had no more memory`);
}

async function tryConnect(path: string): Promise<Socket | undefined> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}
