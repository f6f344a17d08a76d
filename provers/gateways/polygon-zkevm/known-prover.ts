import { status as grpcStatus } from '@grpc/grpc-js';
import { HandedBackError, ProverUnavailableError } from '../../../domain/prover-errors.js';
import { begin, cancel, poll, type Computation } from './computation.js';
import type { ProverStatus } from './messages.js';
import { ProtocolViolationError, StreamLostError, type ProverStream } from './prover-stream.js';

/** Answers that make no sense, one after the other, after which a prover gets no more work. */
const MAX_VIOLATIONS = 3;

export interface ProverTimes {
  /** Between two questions while a proof of ours is computed. */
  pollIntervalMs: number;
  /** Between two questions otherwise. */
  statusIntervalMs: number;
  /** How long a prover that went away may take to come back to its computation. */
  reconnectMs: number;
}

/** `occupied`: it computes what nobody waits for, or we do not know yet. */
export type ProverState = 'idle' | 'busy' | 'occupied' | 'away' | 'set aside';

/** A prover process as the gateway knows it, over all its streams. */
export class KnownProver {
  readonly id: string;
  readonly name: string;
  readonly #times: ProverTimes;
  readonly #changed: () => void;
  #stream: ProverStream | null = null;
  #computation: Computation | null = null;
  /** Whether it said that it has nothing to do, since it was last given something. */
  #saidIdle = false;
  #setAside: string | null = null;
  #violations = 0;
  #failures = 0;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #wake: () => void = () => {};

  /** @param changed called when `state` may have changed */
  constructor({ proverId, proverName }: ProverStatus, times: ProverTimes, changed: () => void) {
    this.id = proverId;
    this.name = proverName;
    this.#times = times;
    this.#changed = changed;
  }

