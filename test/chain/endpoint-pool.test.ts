import { createServer, type Server } from 'node:http';
import { toQuantity } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createChainRpc } from '../../activities/chain/chain-rpc.js';
import { createPoolProvider } from '../../activities/chain/endpoints/pool-provider.js';
import { RpcUnavailableError } from '../../activities/chain/endpoints/rpc-errors.js';
import { searchLogs } from '../../activities/chain/endpoints/search-logs.js';
import { startRpcProxy, type FaultSource, type RpcProxy } from '../../lab/scenarios/rpc-proxy.js';
import { openEndpoints } from '../support/endpoints.js';
import { startLocalChain } from '../transfers/local-chain.js';

let chain: Awaited<ReturnType<typeof startLocalChain>>;
let first: RpcProxy;
let second: RpcProxy;
/** Methods that each endpoint was asked for. */
let asked: { first: string[]; second: string[] };
beforeAll(async () => {
  chain = await startLocalChain();
  await mine(20);
});
afterAll(() => chain.stop());
beforeEach(async () => {
  [first, second] = [await startRpcProxy(chain.rpcUrl), await startRpcProxy(chain.rpcUrl)];
  asked = { first: [], second: [] };
  setFaults('first', () => null);
  setFaults('second', () => null);
});
afterEach(async () => {
  await first.close();
  await second.close();
});

function setFaults(name: 'first' | 'second', faults: FaultSource): void {
  ({ first, second })[name].setFaults((call) => {
    asked[name].push(call.method);
    return faults(call);
  });
}

async function rpc(method: string, params: unknown[] = []): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(chain.rpcUrl, { method: 'POST', headers, body });
  return z.object({ result: z.unknown() }).parse(await response.json()).result;
}
const mine = (blocks: number): Promise<unknown> => rpc('anvil_mine', [toQuantity(blocks)]);
const head = async (): Promise<number> => Number(await rpc('eth_blockNumber'));

const GONE = { httpStatus: 503, body: 'down for repair' };

test('passes over an endpoint that fails, and uses it again when it answers', async () => {
  const told: (string | null)[] = [];
  const onTrouble = (endpoint: string, trouble: string | null): void => {
    if (first.url.endsWith(endpoint)) told.push(trouble);
  };
  const pool = openEndpoints([first.url, second.url], { onTrouble });
  expect((await pool.latest()).number).toBe(await head());
  setFaults('first', () => GONE);
  for (let i = 0; i < 5; i++) expect((await pool.latest()).number).toBe(await head());
  setFaults('first', () => null);
  await expect.poll(async () => (await pool.latest()) && told.at(-1), { timeout: 5_000 }).toBe(null);
  expect(told).toEqual(['HTTP 503', null]);
  pool.close();
});

test('waits for a silent endpoint once, and asks it last from then on', async () => {
  setFaults('first', ({ method }) => (method === 'eth_gasPrice' ? 'no answer' : null));
  const pool = openEndpoints([first.url, second.url]);
  const reads = createChainRpc(pool);
  expect(await reads.gasPriceWei()).toBeGreaterThan(0n);
  await reads.gasPriceWei();
  expect(asked.first.filter((method) => method === 'eth_gasPrice')).toHaveLength(1);
  pool.close();
});

test('names the endpoints when none answers, with a fingerprint in place of what may be a key', async () => {
  setFaults('first', () => GONE);
  const key = '0123456789abcdef';
  const pool = openEndpoints([`${first.url}/v2/${key}`, `http://user:${key}@127.0.0.1:9/`]);
  const error = await pool.latest().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RpcUnavailableError);
  expect(String(error)).toMatch(
    /eth_getBlockByNumber .*127\.0\.0\.1:\d+ \(URL [0-9a-f]{8}\): HTTP 503; 127\.0\.0\.1:9 \(URL [0-9a-f]{8}\): .*REFUSED.*ZKPOW_RPC_URL/,
  );
  expect(String(error)).not.toContain(key);
  pool.close();
});

