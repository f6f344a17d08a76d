import { afterAll, beforeAll, expect, test } from 'vitest';
import { CallRevertedError, createChainRpc } from '../../activities/chain/chain-rpc.js';
import { RpcUnavailableError } from '../../activities/chain/endpoints/rpc-errors.js';
import { readSequenceFacts, ROLLUP } from '../../activities/chain/rollup-facts.js';
import { startRpcProxy, type RpcProxy } from '../../lab/scenarios/rpc-proxy.js';
import { openEndpoints } from '../support/endpoints.js';
import { startTestRollup, type TestRollup } from '../support/test-rollup.js';

let rollup: TestRollup;
let proxy: RpcProxy;
beforeAll(async () => {
  rollup = await startTestRollup();
  proxy = await startRpcProxy(rollup.rpcUrl);
});
afterAll(async () => {
  await proxy.close();
  await rollup.close();
});

const HASH = `0x${'11'.repeat(32)}`;
const UNKNOWN_SEQUENCE = ROLLUP.encodeFunctionData('submitProofHash', [0, 7, HASH, HASH, 1, 1]);

test('tells a revert from an endpoint that fails, with its data', async () => {
  const rpc = createChainRpc(openEndpoints(rollup.rpcUrl));
  const call = rpc.call({ to: rollup.ref.rollup, data: UNKNOWN_SEQUENCE }, 'latest');
  const error = await call.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CallRevertedError);
  const revert = error instanceof CallRevertedError ? ROLLUP.parseError(error.data) : null;
  expect(revert?.name).toBe('NoSuchSequence');
});

test('takes an error that an endpoint answers a call with for no word of the contract', async () => {
  proxy.setFaults(({ method }) =>
    method === 'eth_call' ? { error: { code: -32005, message: 'rate limit exceeded' } } : null,
  );
  const rpc = createChainRpc(openEndpoints(proxy.url));
  const error = await rpc.call({ to: rollup.ref.rollup, data: '0x' }, 'latest').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RpcUnavailableError);
  expect(String(error)).toContain('rate limit exceeded');
  proxy.setFaults(null);
});

test('reads all chain fields in one call at a named block', async () => {
  const rpc = createChainRpc(openEndpoints(rollup.rpcUrl));
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

/** A node that does not know this form of a question, and says so in words of its own. */
function refuses(isAsked: (params: unknown[]) => boolean, message: string): void {
  proxy.setFaults(({ method, params }) =>
    (method === 'eth_call' || method === 'eth_getLogs') && isAsked(params)
      ? { error: { code: -32602, message } }
      : null,
  );
}

test('where a node knows no pending block, a call sees the number of the next one all the same', async () => {
  refuses((params) => params[1] === 'pending', 'pending block is not available');
  const lacks: string[] = [];
  const endpoints = openEndpoints([proxy.url], { onLack: (_endpoint, lack) => lacks.push(lack) });
  const rpc = createChainRpc(endpoints);
  // NUMBER PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN: the block's number, as the called code sees it.
  const address = `0x${'99'.repeat(20)}`;
  await rollup.provider.send('anvil_setCode', [address, '0x4360005260206000f3']);
  for (let i = 0; i < 3; i++) {
    const seen = await rpc.call({ to: address, data: '0x' }, 'pending');
    expect(Number(seen)).toBe((await rollup.head()) + 1);
  }
  expect(lacks).toEqual(['pending block']);
  expect(endpoints.status()[0]?.lacks).toEqual(['pending block']);
  const reverting = rpc.call({ to: rollup.ref.rollup, data: UNKNOWN_SEQUENCE }, 'pending');
  await expect(reverting).rejects.toThrow(CallRevertedError);
  proxy.setFaults(null);
});

test('where a node knows neither the pending block nor overrides of it, the newest block has to do', async () => {
  refuses((params) => params[1] === 'pending' || params.length > 2, 'unsupported');
  const endpoints = openEndpoints(proxy.url);
  const data = ROLLUP.encodeFunctionData('lastVerifiedBatch');
  const call = { to: rollup.ref.rollup, data };
  expect(Number(await createChainRpc(endpoints).call(call, 'pending'))).toBe(0);
  expect(endpoints.status()[0]?.lacks).toEqual(['block overrides', 'pending block']);
  proxy.setFaults(null);
});

test('where a node refuses calls by block hash, the block of that hash is asked all the same, and no other', async () => {
  const isByHash = (params: unknown[]): boolean => typeof params[1] === 'object' && params[1] !== null;
  refuses(isByHash, 'invalid argument 1: json: cannot unmarshal object into Go value of type string');
  const endpoints = openEndpoints(proxy.url);
  const rpc = createChainRpc(endpoints);
  const before = await rpc.latest();
  const sequence = await rollup.post('0x03');
  const facts = await readSequenceFacts(rpc, sequence, rollup.miner.address, before.hash);
  expect(facts).toMatchObject({ blockNumber: before.number, posted: false });
  expect(endpoints.status()[0]?.lacks).toEqual(['calls by block hash']);

  const gone = await rpc.latest();
  await rollup.provider.send('anvil_reorg', [1, []]);
  const ofGone = readSequenceFacts(rpc, sequence, rollup.miner.address, gone.hash);
  await expect(ofGone).rejects.toThrow(RpcUnavailableError);
  proxy.setFaults(null);
});

test('where a node refuses logs by block hash, its number is asked for', async () => {
  refuses((params) => JSON.stringify(params).includes('blockHash'), 'unknown field blockHash');
  const endpoints = openEndpoints(proxy.url);
  const rpc = createChainRpc(endpoints);
  const sequence = await rollup.post('0x04');
  const filter = { addresses: [rollup.ref.rollup], topics: [], blocks: { blockHash: (await rpc.latest()).hash } };
  const logs = await rpc.logs(filter);
  expect(logs.map(({ topics }) => topics[0])).toContain(ROLLUP.getEvent('SequencePosted')?.topicHash);
  expect(logs.some(({ topics }) => topics[3] === sequence.accInputHash)).toBe(true);
  expect(endpoints.status()[0]?.lacks).toEqual(['logs by block hash']);
  proxy.setFaults(null);
});

test('where a number is asked for, no logs of another block of that number are no logs of this one', async () => {
  const side = `0x${'5d'.repeat(32)}` as const;
  proxy.setFaults(({ method, params }) => {
    if (JSON.stringify(params).includes('blockHash')) return { error: { code: -32602, message: 'unknown field' } };
    if (method !== 'eth_getBlockByHash') return null;
    return { askInstead: { method: 'eth_getBlockByNumber', params: ['latest', false] } };
  });
  const rpc = createChainRpc(openEndpoints(proxy.url));
  const filter = { addresses: [rollup.ref.rollup], topics: [side], blocks: { blockHash: side } };
  await expect(rpc.logs(filter)).rejects.toThrow(/has another block \d+ than 0x5d/);
  proxy.setFaults(null);
});
