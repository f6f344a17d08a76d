import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { WITHOUT_PROXY } from '../platform/grpc-proxy.js';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.js';
import type { Home } from './home.js';
import { reachableAddress } from './ports.js';
import { startProcess, type StartedProcess } from './processes.js';
import { waitUntilReady } from './ready.js';
import { ATTRIBUTE_TYPES, ensureNamespace } from './temporal-namespace.js';

export interface TemporalOptions {
  home: Home;
  /** The `temporal` program, see `findTemporal`. */
  program: string;
  /** What the server listens on; its web UI stays on the loopback interface. Default 127.0.0.1. */
  listenAddress?: string;
  port: number;
  uiPort: number;
  env: NodeJS.ProcessEnv;
  namespace: string;
  /** When a commit counts as done: FULL, when it is on the disk. Default NORMAL. */
  synchronous?: 'NORMAL' | 'FULL';
}

const READY_TIMEOUT_MS = 60_000;

/**
 * Starts a Temporal server with its web UI on a database file, and waits until it serves.
 * With its defaults the server hands tasks out in nearly random order; these settings make it keep priorities exactly
 * and share fairly between rollups. One partition a queue is the price: it limits the rate of tasks, not of proofs.
 */
export async function startTemporal(options: TemporalOptions): Promise<StartedProcess> {
  const { listenAddress = '127.0.0.1' } = options;
  const directory = join(options.home.data, 'temporal');
  mkdirSync(directory, { recursive: true });
  const dynamicConfig = [
    'matching.useNewMatcher=true',
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
    'matching.priorityLevels=100',
    'matching.enableFairness=true',
  ];
  // In WAL mode NORMAL loses nothing when a process is killed; only a power cut can take the last transactions back,
  // and what they held is found again on the chain and in Postgres.
  const pragmas = ['journal_mode=WAL', `synchronous=${options.synchronous ?? 'NORMAL'}`];
  const attributes = Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => `${name}=${ATTRIBUTE_TYPES[type].cli}`);
  const server = await startProcess({
    name: 'temporal',
    command: options.program,
    args: [
      ...['server', 'start-dev', '--ip', listenAddress, '--port', String(options.port)],
      ...['--ui-ip', '127.0.0.1', '--ui-port', String(options.uiPort)],
      ...['--db-filename', join(directory, 'temporal.db'), '--namespace', options.namespace],
      ...pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma]),
      ...dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
      ...attributes.flatMap((attribute) => ['--search-attribute', attribute]),
    ],
    // The server reads TEMPORAL_* too: what is meant for clients must not reach it.
    env: Object.fromEntries(Object.entries(options.env).filter(([name]) => !name.startsWith('TEMPORAL_'))),
    runDirectory: options.home.run,
    logFile: join(options.home.logs, 'temporal.log'),
    role: 'part',
  });
  const address = `${reachableAddress(listenAddress)}:${options.port}`;
  await waitUntilReady(server, () => probe(address, options.namespace), READY_TIMEOUT_MS);
  return server;
}

async function probe(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2s', channelArgs: WITHOUT_PROXY });
  try {
    await ensureNamespace(connection, namespace);
  } finally {
    await connection.close();
  }
}
