import http from 'node:http';
import https from 'node:https';
import { z } from 'zod';
import { endpointName, withoutUrlSecrets } from './endpoint-name.js';
import { NoAnswerError, RateLimitedError, RpcAnswerError } from './rpc-errors.js';

/** Connections to one endpoint; what is more waits for one to be free. */
const MAX_CONNECTIONS = 128;
/** Bytes of an answer that are read; a page of logs is far below it. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024;
/** No service is left alone for longer than this, whatever it asks for. */
const LONGEST_PAUSE_MS = 60_000;

/** JSON-RPC over HTTP to one URL. */
export interface JsonRpc {
  /** Host, and a fingerprint where the URL may hold a key. */
  readonly name: string;
  /**
   * Sends one request and resolves with its result. Nothing is tried again, kept or put together with other requests:
   * services limit batches, and one error for a whole batch names no request.
   *
   * @throws RpcAnswerError if the node answers with an error
   * @throws RateLimitedError if the service asks for fewer requests
   * @throws NoAnswerError if there is no answer within the time-out, whose connection is closed
   */
  send(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Whether requests wait for a connection: then it is not the endpoint that is slow. */
  isBusy(): boolean;
  /** Closes all connections; requests under way fail. */
  close(): void;
}

const answer = z.union([
  z.object({ error: z.object({ code: z.number().catch(0), message: z.string(), data: z.unknown().optional() }) }),
  z.object({ result: z.unknown() }).refine((body) => 'result' in body),
]);

/** Bad gateway, unavailable, gateway time-out (RFC 9110, 15.6). */
const GATEWAY_ERRORS = [502, 503, 504];

interface HttpAnswer {
  status: number;
  retryAfter: string | undefined;
  body: string;
}

/** @param timeoutMs from sending a request to the end of its answer */
export function createJsonRpc(url: string, timeoutMs: number): JsonRpc {
  const target = new URL(url);
  const { Agent, request } = target.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  let lastId = 0;
  let isClosed = false;

  function post(text: string, isSecondTry = false): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const sent = request(target, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > MAX_ANSWER_BYTES) sent.destroy(new NoAnswerError('answers with too many bytes', 'too large'));
        });
        response.on('error', fail);
        response.on('aborted', () => fail(new Error('the connection broke')));
        response.on('end', () => {
          clearTimeout(timer);
          const { statusCode: status = 0, headers: told } = response;
          resolve({ status, retryAfter: told['retry-after'], body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      let hasFailed = false;
      const fail = (error: Error): void => {
        // Node tells of one broken connection several times; a second try for each would be nobody's.
        if (hasFailed) return;
        hasFailed = true;
        clearTimeout(timer);
        // The server may close an idle connection at the moment at which it is used again: that says nothing.
        const wasIdle = sent.reusedSocket && !isSecondTry && !isClosed && !(error instanceof NoAnswerError);
        if (wasIdle) return resolve(post(text, true));
        reject(error instanceof NoAnswerError ? error : new NoAnswerError(reasonOf(error), 'unreachable'));
      };
      // A socket that is silent is of no use to the next request either. How long it took to get one does not count.
      let timer: NodeJS.Timeout | undefined;
      sent.on('socket', () => {
        timer = setTimeout(
          () => sent.destroy(new NoAnswerError(`no answer within ${timeoutMs / 1000} s`, 'silent')),
          timeoutMs,
        );
      });
      sent.on('error', fail);
      sent.end(text);
    });
  }

  return {
    name: endpointName(url),
    async send(method, params) {
      lastId += 1;
      const got = await post(JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params }));
      return resultOf(got, (message) => withoutUrlSecrets(message, url));
    },
    isBusy: () => Object.keys(agent.requests).length > 0,
    close() {
      isClosed = true;
      agent.destroy();
    },
  };
}

function resultOf({ status, retryAfter, body }: HttpAnswer, clean: (message: string) => string): unknown {
  const parsed = answer.safeParse(parsedJson(body));
  const error = parsed.success && 'error' in parsed.data ? parsed.data.error : null;
  if (status === 429) {
    const said = error ? `: ${clean(error.message)}` : '';
    throw new RateLimitedError(`HTTP 429, too many requests${said}`, pauseAskedFor(retryAfter));
  }
  // What stands before the node may speak its language: whether the node has heard of the request is not known then.
  if (error && GATEWAY_ERRORS.includes(status)) {
    throw new NoAnswerError(`HTTP ${status}: ${clean(error.message)}`, 'HTTP error');
  }
  if (error) {
    const message = clean(error.message);
    if (isRateLimit(error.code, message)) throw new RateLimitedError(message, pauseAskedFor(retryAfter));
    throw new RpcAnswerError(message, error.code, error.data ?? null);
  }
  // The body is left out: services repeat the key in it.
  if (status === 413) throw new NoAnswerError('HTTP 413, the request or its answer is too large', 'too large');
  if (status < 200 || status > 299) throw new NoAnswerError(`HTTP ${status}${hintOf(status)}`, 'HTTP error');
  if (parsed.success && 'result' in parsed.data) return parsed.data.result;
  throw new NoAnswerError(`HTTP ${status}, but no answer of an Ethereum node`, 'HTTP error');
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** Codes and words of the services; -32005 is also given for too many logs, which is another matter. */
function isRateLimit(code: number, message: string): boolean {
  if (code === 429 || code === -32029) return true;
  return /rate.?limit|too many requests|per second|request(s)? limit|compute units|throughput/i.test(message);
}

/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */
function pauseAskedFor(retryAfter: string | undefined): number | null {
  if (retryAfter === undefined) return null;
  const pauseMs = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(pauseMs) ? Math.min(LONGEST_PAUSE_MS, Math.max(0, pauseMs)) : null;
}

function hintOf(status: number): string {
  if (status === 401 || status === 403) return ': the endpoint does not accept the key or login in its URL';
  if (status === 404) return ': the endpoint has no service under this path';
  return '';
}

/** An aggregate error's first cause says more than its own empty message. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return reasonOf(error.errors[0]);
  return error.message === '' ? error.name : error.message;
}
