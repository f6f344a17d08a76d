import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createBlockTimes } from '../../activities/chain/block-times.js';
import { createChainRpc } from '../../activities/chain/chain-rpc.js';
import type { Header } from '../../activities/chain/endpoints/rpc-answers.js';
import { createTroubleNews } from '../../activities/chain/endpoints/trouble-news.js';
import { openEndpoints } from '../support/endpoints.js';

const LATENCY_MS = 40;
const request = z.object({ id: z.number(), method: z.string() });
const hash = `0x${'01'.repeat(32)}`;
const block = { number: '0x1', hash, parentHash: hash, timestamp: '0x1', baseFeePerGas: '0x1' };
let slow: Server;
let silent: Server;
let urls: { slow: string; silent: string };

/** A node that answers each request after a moment, and knows one block and nothing else. */
beforeAll(async () => {
  slow = createServer((incoming, response) => {
    void text(incoming).then(async (body) => {
      const { id, method } = request.parse(JSON.parse(body));
      await delay(LATENCY_MS);
      const results: Record<string, unknown> = {
        eth_chainId: '0x7a69',
        eth_getBlockByNumber: block,
        eth_gasPrice: '0x1',
      };
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? null }));
    });
  });
  silent = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const { id, method } = request.parse(JSON.parse(body));
      if (method === 'eth_getTransactionByHash') return;
      const result = method === 'eth_chainId' ? '0x7a69' : block;
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  urls = { slow: await listen(slow), silent: await listen(silent) };
});
afterAll(() => {
  for (const server of [slow, silent]) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

test('requests that queue for a connection make a healthy endpoint neither silent nor late', async () => {
  const pool = openEndpoints([urls.slow, urls.silent], { timeoutMs: 2_000 });
  const reads = createChainRpc(pool);
  const answers = await Promise.all(Array.from({ length: 8_000 }, () => reads.gasPriceWei()));
  expect(answers).toHaveLength(8_000);
  expect(pool.status()[0]).toMatchObject({ trouble: null, failures: 0 });
  pool.close();
});

test('what one endpoint does not know is not waited for at another one that is silent', async () => {
  const pool = openEndpoints([urls.slow, urls.silent], { timeoutMs: 60_000 });
  const reads = createChainRpc(pool);
  for (let i = 0; i < 3; i++) expect(await reads.transactionData(`0x${'02'.repeat(32)}`)).toBeNull();
  pool.close();
});

test('the same trouble of an endpoint that fails now and then is told once', () => {
  const told: (string | null)[] = [];
  const news = createTroubleNews((_endpoint, trouble) => told.push(trouble));
  for (let i = 0; i < 10; i++) {
    news('one', `HTTP 503 for the ${i}th time`);
    news('one', null);
  }
  news('one', 'is 7 blocks behind');
  expect(told).toEqual(['HTTP 503 for the 0th time', null, 'is 7 blocks behind']);
});

test.each([250, 400, 1_000, 2_000, 12_000])('blocks every %i ms are known as such', (blockTimeMs) => {
  const heads = Array.from({ length: 32 }, (_, number): Header => {
    const timestamp = Math.floor((number * blockTimeMs) / 1000);
    return { number, timestamp, hash: '0x01', parentHash: '0x00', baseFeePerGas: null };
  });
  const measuredMs = createBlockTimes(heads).medianMs();
  expect(measuredMs).toBeGreaterThan(blockTimeMs * 0.85);
  expect(measuredMs).toBeLessThan(blockTimeMs * 1.15);
});
