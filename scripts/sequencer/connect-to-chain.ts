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

/** A chain that is connected to. */
export interface ConnectedChain {
  provider: JsonRpcApiProvider;
  close(): void;
}

/**
 * Connects to the endpoints of one chain, whichever it is, with a few tries: it may be starting too.
 *
 * @param pauseMs between two tries
 * @throws Error naming the endpoints and what the last try met
 */
export async function connectToChain(rpcUrls: readonly string[], pauseMs = PAUSE_MS): Promise<ConnectedChain> {
  for (let attempt = 1; ; attempt++) {
    try {
      const chainId = await Promise.any(rpcUrls.map(askChainId));
      const endpoints = createEndpointPool({ chainId, urls: rpcUrls, timeoutMs: REQUEST_TIMEOUT_MS });
      const provider = createPoolProvider(endpoints);
      return {
        provider,
        close() {
          provider.destroy();
          endpoints.close();
        },
      };
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
