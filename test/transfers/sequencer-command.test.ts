import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startRpcProxy } from '../../lab/scenarios/rpc-proxy.js';
import { parseCommandLine } from '../../scripts/sequencer/command-line.js';
import { connectToChain } from '../../scripts/sequencer/connect-to-chain.js';
import { startLocalChain } from './local-chain.js';

const ROLLUP = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
const KEY = `0x${'ab'.repeat(32)}`;
const directory = mkdtempSync(join(tmpdir(), 'zkpow-sequencer-'));
afterAll(() => rmSync(directory, { recursive: true }));

function keyFile(content: string): string {
  const path = join(directory, `key-${content.length}`);
  writeFileSync(path, content);
  chmodSync(path, 0o600);
  return path;
}

describe('the command line of the sequencer', () => {
  test('takes each setting from its flag, else from the environment', () => {
    const environment = { ZKPOW_RPC_URL: 'http://127.0.0.1:1', ZKPOW_ROLLUP: ROLLUP, ZKPOW_SEQUENCER_KEY: KEY };
    const expected = {
      file: 'f.json',
      rpcUrls: ['http://127.0.0.1:1'],
      rollup: ROLLUP,
      privateKey: KEY,
      allowInvalid: false,
    };
    expect(parseCommandLine(['f.json'], environment)).toEqual(expected);
    const other = `0x${'cd'.repeat(32)}`;
    const flags = [
      '--rpc-url',
      'https://rpc.example',
      '--key-file',
      keyFile(`${other}\n`),
      '--allow-invalid',
      'f.json',
    ];
    expect(parseCommandLine(flags, environment)).toEqual({
      ...expected,
      rpcUrls: ['https://rpc.example'],
      privateKey: other,
      allowInvalid: true,
    });
    expect(parseCommandLine(['--help'], {})).toBeUndefined();
  });

  test('lists all that is wrong at once, and never the key', () => {
    const secret = 'cafe'.repeat(15);
    const act = () => parseCommandLine(['--rollup', '0x12'], { ZKPOW_RPC_URL: 'ftp://x', ZKPOW_SEQUENCER_KEY: secret });
    expect(act).toThrow(
      /FILE is missing.*\n.*ZKPOW_RPC_URL holds something else than http\(s\) URLs\n.*"0x12".*\n.*holds no private key/,
    );
    expect(act).not.toThrow(new RegExp(secret));
    expect(() => parseCommandLine([], {})).toThrow(
      /RPC_URL is missing.*\n.*ROLLUP is missing.*\n.*key of the sequencer is missing/,
    );
    expect(() => parseCommandLine(['f', '--key-file', '/none'], {})).toThrow(/key file \/none cannot be read/);
    expect(() => parseCommandLine(['f', 'g', '--rpc-url', 'x'], {})).toThrow(
      /one FILE is posted at a time, found also g/,
    );
    expect(() => parseCommandLine(['--wat'], {})).toThrow(/--wat/);
  });
});

describe('connecting to a chain', () => {
  test('names an address where nothing answers, after a few tries', async () => {
    await expect(connectToChain(['http://127.0.0.1:1'], 1)).rejects.toThrow(
      /No chain answers at 127\.0\.0\.1:1 \(3 tries, last: .*\): start it, for example by npm run stack/,
    );
  });

  test('tells another server from a chain', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(connectToChain([`http://127.0.0.1:${port}`], 1)).rejects.toThrow(
      /HTTP 404: the endpoint has no service under this path/,
    );
    await new Promise((resolve) => server.close(resolve));
  });

  test('refuses endpoints of two chains, and connects to those of one', async () => {
    const chain = await startLocalChain();
    const proxy = await startRpcProxy(chain.rpcUrl);
    const urls = [chain.rpcUrl, proxy.url];
    (await connectToChain(urls, 1)).close();
    proxy.setFaults(({ method }) => (method === 'eth_chainId' ? { change: () => '0x5' } : null));
    // Whichever answers first is the chain that the other one is not of.
    await expect(connectToChain(urls, 1)).rejects.toThrow(
      /The endpoint 127\.0\.0\.1:\d+ has chain id (5, expected 31337|31337, expected 5): give endpoints of one chain only/,
    );
    await proxy.close();
    await chain.stop();
  });
});
