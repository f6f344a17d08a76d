import {
  createEndpointPool,
  type EndpointPool,
  type EndpointPoolOptions,
} from '../../activities/chain/endpoints/endpoint-pool.js';

/** A pool over endpoints of a local chain. */
export function openEndpoints(urls: string | string[], options: Partial<EndpointPoolOptions> = {}): EndpointPool {
  return createEndpointPool({ chainId: 31_337, urls: [urls].flat(), timeoutMs: 10_000, ...options });
}
