import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from './endpoint.js';
import { firstAnswer, inOrder } from './first-answer.js';
import type { Freshness } from './freshness.js';
import { RpcUnavailableError } from './rpc-errors.js';
import { createTroubleNews } from './trouble-news.js';

/** A read is made of many requests, and an endpoint that fails now and then would fail nearly every read. */
const ROUNDS = 3;
const PAUSE_MS = 100;
/** Endpoints that let a request hang are not asked for ever. */
const LAST_ROUND_WITHIN_MS = 2_000;

/** Why an endpoint may not be asked now. */
export class NotUsableError extends Error {
  override readonly name = 'NotUsableError';
}

/** Which endpoint of a pool is asked, and who hears of those that are passed over. */
export interface EndpointChoice {
  /** As `EndpointPool.attempt`. */
  attempt<T>(what: string, work: (endpoint: Endpoint) => Promise<T>, first?: number): Promise<T>;
  /** Why an endpoint is passed over, null while it is used. */
  troubleOf(endpoint: Endpoint): string | null;
  /** Tells of a change of its trouble, if there is one. */
  show(endpoint: Endpoint): void;
}

export function createEndpointChoice(
  endpoints: readonly Endpoint[],
  freshness: Freshness,
  onTrouble: ((endpoint: string, trouble: string | null) => void) | undefined,
): EndpointChoice {
  const news = createTroubleNews(onTrouble ?? (() => undefined));

  function troubleOf(endpoint: Endpoint): string | null {
    const wrong = endpoint.wrongChain() ?? freshness.whyBehind(endpoint);
    if (wrong !== null) return wrong;
    const now = Date.now();
    const isLeftAlone =
      endpoint.health.pausedUntilMs() > now || endpoint.health.avoidedUntilMs() > now || endpoint.mustBeChecked();
    return isLeftAlone
      ? (endpoint.health.lastProblem() ?? (endpoint.head ? 'was silent for a while' : 'has not answered yet'))
      : null;
  }

  const show = (endpoint: Endpoint): void => news(endpoint.name, troubleOf(endpoint));

  /** @throws NotUsableError if an endpoint may not be asked now */
  async function makeReady(endpoint: Endpoint): Promise<void> {
    const pauseMs = endpoint.health.pausedUntilMs() - Date.now();
    if (pauseMs > 0) {
      throw new NotUsableError(
        `${endpoint.health.lastProblem() ?? 'busy'}; asked again in ${Math.ceil(pauseMs / 1000)} s`,
      );
    }
    const isPassedOver = endpoint.wrongChain() !== null || freshness.whyBehind(endpoint) !== null;
    const needsCheck = endpoint.mustBeChecked() || freshness.isUnknown(endpoint);
    if (needsCheck && (!isPassedOver || freshness.mayCheckAgain(endpoint))) await endpoint.check();
    const why = endpoint.wrongChain() ?? freshness.whyBehind(endpoint);
    if (why !== null) throw new NotUsableError(why);
  }

  async function useOne<T>(endpoint: Endpoint, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    try {
      await makeReady(endpoint);
      return await work(endpoint);
    } finally {
      show(endpoint);
    }
  }

  async function attempt<T>(what: string, work: (endpoint: Endpoint) => Promise<T>, first = 0): Promise<T> {
    const start = Date.now();
    const preferred = [...endpoints.slice(first), ...endpoints.slice(0, first)];
    for (let round = 1; ; round += 1) {
      const answer = await firstAnswer(inOrder(preferred), (endpoint) => useOne(endpoint, work));
      if ('value' in answer) return answer.value;
      if (round === ROUNDS || Date.now() > start + LAST_ROUND_WITHIN_MS) {
        throw new RpcUnavailableError(
          `No endpoint answered ${what} (${answer.problems.join('; ')}). Check ZKPOW_RPC_URL and the node`,
        );
      }
      await delay(PAUSE_MS * round);
    }
  }

  return { attempt, troubleOf, show };
}
