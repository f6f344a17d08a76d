import { EventEmitter } from 'node:events';
import { status as grpcStatus } from '@grpc/grpc-js';
import type { ProvingContext } from '../../../domain/prover-backend.js';
import type { ProverPool } from '../../../domain/prover-pool.js';
import { HandedBackError } from '../../../domain/prover-errors.js';
import type { Computation, ComputedProof } from './computation.js';
import { KnownProver, type ProverState } from './known-prover.js';
import type { GenerateRequest, ProverStatus } from './messages.js';
import { ProverStream, type ChannelCall } from './prover-stream.js';

/** Provers exit after 60 s without a message from their server: every question must come well before. */
const MAX_INTERVAL_MS = 30_000;
/** How many provers that went away are remembered for what they did. */
const MAX_REMEMBERED = 1_000;

export interface ProverPoolOptions {
  /** Fork whose circuits the provers must have. */
  forkId: number;
  /** Between two questions while a proof is computed; default 1,000. */
  pollIntervalMs?: number;
  /** Between two questions otherwise; default 5,000. */
  statusIntervalMs?: number;
  /** Longest wait for one answer; default 60,000. */
  answerTimeoutMs?: number;
  /** How long a prover that went away may take to come back to its computation; default 60,000. */
  reconnectMs?: number;
  /** How long a proof waits for an idle prover; default 15,000: they dial again after 5 s. */
  idleWaitMs?: number;
}

/** A prover as it is shown. */
export interface ProverInfo {
  proverId: string;
  name: string;
  state: ProverState;
  /** Why it was set aside. */
  reason: string | null;
}

/** What happens to provers, for logs and metrics. */
export interface ProverPoolEvents {
  connected: [prover: ProverInfo, peer: string];
  disconnected: [prover: ProverInfo, reason: string];
  /** It became idle, busy, occupied, away or set aside. */
  state: [prover: ProverInfo];
  /** A prover that cannot work here was sent away. */
  refused: [reason: string, peer: string];
}

/** The provers that have dialled in; each works on one proof at a time. */
export interface ZkevmProverPool extends ProverPool {
  readonly events: EventEmitter<ProverPoolEvents>;
  /** Speaks with a prover that dialled in, until it goes away. Never throws. */
  serve(call: ChannelCall): Promise<void>;
  /**
   * Has an idle prover compute something.
   *
   * @throws HandedBackError if no prover becomes idle in time, or the gateway closes
   * @throws ProverUnavailableError if the prover fails that became idle
   * @throws the signal's reason if it fires
   */
  compute(request: GenerateRequest, context: ProvingContext): Promise<ComputedProof>;
  /** Says that what a prover computed was of no use: others that are idle come before it. */
  countFailure(proverId: string): void;
  /** Gives a prover no more work, until its process is started again. */
  setAside(proverId: string, reason: string): void;
  provers(): ProverInfo[];
  /** Sends all provers away; what they compute for us fails. */
  close(): void;
}

/** A proof that no prover was idle for yet. */
interface Waiting {
  give(prover: KnownProver): void;
  refuse(error: Error): void;
}

export function createProverPool(options: ProverPoolOptions): ZkevmProverPool {
  return new Pool(options);
}

class Pool implements ZkevmProverPool {
  readonly events = new EventEmitter<ProverPoolEvents>();
  readonly #options: Required<ProverPoolOptions>;
  readonly #provers = new Map<string, KnownProver>();
  readonly #states = new Map<string, ProverState>();
  readonly #waiting = new Set<Waiting>();
  #closed = false;

