import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonRpcApiProvider } from 'ethers';
import { createEndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { endpointName } from '../../activities/chain/endpoints/endpoint-name.js';
import { createJsonRpc } from '../../activities/chain/endpoints/json-rpc.js';
import { createPoolProvider } from '../../activities/chain/endpoints/pool-provider.js';
import { rpcNumber } from '../../activities/chain/endpoints/rpc-answers.js';
import { describeRpcError } from '../../activities/chain/endpoints/rpc-errors.js';

const REQUEST_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
const PAUSE_MS = 2_000;
/** Endpoints that are silent beside one that answers are not waited for. */
const SILENCE_MS = 2_000;

/** A chain that is connected to. */
export interface ConnectedChain {
  provider: JsonRpcApiProvider;
  close(): void;
}

/**
 * Connects to the endpoints of one chain, whichever it is, with a few tries: it may be starting too.
 *
 * @param pauseMs between two tries
 * @throws Error naming the endpoints and what the last try met, or the endpoint that is of another chain
 */
export async function connectToChain(rpcUrls: readonly string[], pauseMs = PAUSE_MS): Promise<ConnectedChain> {
  const chainId = await findChainId(rpcUrls, pauseMs);
  const endpoints = createEndpointPool({ chainId, urls: rpcUrls, timeoutMs: REQUEST_TIMEOUT_MS });
  await endpoints.checkAll(SILENCE_MS);
  const wrong = endpoints.status().find(({ wrongChain }) => wrongChain !== null);
  if (wrong) {
    endpoints.close();
    throw new Error(
      `The endpoint ${wrong.name} ${wrong.wrongChain}: give endpoints of one chain only (--rpc-url or ZKPOW_RPC_URL)`,
    );
  }
  const provider = createPoolProvider(endpoints);
  return {
    provider,
    close() {
      provider.destroy();
      endpoints.close();
    },
  };
}

/** As the first endpoint that answers has it. */
async function findChainId(rpcUrls: readonly string[], pauseMs: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await Promise.any(rpcUrls.map(askChainId));
    } catch (error) {
      if (attempt === ATTEMPTS) throw notThere(rpcUrls, error);
    }
    await sleep(pauseMs);
  }
}

async function askChainId(rpcUrl: string): Promise<number> {
  const rpc = createJsonRpc(rpcUrl, REQUEST_TIMEOUT_MS);
  try {
    return rpcNumber.parse(await rpc.send('eth_chainId', []));
  } finally {
    rpc.close();
  }
}

function notThere(rpcUrls: readonly string[], error: unknown): Error {
  return new Error(
    `No chain answers at ${rpcUrls.map(endpointName).join(', ')} (${ATTEMPTS} tries, last: ${describeRpcError(error)}): ` +
      'start it, for example by npm run stack, or give another --rpc-url',
    { cause: error },
  );
}
