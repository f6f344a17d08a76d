import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import type { Hex } from '../../../domain/sequence.js';
import { createEndpoint, type ChainIdentity, type Endpoint, type EndpointStatus } from './endpoint.js';
import type { Lack } from './lacks.js';
import { createFreshness } from './freshness.js';
import { createEndpointChoice, NotUsableError, type EndpointChoice } from './endpoint-choice.js';
import { header, type Header } from './rpc-answers.js';
import { RpcUnavailableError } from './rpc-errors.js';

const DEFAULT_TIMEOUT_MS = 10_000;

export interface EndpointPoolOptions {
  chainId: number;
  /** In order of preference, at least one. */
  urls: readonly string[];
  /** For each answer; default 10 s. */
  timeoutMs?: number;
  /** Told once when an endpoint begins to be passed over, and with null when it is used again. */
  onTrouble?: (endpoint: string, trouble: string | null) => void;
  /** Told once when a node turns out to lack something that is done in another way from then on. */
  onLack?: (endpoint: string, lack: Lack) => void;
}

/** All endpoints of one base chain: whatever this project asks of a chain, it asks here. */
export interface EndpointPool {
  readonly chainId: number;
  readonly endpoints: readonly Endpoint[];
  /** Hash of block 0; null where no endpoint has told it. */
  genesisHash(): Hex | null;
  /** Asks one endpoint after the other until one answers. For reads only. */
  ask<T>(schema: z.ZodType<T>, method: string, params: readonly unknown[]): Promise<T>;
  /** As `ask`, but null is an answer only when all say so: one that lags does not know what others do. */
  find<T>(schema: z.ZodType<T>, method: string, params: readonly unknown[]): Promise<T | null>;
  /**
   * Has one endpoint do what takes several requests, the next one where it fails.
   *
   * @param what for messages
   * @param first place of the endpoint that is preferred; default 0
   * @throws RpcUnavailableError if no endpoint could
   * @throws RpcAnswerError if a contract reverted a call
   */
  attempt<T>(what: string, work: (endpoint: Endpoint) => Promise<T>, first?: number): Promise<T>;
  /** Place of the endpoint that is preferred for searching logs. */
  firstForLogs(): number;
  /** From now on the next endpoint is preferred for that: logs were missing. */
  preferNextForLogs(): void;
  /** The newest block, never of an endpoint that is behind the others. */
  latest(): Promise<Header>;
  /** Sends to every endpoint of the right chain, also to one that lags. Each answer settles by itself. */
  sendToAll(method: string, params: readonly unknown[]): { endpoint: string; answer: Promise<unknown> }[];
  /** Remembers what a node lacks. */
  lacks(endpoint: Endpoint, lack: Lack): void;
  /**
   * Asks every endpoint which chain it is of; those that do not answer keep why as their trouble.
   *
   * @param silenceMs how long those that are silent are waited for once another one has answered
   */
  checkAll(silenceMs: number): Promise<void>;
  status(): EndpointStatus[];
  close(): void;
}