test('what a node says is shown without the key, which services repeat', async () => {
  const key = '0123456789abcdef';
  setFaults('first', () => ({ error: { code: -32000, message: `project ${key} is over its quota` } }));
  const pool = openEndpoints(`${first.url}/${key}`);
  await expect(pool.latest()).rejects.toThrow(/project … is over its quota/);
  await expect(pool.latest()).rejects.not.toThrow(key);
  pool.close();
});

test('asks again when an endpoint fails now and then', async () => {
  const pool = openEndpoints(first.url);
  await pool.latest();
  let requests = 0;
  setFaults('first', () => (++requests % 3 === 0 ? null : GONE));
  for (let i = 0; i < 5; i++) expect((await pool.latest()).number).toBe(await head());
  pool.close();
});

test('leaves an endpoint alone for as long as it asks for, and asks another one at once', async () => {
  const pool = openEndpoints([first.url, second.url]);
  await pool.latest();
  setFaults('first', () => ({ httpStatus: 429, headers: { 'retry-after': '5' } }));
  asked.first.length = 0;
  for (let i = 0; i < 10; i++) expect((await pool.latest()).number).toBe(await head());
  expect(asked.first).toHaveLength(1);
  expect(pool.status()[0]).toMatchObject({ trouble: expect.stringContaining('HTTP 429'), rateLimited: 1 });

  const alone = openEndpoints(first.url);
  await expect(alone.latest()).rejects.toThrow(/HTTP 429, too many requests.*asked again in [45] s/);
  expect(asked.first.length).toBeLessThanOrEqual(4);
  pool.close();
  alone.close();
});

test('a head that lags far behind is no head, while a better one was seen a moment ago', async () => {
  setFaults('second', () => ({ lagBlocks: 15 }));
  const pool = openEndpoints([first.url, second.url]);
  const before = await pool.latest();
  setFaults('first', () => GONE);
  await expect(pool.latest()).rejects.toThrow(/is 1[45] blocks behind/);
  await expect(createChainRpc(pool).gasPriceWei()).rejects.toThrow(/blocks behind/);
  setFaults('first', () => null);
  await expect.poll(() => pool.latest().catch(() => null)).toMatchObject({ number: before.number });
  pool.close();
});

test('an endpoint that stands still is passed over once another one goes on', async () => {
  const pool = openEndpoints([first.url, second.url]);
  const stuckAt = await head();
  setFaults('first', ({ method, params }) =>
    method === 'eth_getBlockByNumber' && params[0] === 'latest'
      ? { askInstead: { params: [toQuantity(stuckAt), false] } }
      : null,
  );
  expect((await pool.latest()).number).toBe(stuckAt);
  await mine(30);
  await expect.poll(async () => (await pool.latest()).number, { timeout: 10_000 }).toBe(stuckAt + 30);
  expect(pool.status()[0]?.trouble).toMatch(/behind: its newest block is/);
  pool.close();
});

test('a chain that was really cut back is believed, when nobody says otherwise', async () => {
  const snapshot = await rpc('evm_snapshot');
  const pool = openEndpoints([first.url, second.url]);
  const before = await pool.latest();
  await mine(50);
  await pool.latest();
  await rpc('evm_revert', [snapshot]);
  expect(await pool.latest()).toEqual(before);
  pool.close();
});

test('an endpoint of another chain is never asked for anything else, also when it turns up at an address used before', async () => {
  const pool = openEndpoints([first.url, second.url]);
  await pool.latest();
  const isIdentity = (method: string): boolean => method === 'eth_chainId';
  setFaults('first', ({ method }) => (isIdentity(method) ? { change: () => '0x5' } : 'break after'));
  await pool.latest();
  setFaults('first', ({ method }) => (isIdentity(method) ? { change: () => '0x5' } : null));
  asked.first.length = 0;
  for (let i = 0; i < 5; i++) await createChainRpc(pool).gasPriceWei();
  expect(asked.first).not.toContain('eth_gasPrice');
  expect(pool.status()[0]?.trouble).toBe('has chain id 5, expected 31337');
  const sent = pool.sendToAll('eth_sendRawTransaction', ['0x00']);
  await expect(sent[0]?.answer).rejects.toThrow(/chain id 5/);
  await expect(sent[1]?.answer).rejects.not.toThrow(/chain id/);
  pool.close();
});

