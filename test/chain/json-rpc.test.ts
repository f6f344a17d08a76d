import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createJsonRpc, type JsonRpc } from '../../activities/chain/endpoints/json-rpc.js';

let server: Server;
let rpc: JsonRpc;
afterEach(() => {
  rpc.close();
  server.closeAllConnections();
  server.close();
});

/** Answers the first request; what becomes of the others, each on the same connection, `answerLater` says. */
async function start(answerLater: (response: ServerResponse) => void, timeoutMs: number): Promise<() => number> {
  let requests = 0;
  server = createServer((request, response) => {
    requests += 1;
    const isFirst = requests === 1;
    request.resume().on('end', () => {
      if (isFirst) response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: '0x1' }));
      else answerLater(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  rpc = createJsonRpc(`http://127.0.0.1:${address.port}`, timeoutMs);
  await rpc.send('eth_chainId', []);
  return () => requests;
}

const beginAnswer = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{"jsonrpc":');
};

test('a service that stops in the middle of an answer is asked once, on a connection that was used before, too', async () => {
  const requests = await start(beginAnswer, 100);
  await expect(rpc.send('eth_chainId', [])).rejects.toThrow('no answer within 0.1 s');
  // Whatever else was sent has arrived by the time that this one is answered.
  await expect(rpc.send('eth_chainId', [])).rejects.toThrow('no answer within 0.1 s');
  expect(requests()).toBe(3);
});

test('a connection that breaks in the middle of an answer is tried once more, and no failure is left unhandled', async () => {
  const requests = await start((response) => {
    beginAnswer(response);
    setImmediate(() => response.destroy());
  }, 1_000);
  await expect(rpc.send('eth_chainId', [])).rejects.toThrow();
  await expect(rpc.send('eth_chainId', [])).rejects.toThrow();
  expect(requests()).toBe(4);
});

test('once it is closed, what is under way fails at once and nothing is sent again', async () => {
  let arrived = (): void => undefined;
  const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
  const requests = await start(() => arrived(), 60_000);
  const answer = rpc.send('eth_chainId', []);
  await hasArrived;
  rpc.close();
  await expect(answer).rejects.toThrow('socket hang up');
  expect(requests()).toBe(2);
});
