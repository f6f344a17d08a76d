import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cachedDirectory } from '../../local-stack/cache.js';
import { choosePort } from '../../local-stack/ports.js';
import { describeExit, startProcess } from '../../local-stack/processes.js';
import type { BenchServers } from './bench-servers.js';
import type { Reach } from './reach.js';

const VERSION = 'v2.5.0';
const MODULE = `github.com/Shopify/toxiproxy/v2/cmd/server@${VERSION}`;
const READY_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** A network with a delay in both directions between provers and servers. */
export interface SlowNetwork extends Reach {
  close(): Promise<void>;
}

/** Puts Toxiproxy between: whoever goes through it waits half of the round trip in each direction. */
export async function openSlowNetwork(
  servers: BenchServers,
  roundTripMs: number,
  report: (line: string) => void,
): Promise<SlowNetwork> {
  const program = await findToxiproxy(servers, report);
  const api = `127.0.0.1:${await choosePort(undefined)}`;
  const [host = '', port = ''] = api.split(':');
  const proxy = await startProcess({
    name: 'toxiproxy',
    command: program,
    args: ['-host', host, '-port', port],
    env: servers.env,
    runDirectory: servers.home.run,
    logFile: join(servers.home.logs, 'toxiproxy.log'),
  });
  const through = async (name: string, upstream: string): Promise<string> => {
    const listen = `127.0.0.1:${await choosePort(undefined)}`;
    await post(api, '/proxies', { name, listen, upstream, enabled: true });
    for (const stream of ['upstream', 'downstream']) {
      const toxic = { type: 'latency', stream, attributes: { latency: roundTripMs / 2, jitter: 0 } };
      await post(api, `/proxies/${name}/toxics`, toxic);
    }
    return listen;
  };
  for (const end = Date.now() + READY_TIMEOUT_MS; !(await answers(api)); await delay(POLL_MS)) {
    if (Date.now() > end || proxy.exit()) throw new Error(describeExit(proxy));
  }
  const temporalAddress = await through('temporal', servers.temporalAddress);
  const database = await through('postgres', new URL(servers.postgresUrl).host);
  return {
    temporalAddress,
    databaseUrl(ofThisNetwork) {
      const url = new URL(ofThisNetwork);
      url.host = database;
      return url.href;
    },
    close: () => proxy.stop(),
  };
}

async function answers(api: string): Promise<boolean> {
  try {
    return (await fetch(`http://${api}/version`)).ok;
  } catch {
    return false;
  }
}

async function post(api: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`http://${api}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`Toxiproxy refused ${path}: ${answer.status} ${await answer.text()}`);
}

/** Built with Go when it is first needed, then kept in the cache. */
async function findToxiproxy({ cache, env }: BenchServers, report: (line: string) => void): Promise<string> {
  const directory = await cachedDirectory(cache, `toxiproxy-${VERSION}`, async (unfinished) => {
    report(`Building Toxiproxy ${VERSION} with Go, once`);
    await goInstall({ ...env, GOBIN: unfinished });
  });
  return join(directory, 'server');
}

/** In a process of its own: the lock on the cache is refreshed meanwhile. */
function goInstall(env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const advice = 'Install Go 1.18 or newer (https://go.dev/dl), or leave the benchmark "wan" out';
    const go = spawn('go', ['install', MODULE], { env, stdio: ['ignore', 'inherit', 'inherit'] });
    go.once('error', (error) => reject(new Error(`Toxiproxy cannot be built: ${error.message}. ${advice}`)));
    go.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`Toxiproxy cannot be built (go ended with ${code}). ${advice}`)),
    );
  });
}
