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
 * @throws Error naming the endpoints and what the last try met
 */
export async function connectToChain(rpcUrls: readonly string[], pauseMs = PAUSE_MS): Promise<ConnectedChain> {
  for (let attempt = 1; ; attempt++) {
    try {
      const chainId = await chainIdOf(rpcUrls);
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
      if (error instanceof MixedChainsError) throw error;
      if (attempt === ATTEMPTS) throw notThere(rpcUrls, error);
    }
    await sleep(pauseMs);
  }
}

/** @throws Error if endpoints that answer are of different chains, AggregateError if none answers */
async function chainIdOf(rpcUrls: readonly string[]): Promise<number> {
  const asked = rpcUrls.map(askChainId);
  const chainId = await Promise.any(asked);
  const all = Promise.allSettled(asked);
  const answers = await Promise.race([all, sleep(SILENCE_MS, null, { ref: false })]);
  for (const [index, answer] of (answers ?? []).entries()) {
    if (answer.status === 'rejected' || answer.value === chainId) continue;
    throw new MixedChainsError(
      `The endpoint ${endpointName(rpcUrls[index] ?? '')} has chain id ${answer.value}, another one ${chainId}: ` +
        'give endpoints of one chain only (--rpc-url or ZKPOW_RPC_URL)',
    );
  }
  return chainId;
}

class MixedChainsError extends Error {}

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
