import { ZeroAddress } from 'ethers';
import { callAtHash, callAtNext } from './call-contract.js';
import type { EndpointPool } from './endpoint-pool.js';
import type { Endpoint } from './endpoint.js';

/** Something that every node can answer: an address without code returns nothing. */
const NOTHING = { to: ZeroAddress, data: '0x' };

/** Finds out what each endpoint that is fit to be asked lacks, as using it would. */
export async function probeLacks(pool: EndpointPool): Promise<void> {
  const troubled = new Set(pool.status().flatMap(({ name, trouble }) => (trouble === null ? [] : [name])));
  const sound = pool.endpoints.filter(({ name }) => !troubled.has(name));
  // One that fails meanwhile has that for its trouble.
  await Promise.all(sound.map((endpoint) => probe(pool, endpoint).catch(() => undefined)));
}

async function probe(pool: EndpointPool, endpoint: Endpoint): Promise<void> {
  await callAtNext(pool, endpoint, NOTHING);
  if (endpoint.head) await callAtHash(pool, endpoint, NOTHING, endpoint.head.header.hash);
}
