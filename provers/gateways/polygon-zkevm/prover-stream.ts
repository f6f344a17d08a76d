import { randomUUID } from 'node:crypto';
import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import { z } from 'zod';
import { proverMessage, type AggregatorRequest, type ProverMessage } from './messages.js';

/** The open call of one prover: what it sends is not to be believed before it is parsed. */
export type ChannelCall = ServerDuplexStream<unknown, AggregatorRequest & { id: string }>;

type ResponseName = ProverMessage['response'];
type Response<Name extends ResponseName> = Extract<ProverMessage, { response: Name }>;

/** The prover went away or fell silent; what it computes may go on. */
export class StreamLostError extends Error {
  override readonly name = 'StreamLostError';
}

/** The prover answered what makes no sense: it is none of the family, or means harm. */
export class ProtocolViolationError extends Error {
  override readonly name = 'ProtocolViolationError';
}

interface Waiting {
  id: string;
  resolve(message: ProverMessage): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * One open channel to a prover, in lock-step: the next request is sent when the one before is answered, as provers
 * read, handle and answer one message after the other. The stream ends at the first answer that does not fit.
 */
export class ProverStream {
  readonly #call: ChannelCall;
  readonly #answerTimeoutMs: number;
  readonly #ended: Promise<Error>;
  #end: (reason: Error) => void = () => {};
  #failure: Error | undefined;
  #waiting: Waiting | undefined;
  #lastExchange: Promise<unknown> = Promise.resolve();

  constructor(call: ChannelCall, answerTimeoutMs: number) {
    this.#call = call;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    call.on('data', (message: unknown) => this.#receive(message));
    for (const event of ['end', 'close', 'cancelled', 'error']) {
      call.on(event, () => this.#fail(new StreamLostError('the prover closed its stream')));
    }
    call.on('end', () => call.end());
  }

  /** Resolves with the reason when the stream has ended. */
  get ended(): Promise<Error> {
    return this.#ended;
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** Where the prover called from. */
  get peer(): string {
    return this.#call.getPeer();
  }

  /**
   * Sends a request when all earlier ones are answered.
   *
   * @throws StreamLostError, ProtocolViolationError
   */
  async exchange<Name extends ResponseName>(request: AggregatorRequest, answer: Name): Promise<Response<Name>> {
    const turn = this.#lastExchange.then(() => this.#exchangeNow(request));
    this.#lastExchange = turn.catch(() => {});
    const message = await turn;
    if (isResponse(message, answer)) return message;
    throw this.#violation(`answered ${Object.keys(request).join()} with ${message.response}`);
  }

  /** Ends the stream; the prover is told why. */
  close(code: status, reason: Error): void {
    if (this.#fail(reason)) this.#call.emit('error', { code, details: reason.message });
  }

  async #exchangeNow(request: AggregatorRequest): Promise<ProverMessage> {
    if (this.#failure) throw this.#failure;
    const id = randomUUID();
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const silence = `the prover was silent for ${this.#answerTimeoutMs} ms (asked ${Object.keys(request).join()})`;
        this.close(status.DEADLINE_EXCEEDED, new StreamLostError(silence));
      }, this.#answerTimeoutMs);
      this.#waiting = { id, resolve, reject, timer };
      this.#call.write({ id, ...request });
    });
  }

  #receive(message: unknown): void {
    const waiting = this.#waiting;
    const parsed = proverMessage.safeParse(message);
    if (!parsed.success) {
      this.#violation(`sent a message that is none of the protocol: ${z.prettifyError(parsed.error)}`);
    } else if (waiting === undefined) {
      this.#violation(`sent ${parsed.data.response} without being asked`);
    } else if (parsed.data.id !== waiting.id) {
      this.#violation(`answered request ${waiting.id} with the id ${JSON.stringify(parsed.data.id)}`);
    } else {
      clearTimeout(waiting.timer);
      this.#waiting = undefined;
      waiting.resolve(parsed.data);
    }
  }

  #violation(what: string): Error {
    const error = new ProtocolViolationError(`the prover ${what}`);
    this.close(status.INVALID_ARGUMENT, error);
    return error;
  }

  /** @returns false if the stream had ended before */
  #fail(reason: Error): boolean {
    if (this.#failure) return false;
    this.#failure = reason;
    if (this.#waiting) {
      clearTimeout(this.#waiting.timer);
      this.#waiting.reject(reason);
    }
    this.#end(reason);
    return true;
  }
}

function isResponse<Name extends ResponseName>(message: ProverMessage, name: Name): message is Response<Name> {
  return message.response === name;
}
