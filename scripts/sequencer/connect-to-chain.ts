import { FetchRequest, JsonRpcProvider, Network } from 'ethers';
import { setTimeout as sleep } from 'node:timers/promises';

const REQUEST_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
const PAUSE_MS = 2_000;
/** A posting waits for its block: ask often enough for chains with blocks of one second. */
const POLLING_INTERVAL_MS = 500;

/**
 * Connects to an RPC, with a few tries: it may be starting too.
 *
 * @param pauseMs between two tries
 * @throws Error naming the URL and what the last try met
 */
export async function connectToChain(rpcUrl: string, pauseMs = PAUSE_MS): Promise<JsonRpcProvider> {
  let lastError: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const network = Network.from(await askChainId(rpcUrl));
      const request = new FetchRequest(rpcUrl);
      request.timeout = REQUEST_TIMEOUT_MS;
      return new JsonRpcProvider(request, network, {
        staticNetwork: network,
        pollingInterval: POLLING_INTERVAL_MS,
        // A remembered nonce is a wrong one right after a posting.
        cacheTimeout: -1,
      });
    } catch (error) {
      lastError = error;
      if (attempt < ATTEMPTS) await sleep(pauseMs);
    }
  }
  throw new Error(
    `No chain answers at ${rpcUrl} (${ATTEMPTS} tries, last: ${reason(lastError)}): ` +
      'start it, for example by npm run stack, or give another --rpc-url',
  );
}

// Asked by hand: JsonRpcProvider itself would go on asking for ever.
async function askChainId(rpcUrl: string): Promise<number> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const body: unknown = await response.json();
  if (typeof body === 'object' && body !== null && 'result' in body && typeof body.result === 'string') {
    return Number(body.result);
  }
  throw new Error(`HTTP ${response.status}, not the answer of an Ethereum RPC`);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