  constructor(options: ProverPoolOptions) {
    this.#options = {
      ...{ pollIntervalMs: 1_000, statusIntervalMs: 5_000, answerTimeoutMs: 60_000, reconnectMs: 60_000 },
      ...{ idleWaitMs: 15_000, ...options },
    };
    const { pollIntervalMs, statusIntervalMs } = this.#options;
    if (Math.max(pollIntervalMs, statusIntervalMs) > MAX_INTERVAL_MS) {
      throw new Error(
        `Provers exit after 60 s of silence: intervals of ${pollIntervalMs} ms and ${statusIntervalMs} ms are too long, ` +
          `expected at most ${MAX_INTERVAL_MS} ms`,
      );
    }
  }

  onState(changed: () => void): void {
    this.events.on('state', changed);
  }

  async serve(call: ChannelCall): Promise<void> {
    const stream = new ProverStream(call, this.#options.answerTimeoutMs);
    if (this.#closed) return stream.close(grpcStatus.UNAVAILABLE, closing());
    try {
      const answer = await stream.exchange({ getStatusRequest: {} }, 'getStatusResponse');
      const told = answer.getStatusResponse;
      const { forkId } = this.#options;
      if (told.forkId !== BigInt(forkId)) {
        const reason = `prover ${told.proverName} (${told.proverId}) proves fork ${told.forkId}, this gateway works for fork ${forkId}`;
        throw new Error(`${reason}: run a prover of that fork, or a gateway for its own`);
      }
      const prover = this.#provers.get(told.proverId) ?? this.#meet(told);
      this.events.emit('connected', describe(prover), stream.peer);
      const reason = await prover.serve(stream, told);
      this.events.emit('disconnected', describe(prover), reason.message);
    } catch (error) {
      const reason = asError(error);
      this.events.emit('refused', reason.message, stream.peer);
      stream.close(grpcStatus.FAILED_PRECONDITION, reason);
    }
  }

  async compute(request: GenerateRequest, context: ProvingContext): Promise<ComputedProof> {
    const { signal } = context;
    signal.throwIfAborted();
    if (this.#closed) throw closing();
    context.progress('waiting for a prover');
    return await new Promise((resolve, reject) => {
      let prover: KnownProver | undefined;
      const settle = (): void => {
        this.#waiting.delete(waiting);
        clearTimeout(timer);
        signal.removeEventListener('abort', abandon);
      };
      const refuse = (error: Error): void => {
        settle();
        reject(error);
      };
      const computation: Computation = {
        ...{ request, context, id: null, abandoned: false, reject: refuse },
        resolve(proof) {
          settle();
          resolve(proof);
        },
      };
      const waiting: Waiting = {
        refuse,
        give(idle) {
          clearTimeout(timer);
          prover = idle;
          void idle.compute(computation);
        },
      };
      const abandon = (): void => {
        refuse(asError(signal.reason));
        void prover?.abandon(computation);
      };
      const timer = setTimeout(() => refuse(this.#nobodyIdle()), this.#options.idleWaitMs);
      signal.addEventListener('abort', abandon, { once: true });
      this.#waiting.add(waiting);
      this.#dispatch();
    });
  }

  countFailure(proverId: string): void {
    this.#provers.get(proverId)?.countFailure();
  }

  setAside(proverId: string, reason: string): void {
    this.#provers.get(proverId)?.setAside(reason);
  }

  provers(): ProverInfo[] {
    return [...this.#provers.values()].map(describe);
  }

  close(): void {
    this.#closed = true;
    for (const waiting of this.#waiting) waiting.refuse(closing());
    for (const prover of this.#provers.values()) prover.close(closing());
  }

  #meet(told: ProverStatus): KnownProver {
    const prover: KnownProver = new KnownProver(told, this.#options, () => this.#heed(prover));
    this.#provers.set(prover.id, prover);
    const gone = [...this.#provers.values()].filter((known) => !known.isHere && known !== prover);
    for (const oldest of gone.slice(0, Math.max(0, gone.length - MAX_REMEMBERED))) this.#forget(oldest);
    return prover;
  }

  #forget({ id }: KnownProver): void {
    this.#provers.delete(id);
    this.#states.delete(id);
  }

  #heed(prover: KnownProver): void {
    if (this.#states.get(prover.id) !== prover.state) {
      this.#states.set(prover.id, prover.state);
      this.events.emit('state', describe(prover));
    }
    if (!prover.isHere && !prover.hasRecord) this.#forget(prover);
    this.#dispatch();
  }

  /** Gives what waits longest to the idle prover that failed least. */
  #dispatch(): void {
    for (const waiting of this.#waiting) {
      const [prover] = [...this.#provers.values()]
        .filter(({ state }) => state === 'idle')
        .sort((a, b) => a.failures - b.failures);
      if (!prover) return;
      this.#waiting.delete(waiting);
      waiting.give(prover);
    }
  }

  #nobodyIdle(): Error {
    const states = this.provers().map(({ name, state }) => `${name} is ${state}`);
    return new HandedBackError(
      `No prover became idle within ${this.#options.idleWaitMs} ms: ${states.join(', ') || 'none has dialled in'}`,
    );
  }
}

function describe({ id, name, state, setAsideReason }: KnownProver): ProverInfo {
  return { proverId: id, name, state, reason: setAsideReason };
}

function closing(): Error {
  return new HandedBackError('The gateway is closing');
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
