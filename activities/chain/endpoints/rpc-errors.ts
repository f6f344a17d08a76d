import { z } from 'zod';

/** A node answered a request with a JSON-RPC error. */
export class RpcAnswerError extends Error {
  override readonly name = 'RpcAnswerError';
  constructor(
    message: string,
    /** Of the JSON-RPC error. */
    readonly code: number,
    /** Whatever the node added, as it came. */
    readonly data: unknown = null,
  ) {
    super(message);
  }
}

/** An endpoint gave no answer of a node: unreachable, silent, or an HTTP error. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  constructor(
    message: string,
    /** `too large`: another request, a smaller one, may be answered. */
    readonly kind: 'unreachable' | 'silent' | 'HTTP error' | 'too large',
  ) {
    super(message);
  }
}

/** An endpoint asks for fewer requests. */
export class RateLimitedError extends Error {
  override readonly name = 'RateLimitedError';
  constructor(
    message: string,
    /** How long it wants to be left alone; null where it does not say. */
    readonly retryAfterMs: number | null,
  ) {
    super(message);
  }
}

/** No endpoint gave an answer; it is asked again later. */
export class RpcUnavailableError extends Error {
  override readonly name = 'RpcUnavailableError';
}

/** How nodes say that a contract's code ended the call, where they give no data of a revert with it. */
const ENDED_BY_CODE = /revert|out ?of ?gas|opcode|invalid jump|stack (under|over)flow|EVM error/i;
/** Code of a revert with data, as geth gives it. */
const REVERTED = 3;

/** Whether a contract refused a call. Other errors, such as "rate limit exceeded", say nothing about the contract. */
export function isRevert(error: unknown): error is RpcAnswerError {
  if (!(error instanceof RpcAnswerError)) return false;
  return error.code === REVERTED || revertData(error) !== '0x' || ENDED_BY_CODE.test(error.message);
}

const nested = z.object({ data: z.unknown() });

/** The data that a contract reverted with, `0x` for none. Nodes give it bare, behind a word or inside an object. */
export function revertData({ data }: RpcAnswerError): `0x${string}` {
  for (let found = data; ;) {
    if (typeof found === 'string') {
      const hex = /0x((?:[0-9a-f]{2})*)$/i.exec(found)?.[1];
      return `0x${hex?.toLowerCase() ?? ''}`;
    }
    const inner = nested.safeParse(found);
    if (!inner.success) return '0x';
    found = inner.data.data;
  }
}

/** What an error says to a person. */
export function describeRpcError(error: unknown): string {
  if (error instanceof z.ZodError) return `an answer of an unknown form (${error.issues[0]?.message ?? ''})`;
  if (error instanceof AggregateError) return error.errors.map(describeRpcError).join(', ');
  return error instanceof Error ? error.message : String(error);
}
