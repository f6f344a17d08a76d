import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { choosePort } from '../../local-stack/ports.js';
import { connectTemporal, connectTemporalClient, connectTemporalWorker } from '../../platform/connect.js';
import { runScript } from '../scripts/run-script.js';
import { temporaryHome } from './temporary-home.js';

/** A proxy that reaches nothing, and what it was asked for. */
let proxy: Server;
let proxyUrl: string;
const asked: string[] = [];

beforeAll(async () => {
  proxy = createServer((_, response) => response.writeHead(502).end());
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  const port = await choosePort(undefined);
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
  proxyUrl = `http://127.0.0.1:${port}`;
});
afterAll(() => new Promise((resolve) => proxy.close(resolve)));
beforeEach(() => {
  asked.length = 0;
});

const VARIABLES = ['http_proxy', 'https_proxy', 'grpc_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

test.each(VARIABLES)('%s does not keep a program from Temporal on its own machine', async (variable) => {
  vi.stubEnv(variable, proxyUrl);
  const temporal = { connectionOptions: { address: inject('temporalAddress') } };
  await (await connectTemporal(temporal)).close();
  await (await connectTemporalClient(temporal)).connection.close();
  await (await connectTemporalWorker(temporal)).close();
  vi.unstubAllEnvs();
  expect(asked).not.toContain(inject('temporalAddress'));
});

test('a proxy that does not lead to Temporal is named', async () => {
  vi.stubEnv('https_proxy', proxyUrl);
  const connecting = connectTemporal({ connectionOptions: { address: 'temporal.invalid:7233' } }, { timeoutMs: 0 });
  await expect(connecting).rejects.toThrow(
    /temporal\.invalid:7233.*https_proxy is set: gRPC goes through that proxy, unless no_proxy has temporal\.invalid/,
  );
  vi.unstubAllEnvs();
  expect(asked).toContain('temporal.invalid:7233');
});

test('commands reach Temporal on their own machine, too', async () => {
  const env = {
    ...{ https_proxy: proxyUrl, http_proxy: proxyUrl, TEMPORAL_ADDRESS: inject('temporalAddress') },
    ZKPOW_HOME: temporaryHome().directory,
  };
  const { stderr, stdout, code } = await runScript('scripts/task.ts', ['list'], env);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toContain('No proof');
  expect(asked).not.toContain(inject('temporalAddress'));
}, 60_000);
