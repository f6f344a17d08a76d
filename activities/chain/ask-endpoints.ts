import { setTimeout as delay } from 'node:timers/promises';
import { isCallException, isError, type CallExceptionError, type JsonRpcProvider } from 'ethers';
import { z } from 'zod';

/** A read is made of many requests, and an endpoint that fails now and then would fail nearly every read. */
const ROUNDS = 3;
const PAUSE_MS = 100;
/** Endpoints that let a request hang are not asked for ever. */
const LAST_ROUND_WITHIN_MS = 2_000;
/** After so long a silence the next endpoint is asked beside the silent one, which is asked last for a while. */
const SILENCE_MS = 2_000;
const ASKED_LAST_FOR_MS = 30_000;

/** Until when an endpoint that was silent is asked after all others. */
const askedLastUntil = new WeakMap<JsonRpcProvider, number>();

/** No endpoint gave an answer; it is asked again later. */
export class RpcUnavailableError extends Error {
  override readonly name = 'RpcUnavailableError';
}

/**
 * Asks endpoints in order of preference until one answers; where all fail, all of them again after a moment. One that is
 * silent holds nobody up: a view is many requests one after the other, and a window may end meanwhile. For reads only:
 * what is broadcast twice by accident is not harmless.
 *
 * @throws RpcUnavailableError if none answers
 * @throws CallExceptionError of ethers if a contract reverted the call
 */
export async function askEndpoints<T>(
  providers: readonly JsonRpcProvider[],
  schema: z.ZodType<T>,
  method: string,
  params: unknown[],
): Promise<T> {
  const start = Date.now();
  const ask = async (provider: JsonRpcProvider): Promise<T> => schema.parse(await provider.send(method, params));
  for (let round = 1; ; round += 1) {
    const answer = await firstAnswer(inOrder(providers), ask);
    if ('value' in answer) return answer.value;
    if (round === ROUNDS || Date.now() > start + LAST_ROUND_WITHIN_MS) {
      throw new RpcUnavailableError(
        `No endpoint answered ${method} (${answer.problems.join('; ')}). Check ZKPOW_RPC_URL and the node`,
      );
    }
    await delay(PAUSE_MS * round);
  }
}

/** Those that were silent a moment ago come last. */
function inOrder(providers: readonly JsonRpcProvider[]): JsonRpcProvider[] {
  const now = Date.now();
  const wasSilent = (provider: JsonRpcProvider): boolean => (askedLastUntil.get(provider) ?? 0) > now;
  return [...providers.filter((provider) => !wasSilent(provider)), ...providers.filter(wasSilent)];
}

/**
 * Asks the next endpoint when one fails, and beside it when it is silent.
 *
 * @returns what was wrong with each if none answers
 * @throws CallExceptionError of ethers if a contract reverted the call
 */
function firstAnswer<T>(
  endpoints: JsonRpcProvider[],
  ask: (endpoint: JsonRpcProvider) => Promise<T>,
): Promise<{ value: T } | { problems: string[] }> {
  const problems: string[] = [];
  const left = [...endpoints];
  return new Promise((resolve, reject) => {
    const askNext = (): void => {
      const endpoint = left.shift();
      if (!endpoint) return;
      const silence = setTimeout(() => {
        askedLastUntil.set(endpoint, Date.now() + ASKED_LAST_FOR_MS);
        askNext();
      }, SILENCE_MS);
      const answered = (value: T): void => {
        left.length = 0;
        resolve({ value });
      };
      const failed = (error: unknown): void => {
        if (isRevert(error)) {
          left.length = 0;
          return reject(error);
        }
        problems.push(`${placeOf(endpoint)}: ${describeRpcError(error)}`);
        if (problems.length === endpoints.length) resolve({ problems });
        askNext();
      };
      void ask(endpoint)
        .then(answered, failed)
        .finally(() => clearTimeout(silence));
    };
    askNext();
  });
}

const nodeError = z.object({ error: z.object({ message: z.string() }) });
/** How nodes say that a contract's code ended the call, where they give no data of a revert with it. */
const ENDED_BY_CODE = /revert|out ?of ?gas|opcode|invalid jump|stack (under|over)flow|EVM error/i;

/**
 * Whether a contract refused a call. ethers makes a call exception of every error that an endpoint answers a call with,
 * also of "rate limit exceeded": that says nothing about the contract.
 */
export function isRevert(error: unknown): error is CallExceptionError {
  if (!isCallException(error)) return false;
  if (error.data !== null) return true;
  const node = nodeError.safeParse(error.info);
  return node.success && ENDED_BY_CODE.test(node.data.error.message);
}

/** The part of an ethers error that is for people; the rest repeats the request, signed bytes and all. */
export function describeRpcError(error: unknown): string {
  if (error instanceof z.ZodError) return `an answer of an unknown form (${error.issues[0]?.message ?? ''})`;
  if (isCallException(error)) return nodeError.safeParse(error.info).data?.error.message ?? error.shortMessage;
  if (isError(error, 'UNKNOWN_ERROR') && hasMessage(error.error)) return error.error.message;
  if (error instanceof AggregateError) return error.errors.map(describeRpcError).join(', ');
  if (error instanceof Error && 'shortMessage' in error) return String(error.shortMessage);
  return error instanceof Error ? error.message : String(error);
}

function hasMessage(value: unknown): value is { message: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}

/** Of a URL only what may be shown: user, password and path can hold secrets. */
function placeOf(provider: JsonRpcProvider): string {
  return new URL(provider._getConnection().url).host;
}
