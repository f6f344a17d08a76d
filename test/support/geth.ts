import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Wallet } from 'ethers';
import { z } from 'zod';
import { localAccounts } from '../../local-stack/mining/local-accounts.js';
import { cachedDirectory } from '../../local-stack/cache.js';
import { lastLines } from '../../local-stack/log-file.js';
import { choosePort } from '../../local-stack/ports.js';
import { settings } from '../../platform/settings/settings-table.js';
import { readEnvironment, readSettings } from '../../platform/settings/settings.js';
import { FUNDED_KEYS, type LocalChain } from '../transfers/local-chain.js';
import { runGo } from './made-with-go.js';

const GETH_VERSION = 'v1.17.10';
/** Go takes the lowest versions that this allows, so it fixes every other one. */
const GO_MODULE = `module zkpow.invalid/geth

go 1.25.0

require github.com/ethereum/go-ethereum ${GETH_VERSION}
`;
const PROGRESS_MS = 15_000;
const READY_TIMEOUT_MS = 60_000;
const BLOCK_GAS_LIMIT = 60_000_000;
const FUNDS_WEI = 10_000n * 10n ** 18n;

/** Hard forks of Ethereum by whose rules a chain runs, from its first block on. */
export type Rules = 'osaka' | 'amsterdam';

export interface GethOptions {
  rules: Rules;
  /** 0 mines a block for each transaction. */
  blockTimeSeconds: number;
  /** Default: an empty, temporary one, deleted at the end. */
  directory?: string;
  /** Default: 31337. */
  chainId?: number;
}

/**
 * A chain of one geth that keeps the states of the last 128 blocks, as full nodes do. anvil's accounts have coins on it.
 *
 * @throws GoUnavailableError, see `madeWithGo`
 */
export async function startGeth(options: GethOptions): Promise<LocalChain> {
  const program = await buildGeth();
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'zkpow-geth-'));
  const data = join(directory, `${options.rules}-${options.chainId ?? 31337}`);
  mkdirSync(data, { recursive: true });
  const genesisFile = join(data, 'genesis.json');
  writeFileSync(genesisFile, JSON.stringify(await makeGenesis(program, options)));
  await promisify(execFile)(program, ['init', '--datadir', data, genesisFile]);

  const port = await choosePort(undefined);
  const logFile = join(data, 'geth.log');
  const log = openSync(logFile, 'a');
  const geth = spawn(
    program,
    [
      ...['--dev', '--dev.period', String(options.blockTimeSeconds), '--datadir', data, '--ipcdisable', '--nodiscover'],
      ...['--http', '--http.port', String(port), '--http.api', 'eth,net,web3,txpool,debug'],
      ...['--authrpc.port', String(await choosePort(undefined)), '--miner.gaslimit', String(BLOCK_GAS_LIMIT)],
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const rpcUrl = `http://127.0.0.1:${port}`;
  await waitUntilItAnswers(geth, rpcUrl, logFile);
  return {
    rpcUrl,
    async stop() {
      const exited = once(geth, 'exit');
      if (geth.exitCode === null && geth.kill('SIGINT')) await exited;
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The program: built with Go when it is first needed (4 minutes on two free cores), then kept in the cache. */
async function buildGeth(): Promise<string> {
  const { cache } = readSettings(readEnvironment(), settings.pick({ cache: true }));
  const directory = await cachedDirectory(
    cache,
    `geth-${GETH_VERSION}`,
    async (unfinished) => {
      console.warn(`Building geth ${GETH_VERSION} with Go, once: about 4 minutes`);
      writeFileSync(join(unfinished, 'go.mod'), GO_MODULE);
      const start = Date.now();
      const progress = setInterval(() => {
        console.warn(`Building geth: ${Math.round((Date.now() - start) / 1000)} s so far`);
      }, PROGRESS_MS);
      const args = ['build', '-ldflags', '-s -w', '-o', 'geth', 'github.com/ethereum/go-ethereum/cmd/geth'];
      const command = { args, cwd: unfinished, what: 'geth', goVersion: '1.25', flags: '-mod=mod' };
      await runGo(command).finally(() => clearInterval(progress));
    },
    () => console.warn('Waiting for another process that builds geth'),
  );
  return join(directory, 'geth');
}

const devGenesis = z.looseObject({
  config: z.looseObject({ chainId: z.number(), bogotaTime: z.number().optional() }),
  alloc: z.record(z.string(), z.looseObject({ balance: z.string() })),
});

/** That of geth's development chain, which holds the contracts that the forks call, with our fork, chain id and accounts. */
async function makeGenesis(program: string, { rules, chainId = 31337 }: GethOptions): Promise<unknown> {
  const { stdout } = await promisify(execFile)(program, ['--dev', 'dumpgenesis']);
  const genesis = devGenesis.parse(JSON.parse(stdout));
  // The fork after Amsterdam, which the development chain has in its place.
  delete genesis.config.bogotaTime;
  const accounts = [...Object.values({ ...localAccounts() }), ...FUNDED_KEYS.map((key) => new Wallet(key))];
  const funded = accounts.map(({ address }) => [address.slice(2), { balance: `0x${FUNDS_WEI.toString(16)}` }]);
  return {
    ...genesis,
    config: { ...genesis.config, chainId, ...(rules === 'amsterdam' ? { amsterdamTime: 0 } : {}) },
    gasLimit: `0x${BLOCK_GAS_LIMIT.toString(16)}`,
    alloc: { ...genesis.alloc, ...Object.fromEntries(funded) },
  };
}

async function waitUntilItAnswers(geth: ChildProcess, rpcUrl: string, logFile: string): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const headers = { 'content-type': 'application/json' };
  for (const end = Date.now() + READY_TIMEOUT_MS; ; await delay(100)) {
    if (geth.exitCode !== null) throw new Error(`geth ended with code ${geth.exitCode}:\n${lastLines(logFile)}`);
    try {
      if ((await fetch(rpcUrl, { method: 'POST', headers, body })).ok) return;
    } catch (error) {
      if (Date.now() < end) continue;
      geth.kill('SIGKILL');
      throw new Error(`geth does not answer:\n${lastLines(logFile)}`, { cause: error });
    }
  }
}
