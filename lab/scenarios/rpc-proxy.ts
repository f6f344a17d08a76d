import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Follower } from './block-clock.js';
import { withLag } from './stale-reads.js';

/** One JSON-RPC request, as a client sent it. */
export interface RpcCall {
  method: string;
  params: unknown[];
}

/** What goes wrong with a request. */
export type RpcFault =
  /** An error is answered, the chain hears nothing. */
  | 'refuse'
  /** The chain gets it, then the connection breaks: the client cannot know. */
  | 'break after'
  /** The connection breaks, the chain hears nothing. */
  | 'break before'
  /** The chain gets it, the client waits until its own patience ends. */
  | 'no answer'
  /** The chain gets it, then this happens, then it is answered. */
  | { afterwards: () => Promise<void> }
  /** The answer of a node that is so many blocks behind. */
  | { lagBlocks: number }
  /** The node refuses, in these words; the chain hears nothing. */
  | { error: { code: number; message: string } }
  /** A service before the node answers, for the whole HTTP request; the chain hears nothing. */
  | { httpStatus: number; headers?: Record<string, string>; body?: string }
  /** The chain gets it, and another result than its own is answered. */
  | { change: (result: unknown) => unknown }
  /** The node answers something else that it was not asked for. */
  | { askInstead: Partial<RpcCall> };

/** Draws what goes wrong with a request, null for nothing; may act before the request is passed on. */
export type FaultSource = (call: RpcCall) => RpcFault | null | Promise<RpcFault | null>;

/** Stands between one program and the chain. */
export interface RpcProxy {
  url: string;
  /** Heads that its program was told of. */
  follower: Follower;
  setFaults(source: FaultSource | null): void;
  /** More requests than this in one batch are refused by one error for all of them. */
  setBatchLimit(requests: number): void;
  close(): Promise<void>;
}

const call = z.object({ id: z.unknown(), method: z.string(), params: z.array(z.unknown()).default([]) });
const body = z.union([call, z.array(call)]);
type Request = z.infer<typeof call>;

const head = z.object({ result: z.object({ number: z.string() }) });

/** @param follower of the program: the same for all endpoints that it has */
export async function startRpcProxy(chainUrl: string, follower: Follower = { seen: null }): Promise<RpcProxy> {
  let faults: FaultSource | null = null;
  let batchLimit = Infinity;

  async function answer(request: Request): Promise<unknown> {
    const { method, params } = request;
    const fault = (await faults?.({ method, params })) ?? null;
    const refusal = refusalOf(fault);
    if (refusal) return { jsonrpc: '2.0', id: request.id, error: refusal };
    if (fault === 'break before') throw new BrokenConnection();
    if (isObject(fault) && 'httpStatus' in fault) throw new HttpAnswer(fault);
    const answered = await answerWith(fault, request);
    if (isObject(fault) && 'afterwards' in fault) await fault.afterwards();
    if (fault === 'break after') throw new BrokenConnection();
    if (fault === 'no answer') throw new NoAnswer();
    noteHead(follower, request, answered);
    return Object.assign({}, answered, { id: request.id });
  }

  async function answerWith(fault: RpcFault | null, request: Request): Promise<unknown> {
    const { method, params } = request;
    if (!isObject(fault)) return pass(chainUrl, request);
    if ('lagBlocks' in fault) {
      return withLag((passed) => pass(chainUrl, { ...request, ...passed }), { method, params }, fault.lagBlocks);
    }
    if ('askInstead' in fault) return pass(chainUrl, { ...request, ...fault.askInstead });
    const answered = await pass(chainUrl, request);
    if (!('change' in fault)) return answered;
    const { result } = withResult.parse(answered);
    return { jsonrpc: '2.0', result: fault.change(result) };
  }

  const server = createServer((request, response) => {
    void serve(request, response, answer, batchLimit);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    follower,
    setFaults: (source) => void (faults = source),
    setBatchLimit: (requests) => void (batchLimit = requests),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const withResult = z.object({ result: z.unknown() });

function refusalOf(fault: RpcFault | null): { code: number; message: string } | null {
  if (fault === 'refuse') return { code: -32000, message: 'overloaded' };
  return isObject(fault) && 'error' in fault ? fault.error : null;
}

function isObject(fault: RpcFault | null): fault is Exclude<RpcFault, string> {
  return fault !== null && typeof fault === 'object';
}

class HttpAnswer extends Error {
  constructor(readonly answer: { httpStatus: number; headers?: Record<string, string>; body?: string }) {
    super(`HTTP ${answer.httpStatus}`);
  }
}
class BrokenConnection extends Error {}
class NoAnswer extends Error {}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request) => Promise<unknown>,
  batchLimit: number,
): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(z.instanceof(Buffer).parse(chunk));
    const requests = body.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    if (Array.isArray(requests) && requests.length > batchLimit) {
      const error = { code: -32600, message: `batch limit ${batchLimit} exceeded` };
      return void response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
    }
    const answers = Array.isArray(requests) ? await Promise.all(requests.map(answer)) : await answer(requests);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers));
  } catch (error) {
    // One request of a batch takes the others with it, as one connection does.
    if (error instanceof HttpAnswer) {
      const { httpStatus, headers = {}, body: text = '' } = error.answer;
      response.writeHead(httpStatus, headers).end(text);
    } else if (!(error instanceof NoAnswer)) response.destroy();
  }
}

async function pass(chainUrl: string, { id, method, params }: Request): Promise<unknown> {
  const response = await fetch(chainUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
  });
  return response.json();
}

function noteHead(follower: Follower, { method, params }: Request, answered: unknown): void {
  if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest') return;
  const parsed = head.safeParse(answered);
  if (parsed.success) follower.seen = Number(parsed.data.result.number);
}