test('another chain behind a connection that never broke is found out, and its head counts against nobody', async () => {
  const pool = openEndpoints([first.url, second.url]);
  await pool.latest();
  setFaults('first', ({ method, params }) => {
    if (method === 'eth_chainId') return { change: () => '0x5' };
    if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest') return null;
    return { change: (block) => ({ ...z.looseObject({}).parse(block), number: toQuantity(5_000_000) }) };
  });
  expect((await pool.latest()).number).toBe(5_000_000);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20_000 });
  try {
    await expect.poll(async () => (await pool.latest()).number).toBe(await head());
    expect(pool.status()).toMatchObject([{ trouble: 'has chain id 5, expected 31337' }, { trouble: null }]);
  } finally {
    vi.useRealTimers();
    pool.close();
  }
});

test('another chain of the same id is told by its first block', async () => {
  const other = `0x${'0b'.repeat(32)}`;
  setFaults('second', ({ method, params }) =>
    method === 'eth_getBlockByNumber' && params[0] === '0x0'
      ? { change: (block) => ({ ...z.looseObject({}).parse(block), hash: other }) }
      : null,
  );
  const pool = openEndpoints([first.url, second.url]);
  await pool.latest();
  await pool.checkAll(1_000);
  expect(pool.status()[1]?.trouble).toMatch(/is another chain: its block 0 is 0x0b0b/);
  pool.close();
});

test('requests of the same moment are not put together: services limit batches, and one error would be for all', async () => {
  first.setBatchLimit(0);
  const pool = openEndpoints(first.url);
  const provider = createPoolProvider(pool);
  const reads = Array.from({ length: 20 }, (_, number) => provider.getBlock(number));
  expect((await Promise.all(reads)).map((block) => block?.number)).toEqual([...Array(20).keys()]);
  provider.destroy();
  pool.close();
});

test('what ethers does not know is told in the words of the node', async () => {
  setFaults('first', ({ method }) =>
    method === 'eth_getBalance' ? { error: { code: -32000, message: 'state is being rebuilt' } } : null,
  );
  const pool = openEndpoints(first.url);
  const provider = createPoolProvider(pool);
  await expect(provider.getBalance(`0x${'01'.repeat(20)}`)).rejects.toThrow(/state is being rebuilt/);
  provider.destroy();
  pool.close();
});

test.each([5, 7, 20])('finds all logs where a node searches %i blocks at once', async (limit) => {
  const address = `0x${'77'.repeat(20)}`;
  // LOG1 of nothing, with the block's number as its topic.
  await rpc('anvil_setCode', [address, '0x4360006000a100']);
  const [from] = z.array(z.string()).parse(await rpc('eth_accounts'));
  const start = await head();
  for (let i = 0; i < 12; i++) {
    const sent = await rpc('eth_sendTransaction', [{ from, to: address }]);
    await expect.poll(() => rpc('eth_getTransactionReceipt', [sent])).not.toBeNull();
    await mine(3);
  }
  setFaults('first', ({ method, params }) => {
    if (method !== 'eth_getLogs') return null;
    const [{ fromBlock, toBlock }] = z.tuple([z.object({ fromBlock: z.string(), toBlock: z.string() })]).parse(params);
    const blocks = Number(toBlock) - Number(fromBlock) + 1;
    return blocks > limit ? { error: { code: -32602, message: `up to a ${limit} block range` } } : null;
  });
  const pool = openEndpoints(first.url);
  const logs = await searchLogs(pool, { address }, { from: start + 1, to: await head() });
  expect(logs.map(({ topics }) => Number(topics[0]))).toEqual(Array.from({ length: 12 }, (_, i) => start + 1 + 4 * i));
  expect(pool.status()[0]?.logRangeBlocks).toBeLessThanOrEqual(limit);
  pool.close();
});

test('closes the connection of a request that was not answered in time', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const pool = openEndpoints(url, { timeoutMs: 100 });
  await expect(pool.latest()).rejects.toThrow(/no answer within 0.1 s/);
  await expect.poll(() => connectionsOf(silent)).toBe(0);
  pool.close();
  silent.close();
});

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