  get state(): ProverState {
    if (this.#setAside !== null) return 'set aside';
    if (this.#computation && !this.#computation.abandoned) return 'busy';
    if (!this.#stream) return 'away';
    return this.#saidIdle && !this.#computation ? 'idle' : 'occupied';
  }

  get setAsideReason(): string | null {
    return this.#setAside;
  }

  /** How many computations in a row it failed. */
  get failures(): number {
    return this.#failures;
  }

  /** False once it is gone and nothing is expected of it. */
  get isHere(): boolean {
    return this.#stream !== null || this.#computation !== null;
  }

  /** True if there is something to be held against it when it comes back. */
  get hasRecord(): boolean {
    return this.#violations > 0 || this.#setAside !== null;
  }

  /** Asks the prover over a new stream until the stream ends; one that it had before is closed. Never throws. */
  async serve(stream: ProverStream, first: ProverStatus): Promise<Error> {
    this.#stream?.close(grpcStatus.ABORTED, new StreamLostError('the prover came back on another stream'));
    this.#stream = stream;
    clearTimeout(this.#reconnectTimer);
    this.#heed(first);
    void stream.ended.then(() => this.#wake());
    while (stream.isOpen) {
      try {
        await this.#pollComputation(stream);
        const { getStatusResponse } = await stream.exchange({ getStatusRequest: {} }, 'getStatusResponse');
        this.#heed(getStatusResponse);
      } catch (error) {
        if (stream.isOpen) stream.close(grpcStatus.INTERNAL, error instanceof Error ? error : new Error(String(error)));
      }
      if (stream.isOpen) await this.#pause();
    }
    const reason = await stream.ended;
    if (this.#stream === stream) this.#lose(reason);
    return reason;
  }

  /** Gives an idle prover something to do. */
  async compute(computation: Computation): Promise<void> {
    const stream = this.#stream;
    if (this.state !== 'idle' || !stream) throw new Error(`prover ${this.id} is ${this.state}, not idle`);
    this.#computation = computation;
    this.#saidIdle = false;
    this.#changed();
    try {
      computation.id = await begin(stream, computation.request);
      if (computation.abandoned) await this.#cancel(computation);
    } catch (error) {
      this.#fail(computation, error);
    }
    this.#wake();
  }

  /** Nobody waits for the computation any more. The prover is busy with it until it says otherwise. */
  async abandon(computation: Computation): Promise<void> {
    computation.abandoned = true;
    if (this.#computation !== computation) return;
    this.#changed();
    // Before the prover took it there is nothing to cancel: `compute` does it then.
    if (computation.id !== null) await this.#cancel(computation);
    this.#wake();
  }

  countFailure(): void {
    this.#failures += 1;
  }

  /** It gets no more work, and what it has is taken from it. */
  setAside(reason: string): void {
    if (this.#setAside !== null) return;
    this.#setAside = reason;
    if (this.#computation) this.#fail(this.#computation, new ProverUnavailableError(`it was set aside: ${reason}`));
    this.#changed();
  }

  close(reason: Error): void {
    clearTimeout(this.#reconnectTimer);
    if (this.#computation) this.#fail(this.#computation, reason);
    this.#stream?.close(grpcStatus.UNAVAILABLE, reason);
  }

  async #pollComputation(stream: ProverStream): Promise<void> {
    const computation = this.#computation;
    if (!computation || computation.id === null || computation.abandoned) return;
    computation.context.progress(`proof on ${this.name}`);
    try {
      const answer = await poll(stream, computation.id);
      if (!answer || this.#computation !== computation) return;
      this.#computation = null;
      this.#violations = 0;
      this.#failures = 0;
      this.#changed();
      computation.resolve({ answer, proverId: this.id, proverName: this.name });
    } catch (error) {
      if (error instanceof StreamLostError) return;
      this.#fail(computation, error);
      if (error instanceof ProtocolViolationError) stream.close(grpcStatus.INVALID_ARGUMENT, error);
    }
  }

  async #cancel(computation: Computation): Promise<void> {
    try {
      if (this.#stream && computation.id !== null) await cancel(this.#stream, computation.id);
    } catch {
      // The stream broke; whether the prover heard it makes no difference to what it does.
    }
    if (this.#computation === computation) this.#computation = null;
    this.#changed();
  }

  #heed(told: ProverStatus): void {
    if (told.proverId !== this.id) {
      const problem = `the prover ${this.id} now calls itself ${told.proverId}`;
      return this.#stream?.close(grpcStatus.INVALID_ARGUMENT, new ProtocolViolationError(problem));
    }
    // While it is given something, what it said before does not count.
    this.#saidIdle = told.status === 'STATUS_IDLE' && this.#computation === null;
    this.#changed();
  }

  #fail(computation: Computation, error: unknown): void {
    if (this.#computation === computation) this.#computation = null;
    this.#failures += 1;
    computation.reject(error instanceof HandedBackError ? error : this.#failure(error));
    this.#changed();
  }

  #failure(error: unknown): ProverUnavailableError {
    const reason = error instanceof Error ? error.message : String(error);
    return new ProverUnavailableError(`Prover ${this.name} (${this.id}) made no proof: ${reason}`, { cause: error });
  }

  #lose(reason: Error): void {
    this.#stream = null;
    this.#saidIdle = false;
    const computation = this.#computation;
    if (computation?.abandoned) this.#computation = null;
    else if (computation && computation.id !== null && !(reason instanceof ProtocolViolationError)) {
      this.#reconnectTimer = setTimeout(() => {
        this.#fail(computation, new StreamLostError(`${reason.message} and did not come back to its computation`));
      }, this.#times.reconnectMs);
    } else if (computation && computation.id !== null) this.#fail(computation, reason);
    if (reason instanceof ProtocolViolationError && (this.#violations += 1) >= MAX_VIOLATIONS) {
      this.setAside(`${MAX_VIOLATIONS} answers in a row made no sense; the last: ${reason.message}`);
    }
    this.#changed();
  }

  #pause(): Promise<void> {
    const { pollIntervalMs, statusIntervalMs } = this.#times;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, this.#computation ? pollIntervalMs : statusIntervalMs);
      this.#wake = end;
    });
  }
}
