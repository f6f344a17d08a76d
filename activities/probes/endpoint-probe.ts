import type { EndpointPool } from '../chain/endpoints/endpoint-pool.js';
import type { Probe } from '../../platform/telemetry/probes.js';

/** What the pool knows of each endpoint by now; nothing is asked for it. */
export function endpointProbe(pool: Pick<EndpointPool, 'status'>): Probe {
  return {
    name: 'endpoints',
    read(metrics) {
      for (const { name: endpoint, trouble, head, headAgeMs, requests, failures, rateLimited } of pool.status()) {
        metrics.set('zkpow_endpoint_used', trouble === null ? 1 : 0, { endpoint });
        metrics.set('zkpow_endpoint_head_block', head ?? 0, { endpoint });
        metrics.set('zkpow_endpoint_head_age_seconds', (headAgeMs ?? 0) / 1000, { endpoint });
        const failed = failures + rateLimited;
        metrics.set('zkpow_endpoint_requests', requests - failed, { endpoint, outcome: 'answered' });
        metrics.set('zkpow_endpoint_requests', failures, { endpoint, outcome: 'failed' });
        metrics.set('zkpow_endpoint_requests', rateLimited, { endpoint, outcome: 'rate limited' });
      }
      return Promise.resolve();
    },
  };
}
