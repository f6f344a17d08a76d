import { z } from 'zod';
import type { Hex } from '../../../domain/sequence.js';
import { PAGE_BLOCKS } from '../log-pages.js';
import { createJsonRpc } from './json-rpc.js';
import { createLacks, type Lack, type Lacks } from './lacks.js';
import { header, lowerHex, rpcNumber, type Header } from './rpc-answers.js';
import { isRevert, NoAnswerError, RpcAnswerError } from './rpc-errors.js';
import { createEndpointHealth, type EndpointHealth, type RequestCounts } from './endpoint-health.js';

/** What is known of an endpoint, as `npm run status` and the metrics show it. */
export interface EndpointStatus extends RequestCounts {
  name: string;
  /** Why it is passed over, null while it is used. */
  trouble: string | null;
  /** That it is of another chain, in words; null if it is not known to be. */
  wrongChain: string | null;
  /** Number of the newest block that it told of, null for none yet. */
  head: number | null;
  /** How long ago its head was another one, in ms. */
  headAgeMs: number | null;
  lacks: Lack[];
  /** Blocks that it searches for logs in one request, as far as is known. */
  logRangeBlocks: number;
}

/** The chain that an endpoint must serve. */
export interface ChainIdentity {
  chainId: number;
  /** Hash of block 0; null until an endpoint has told it. */
  genesisHash: Hex | null;
}

/** A head that an endpoint told of, and when. */
export interface SeenHead {
  header: Header;
  /** Milliseconds since 1970 of the answer. */
  seenAtMs: number;
  /** When its head was first this one. */
  sinceMs: number;
}

/** One JSON-RPC endpoint, with what its answers have shown of it. */
export interface Endpoint {
  readonly name: string;
  readonly health: EndpointHealth;
  readonly lacks: Lacks;
  logRangeBlocks: number;
  head: SeenHead | null;
  /** As `JsonRpc.send`; remembers failures and what the service asks for. */
  send(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Notes a head that it has answered with. */
  sawHead(header: Header): void;
  /** Which chain it is of, and its head: asked side by side, once for all who ask at the same time. */
  check(): Promise<void>;
  /** Whether it has to be checked before it is used: never done, or not since it last failed. */
  mustBeChecked(): boolean;
  lastCheckMs(): number;
  /** Why it must not be used for anything, null if it may be: it is of another chain. */
  wrongChain(): string | null;
  /** As `JsonRpc.isBusy`. */
  isBusy(): boolean;
  close(): void;
}

const block = z.object({ hash: lowerHex }).nullable();

/**
 * @param chain shared by all endpoints of a pool: the first one that answers sets its genesis hash
 * @param timeoutMs for each answer
 */
export function createEndpoint(url: string, chain: ChainIdentity, timeoutMs: number): Endpoint {
  const rpc = createJsonRpc(url, timeoutMs);
  const health = createEndpointHealth();
  let checked = false;
  let lastCheckMs = 0;
  let checking: Promise<void> | null = null;
  let wrongChain: string | null = null;

  const endpoint: Endpoint = {
    name: rpc.name,
    health,
    lacks: createLacks(),
    logRangeBlocks: PAGE_BLOCKS,
    head: null,
    async send(method, params) {
      health.asked();
      try {
        const result = await rpc.send(method, params);
        health.answered();
        return result;
      } catch (error) {
        if (isRevert(error)) health.answered();
        else health.failed(error);
        // Whatever answers at this address when it is connected to again may be something else.
        if (error instanceof NoAnswerError && isLostConnection(error)) checked = false;
        throw error;
      }
    },
    sawHead(seen) {
      const seenAtMs = Date.now();
      const sinceMs = endpoint.head?.header.hash === seen.hash ? endpoint.head.sinceMs : seenAtMs;
      endpoint.head = { header: seen, seenAtMs, sinceMs };
    },
    check() {
      checking ??= askIdentity(endpoint, chain)
        .then((why) => {
          wrongChain = why;
          checked = why === null;
        })
        .finally(() => {
          lastCheckMs = Date.now();
          checking = null;
        });
      return checking;
    },
    mustBeChecked: () => !checked,
    lastCheckMs: () => lastCheckMs,
    wrongChain: () => wrongChain,
    isBusy: () => rpc.isBusy(),
    close: () => rpc.close(),
  };
  return endpoint;
}

/** Null where the node does not keep its oldest blocks: some say so by an error. */
async function firstBlock(endpoint: Endpoint): Promise<z.infer<typeof block>> {
  try {
    return block.parse(await endpoint.send('eth_getBlockByNumber', ['0x0', false]));
  } catch (error) {
    if (error instanceof RpcAnswerError) return null;
    throw error;
  }
}

/** @returns why it is of another chain, null if it is of the right one */
async function askIdentity(endpoint: Endpoint, chain: ChainIdentity): Promise<string | null> {
  const [chainId, genesis, head] = await Promise.all([
    endpoint.send('eth_chainId', []).then((answer) => rpcNumber.parse(answer)),
    firstBlock(endpoint),
    endpoint.send('eth_getBlockByNumber', ['latest', false]).then((answer) => header.parse(answer)),
  ]);
  if (chainId !== chain.chainId) return `has chain id ${chainId}, expected ${chain.chainId}`;
  // A node that does not keep its oldest blocks tells nothing of the genesis.
  if (genesis !== null) {
    chain.genesisHash ??= genesis.hash;
    if (genesis.hash !== chain.genesisHash) {
      return `has chain id ${chainId}, but is another chain: its block 0 is ${genesis.hash}, expected ${chain.genesisHash}`;
    }
  }
  endpoint.sawHead(head);
  return null;
}

function isLostConnection({ kind }: NoAnswerError): boolean {
  return kind === 'unreachable' || kind === 'silent';
}
