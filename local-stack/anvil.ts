import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import type { Home } from './home.js';
import { startProcess, type StartedProcess } from './processes.js';
import { waitUntilReady } from './ready.js';

export interface AnvilOptions {
  home: Home;
  port: number;
  chainId: number;
  blockTimeSeconds: number;
  env: NodeJS.ProcessEnv;
  report: (line: string) => void;
}

const READY_TIMEOUT_MS = 30_000;
/** A copy is made this often, or less often where copying takes more than a twentieth of the time. */
const COPY_INTERVAL_MS = 2_000;
const COPY_SHARE = 20;

/**
 * Starts a local chain that mines a block at a fixed interval (the windows T1 and T2 need blocks to pass) and keeps its
 * state in a file, written every second. A kill may take up to a second of blocks back: to all others that is a reorg.
 * States of old blocks are not kept over a restart (a thousand blocks of them would be 80 MB, written every second):
 * a call pinned to a block from before it fails, blocks, receipts and logs are there.
 */
export async function startAnvil(options: AnvilOptions): Promise<StartedProcess> {
  const directory = join(options.home.data, `chain-${options.chainId}`);
  mkdirSync(directory, { recursive: true });
  const state = join(directory, 'state.json');
  restoreState(state, options.report);
  const process = await startProcess({
    name: 'anvil',
    command: foundryProgram('anvil'),
    args: [
      ...['--host', '127.0.0.1', '--port', String(options.port), '--chain-id', String(options.chainId)],
      ...['--block-time', String(options.blockTimeSeconds), '--state', state, '--state-interval', '1', '--quiet'],
    ],
    env: options.env,
    runDirectory: options.home.run,
    logFile: join(options.home.logs, 'anvil.log'),
    role: 'part',
  });
  const rpcUrl = `http://127.0.0.1:${options.port}`;
  await waitUntilReady(process, () => askChainId(rpcUrl), READY_TIMEOUT_MS);
  keepCopying(state, process);
  return process;
}

/** The program of an npm package of Foundry; its install script, which npm may refuse to run, is not needed. */
export function foundryProgram(tool: 'anvil' | 'forge'): string {
  const require = createRequire(createRequire(import.meta.url).resolve(`@foundry-rs/${tool}/package.json`));
  const name = `@foundry-rs/${tool}-${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`;
  try {
    return require.resolve(`${name}/bin/${tool}`);
  } catch (error) {
    throw new Error(`The npm package ${name} is not installed: run "npm ci" without --omit=optional`, { cause: error });
  }
}

/**
 * anvil writes its state over the old one, so a kill in that moment leaves half a file, with which it would not start
 * again: a copy of the last whole one takes its place.
 */
function restoreState(state: string, report: (line: string) => void): void {
  if (!existsSync(state) || isWhole(state)) return;
  renameSync(state, `${state}.broken`);
  const copy = `${state}.copy`;
  if (existsSync(copy)) copyFileSync(copy, state);
  report(
    `The local chain's state was cut off by a kill (kept as ${state}.broken): going on from ` +
      (existsSync(copy) ? 'the copy made a few seconds earlier' : 'an empty chain'),
  );
}

function keepCopying(state: string, anvil: StartedProcess, intervalMs = COPY_INTERVAL_MS): void {
  const copyNow = () => {
    if (anvil.exit() !== undefined) return;
    const start = Date.now();
    copyState(state);
    keepCopying(state, anvil, Math.max(COPY_INTERVAL_MS, COPY_SHARE * (Date.now() - start)));
  };
  setTimeout(copyNow, intervalMs).unref();
}

function copyState(state: string): void {
  const copy = `${state}.copy`;
  if (!existsSync(state) || (existsSync(copy) && statSync(copy).mtimeMs >= statSync(state).mtimeMs)) return;
  copyFileSync(state, `${copy}.new`);
  if (isWhole(`${copy}.new`)) renameSync(`${copy}.new`, copy);
  else rmSync(`${copy}.new`);
}

function isWhole(state: string): boolean {
  try {
    JSON.parse(readFileSync(state, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

async function askChainId(rpcUrl: string): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(rpcUrl, { method: 'POST', headers, body, signal: AbortSignal.timeout(2_000) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}
