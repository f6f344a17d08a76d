import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { FetchRequest, JsonRpcProvider, Network } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { RpcUnavailableError } from '../../activities/chain/ask-endpoints.js';
import { CallRevertedError, createChainRpc } from '../../activities/chain/chain-rpc.js';
import { readSequenceFacts, ROLLUP } from '../../activities/chain/rollup-facts.js';
import { startTestRollup, type TestRollup } from '../support/test-rollup.js';

let rollup: TestRollup;
let broken: Server;
let brokenUrl: string;
beforeAll(async () => {
  rollup = await startTestRollup();
  broken = createServer((_request, response) => response.writeHead(503).end('down for repair'));
  brokenUrl = await new Promise((resolve) => {
    broken.listen(0, '127.0.0.1', () => {
      const address = broken.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/secret-key`);
    });
  });
});
afterAll(async () => {
  broken.close();
  await rollup.close();
});

function provider(url: string): JsonRpcProvider {
  const network = Network.from(31337);
  return new JsonRpcProvider(new FetchRequest(url), network, { staticNetwork: network });
}

test('passes over an endpoint that fails', async () => {
  const rpc = createChainRpc(31337, [provider(brokenUrl), provider(rollup.rpcUrl)]);
  expect((await rpc.latest()).number).toBe(await rollup.head());
});

test('waits for a silent endpoint once, and asks it last from then on', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const hung = provider(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  const asked: string[] = [];
  const send = hung.send.bind(hung);
  hung.send = (method, params) => (asked.push(method), send(method, params));
  try {
    const rpc = createChainRpc(31337, [hung, provider(rollup.rpcUrl)]);
    expect((await rpc.latest()).number).toBe(await rollup.head());
    await rpc.gasPriceWei();
    expect(asked).toEqual(['eth_getBlockByNumber']);
  } finally {
    hung.destroy();
    silent.closeAllConnections();
    silent.close();
  }
});

test('names the endpoints when none answers, without what may be secret in their URLs', async () => {
  const rpc = createChainRpc(31337, [provider(brokenUrl), provider('http://127.0.0.1:9')]);
  const error = await rpc.latest().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RpcUnavailableError);
  expect(String(error)).toMatch(/eth_getBlockByNumber .*127\.0\.0\.1:\d+.*503.*127\.0\.0\.1:9.*ZKPOW_RPC_URL/);
  expect(String(error)).not.toContain('secret-key');
});

test('asks again when an endpoint fails now and then', async () => {
  let asked = 0;
  const moody = provider(rollup.rpcUrl);
  const send = moody.send.bind(moody);
  moody.send = (method, params) => (++asked < 3 ? Promise.reject(new Error('overloaded')) : send(method, params));
  expect((await createChainRpc(31337, [moody]).latest()).number).toBe(await rollup.head());
  expect(asked).toBe(3);
});

test('tells a revert from an endpoint that fails, with its data', async () => {
  const rpc = createChainRpc(31337, [provider(rollup.rpcUrl)]);
  const data = ROLLUP.encodeFunctionData('submitProofHash', [0, 7, `0x${'11'.repeat(32)}`]);
  const error = await rpc.call({ to: rollup.ref.rollup, data }, 'latest').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CallRevertedError);
  const revert = error instanceof CallRevertedError ? ROLLUP.parseError(error.data) : null;
  expect(revert?.name).toBe('NoSuchSequence');
});

test('takes an error that an endpoint answers a call with for no word of the contract', async () => {
  const limited = createServer((request, response) => {
    void text(request).then((body) => {
      const { id } = z.object({ id: z.number() }).parse(JSON.parse(body));
      const error = { code: -32005, message: 'rate limit exceeded' };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, error }));
    });
  });
  await new Promise<void>((resolve) => limited.listen(0, '127.0.0.1', resolve));
  const address = limited.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  try {
    const rpc = createChainRpc(31337, [provider(url)]);
    const error = await rpc.call({ to: rollup.ref.rollup, data: '0x' }, 'latest').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RpcUnavailableError);
    expect(String(error)).toContain('rate limit exceeded');
  } finally {
    limited.close();
  }
});

test('reads all chain fields in one call at a named block', async () => {
  const rpc = createChainRpc(31337, [provider(rollup.rpcUrl)]);
  const before = await rpc.latest();
  const sequence = await rollup.post('0x01', '0x02');
  const after = await rpc.latest();
  const miner = rollup.miner.address;
  expect(await readSequenceFacts(rpc, sequence, miner, before.hash)).toMatchObject({
    blockNumber: before.number,
    posted: false,
  });
  expect(await readSequenceFacts(rpc, sequence, miner, after.hash)).toMatchObject({
    blockNumber: after.number,
    parentHash: before.hash,
    posted: true,
    accInputHash: sequence.accInputHash,
    predecessorVerifiedBlock: 0,
    ownState: 'none',
    failedRounds: [],
  });
});