/** Opens no connection yet. */
export function createEndpointPool(options: EndpointPoolOptions): EndpointPool {
  const { chainId, urls, timeoutMs = DEFAULT_TIMEOUT_MS, onTrouble, onLack } = options;
  if (urls.length === 0) throw new RangeError(`Chain ${chainId} needs at least one endpoint`);
  const chain: ChainIdentity = { chainId, genesisHash: null };
  const endpoints = urls.map((url) => createEndpoint(url, chain, timeoutMs));
  const freshness = createFreshness(endpoints);
  let firstForLogs = 0;
  const choice = createEndpointChoice(endpoints, freshness, onTrouble);
  const { attempt, show, troubleOf } = choice;

  return {
    chainId,
    endpoints,
    genesisHash: () => chain.genesisHash,
    attempt,
    ask: (schema, method, params) =>
      attempt(method, async (endpoint) => schema.parse(await endpoint.send(method, params))),
    find: (schema, method, params) => findAnywhere(choice, endpoints, schema, method, params),
    latest: () =>
      attempt('eth_getBlockByNumber', async (endpoint) => {
        const head = header.parse(await endpoint.send('eth_getBlockByNumber', ['latest', false]));
        endpoint.sawHead(head);
        freshness.compare(endpoint);
        const why = freshness.whyBehind(endpoint);
        if (why !== null) throw new NotUsableError(why);
        return head;
      }),
    sendToAll: (method, params) =>
      endpoints.map((endpoint) => {
        const answer = sendToRightChain(endpoint, method, params).finally(() => show(endpoint));
        // One that is refused before the caller has come to it, or that nobody waits for any more, is no unhandled one.
        answer.catch(() => undefined);
        return { endpoint: endpoint.name, answer };
      }),
    lacks(endpoint, lack) {
      if (endpoint.lacks.add(lack)) onLack?.(endpoint.name, lack);
    },
    firstForLogs: () => firstForLogs,
    preferNextForLogs: () => void (firstForLogs = (firstForLogs + 1) % endpoints.length),
    async checkAll(silenceMs) {
      const checks = endpoints.map((endpoint) => endpoint.check().finally(() => show(endpoint)));
      const all = Promise.allSettled(checks);
      const anyAnswered = Promise.any(checks).catch(() => undefined);
      await Promise.race([all, anyAnswered.then(() => delay(silenceMs, undefined, { ref: false }))]);
    },
    status: () => endpoints.map((endpoint) => statusOf(endpoint, troubleOf(endpoint))),
    close: () => endpoints.forEach((endpoint) => endpoint.close()),
  };
}

/** One that says null is believed after so long, when the others have said nothing. */
const NULL_PATIENCE_MS = 2_000;

/** Null only when every endpoint that answers in time says so. */
async function findAnywhere<T>(
  { attempt }: EndpointChoice,
  endpoints: readonly Endpoint[],
  schema: z.ZodType<T>,
  method: string,
  params: readonly unknown[],
): Promise<T | null> {
  let nulls = 0;
  let believeNull = (): void => undefined;
  const nobodyElse = new Promise<null>((resolve) => (believeNull = () => resolve(null)));
  const patience: NodeJS.Timeout[] = [];
  const ask = async (endpoint: Endpoint): Promise<T | null> => {
    const found = schema.nullable().parse(await endpoint.send(method, params));
    if (found !== null) return found;
    nulls += 1;
    patience.push(setTimeout(believeNull, NULL_PATIENCE_MS));
    const sound = endpoints.filter(({ health }) => health.avoidedUntilMs() <= Date.now()).length;
    if (nulls < sound) throw new NotUsableError('does not know it');
    return null;
  };
  try {
    return await Promise.race([attempt(method, ask), nobodyElse]);
  } catch (error) {
    // One says that it does not know, the others say nothing: nobody knows.
    if (error instanceof RpcUnavailableError && nulls > 0) return null;
    throw error;
  } finally {
    patience.forEach(clearTimeout);
  }
}

async function sendToRightChain(endpoint: Endpoint, method: string, params: readonly unknown[]): Promise<unknown> {
  if (endpoint.mustBeChecked()) await endpoint.check();
  const why = endpoint.wrongChain();
  if (why !== null) throw new NotUsableError(why);
  return endpoint.send(method, params);
}

function statusOf(endpoint: Endpoint, trouble: string | null): EndpointStatus {
  const { name, head, lacks, logRangeBlocks } = endpoint;
  return {
    ...{ name, trouble, wrongChain: endpoint.wrongChain(), logRangeBlocks },
    head: head?.header.number ?? null,
    headAgeMs: head ? Date.now() - head.sinceMs : null,
    lacks: lacks.list(),
    ...endpoint.health.counts(),
  };
}
