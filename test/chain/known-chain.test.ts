import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireKnownChain } from '../../activities/chain/genesis.js';
import { createLog } from '../../platform/log.js';
import { openMinerParts } from '../../workers/miner/miner-parts.js';
import { openEndpoints } from '../support/endpoints.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { startLocalChain, type LocalChain } from '../transfers/local-chain.js';

let database: TestDatabase;
const chains: LocalChain[] = [];

beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(async () => {
  await database.close();
  for (const chain of chains.splice(0)) await chain.stop();
});

/** A chain of its own: each begins at another time. */
async function startChain(): Promise<string> {
  const chain = await startLocalChain(['--timestamp', String(1_700_000_000 + chains.length)]);
  chains.push(chain);
  return chain.rpcUrl;
}

test('a chain begun anew under the same id is refused, with the command that forgets the old one', async () => {
  const [before, after] = [await startChain(), await startChain()];
  const open = (rpcUrl: string) => {
    const given = { home: '/nowhere', databaseUrl: database.url, rpcUrls: [rpcUrl], chainId: 31337 };
    return openMinerParts(given, createLog('test', 'silent', {}));
  };
  await (await open(before)).close();
  await (await open(before)).close();
  await expect(open(after)).rejects.toThrow(/The chain with id 31337 is another one than before.*"npm run clean"/);
  await (await open(before)).close();
});

test('chains of different ids are known side by side', async () => {
  const [one, two] = [await startChain(), await startChain()];
  // The ids that they are asked for by do not matter here: only what block 0 is.
  const known = async (chainId: number, url: string): Promise<void> => {
    const endpoints = openEndpoints(url);
    await endpoints.checkAll(0);
    await requireKnownChain(database.pool, { chainId, genesisHash: endpoints.genesisHash });
    endpoints.close();
  };
  await known(31337, one);
  await known(31338, two);
  await expect(known(31338, one)).rejects.toThrow(/The chain with id 31338 is another one/);
});

test('an endpoint without block 0 is named as the cause', async () => {
  const endpoints = { chainId: 31337, genesisHash: () => null };
  await expect(requireKnownChain(database.pool, endpoints)).rejects.toThrow(/chain 31337 gives no block 0/);
});
