import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { foundryProgram } from '../../local-stack/anvil.js';

/** A chain of this test file's own, which mines every transaction at once. */
export interface LocalChain {
  rpcUrl: string;
  stop(): Promise<void>;
}

/** Keys of the first accounts that anvil funds (its public test mnemonic). */
export const FUNDED_KEYS = [
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
] as const;

/** @param args of anvil, beside where it listens */
export async function startLocalChain(args: readonly string[] = []): Promise<LocalChain> {
  const anvil = spawn(foundryProgram('anvil'), ['--host', '127.0.0.1', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await listeningAddress(anvil);
  return {
    rpcUrl: `http://${address}`,
    async stop() {
      const exited = once(anvil, 'exit');
      anvil.kill();
      await exited;
    },
  };
}

async function listeningAddress(anvil: ChildProcess): Promise<string> {
  if (!anvil.stdout) throw new Error('anvil has no output to read');
  for await (const line of createInterface(anvil.stdout)) {
    const address = /^Listening on (\S+)$/.exec(line)?.[1];
    if (address) {
      anvil.stdout.resume();
      return address;
    }
  }
  throw new Error('anvil ended before it listened');
}
