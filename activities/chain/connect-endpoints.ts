import { retried, WrongPartError, type Patience } from '../../platform/retried.js';
import { endpointName } from './endpoints/endpoint-name.js';
import { createEndpointPool, type EndpointPool, type EndpointPoolOptions } from './endpoints/endpoint-pool.js';

const RPC_TIMEOUT_MS = 10_000;
/** An endpoint that does not answer for so long holds up nobody while another one answers. */
const SILENCE_MS = 2_000;
const CHAIN_ADVICE = 'Start it ("npm run stack") or set ZKPOW_RPC_URL to an endpoint that answers.';

export interface ChainSettings {
  rpcUrls: readonly string[];
  chainId: number;
}

/** Who is told of what becomes of endpoints. */
export type EndpointListeners = Pick<EndpointPoolOptions, 'onTrouble' | 'onLack'>;

/**
 * Connects to the base chain: at least one endpoint must answer, and none that answers may serve another chain. Later on
 * such a one is passed over.
 *
 * @returns the pool of all endpoints, to be closed by the caller
 * @throws WrongPartError at once if an endpoint serves another chain
 */
export async function connectEndpoints(
  { rpcUrls, chainId }: ChainSettings,
  { timeoutMs, ...listeners }: Patience & EndpointListeners = {},
): Promise<EndpointPool> {
  const pool = createEndpointPool({ chainId, urls: rpcUrls, timeoutMs: RPC_TIMEOUT_MS, ...listeners });
  try {
    const places = rpcUrls.map(endpointName).join(', ');
    const patience = timeoutMs === undefined ? {} : { timeoutMs };
    await retried(`the base chain at ${places}`, CHAIN_ADVICE, patience, () => checkEndpoints(pool));
    return pool;
  } catch (error) {
    pool.close();
    throw error;
  }
}

/**
 * Every endpoint that answers must serve the right chain; where none answers, what is wrong with each is thrown. One that
 * is silent beside others that answer is not waited for.
 */
async function checkEndpoints(pool: EndpointPool): Promise<void> {
  await pool.checkAll(SILENCE_MS);
  const endpoints = pool.status();
  for (const { name, wrongChain } of endpoints) {
    if (wrongChain === null) continue;
    throw new WrongPartError(
      `The base chain at ${name} ${wrongChain}. Set ZKPOW_RPC_URL to endpoints of one chain, and ZKPOW_CHAIN_ID to its id.`,
    );
  }
  if (endpoints.some(({ trouble }) => trouble === null)) return;
  throw new Error(endpoints.map(({ name, trouble }) => `${name}: ${trouble ?? 'no answer yet'}`).join('; '));
}
