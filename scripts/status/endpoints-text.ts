import type { EndpointStatus } from '../../activities/chain/endpoints/endpoint.js';

const MS_PER_S = 1000;

/** A line for each RPC endpoint: whether it is used, how far it is, and what it lacks. */
export function endpointLines(endpoints: readonly EndpointStatus[]): string[] {
  return endpoints.map(({ name, trouble, head, headAgeMs, lacks }) => {
    const age = headAgeMs === null ? '' : `, seen ${(headAgeMs / MS_PER_S).toFixed(0)} s ago`;
    const reach = head === null ? 'no block yet' : `block ${head}${age}`;
    const without = lacks.length > 0 ? `; has no ${lacks.join(', no ')}` : '';
    return `Endpoint ${name}: ${trouble === null ? reach : `PASSED OVER, ${trouble}`}${without}`;
  });
}
