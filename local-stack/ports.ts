import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which systems give ports to outgoing connections and to programs that ask for any (from 32768 on
 * Linux, 49152 elsewhere): nobody gets a port of ours between our looking and the server's listening.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 100;

const handedOut = new Set<number>();

/**
 * A free port; this process never hands out the same one twice, unless as `previous`.
 *
 * @param previous the port of the last run: kept if it is free, so that addresses stay the same over a restart
 * @param address the address that is listened on; default: the loopback interface
 * @throws Error if it is no address of this machine
 */
export async function choosePort(previous: number | undefined, address = '127.0.0.1'): Promise<number> {
  if (previous !== undefined && (await isFree(previous, address))) {
    handedOut.add(previous);
    return previous;
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port, address)) return port;
  }
  throw new Error(`found no free port between ${LOWEST} and ${HIGHEST} in ${TRIES} tries`);
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (!('code' in error && error.code === 'EADDRNOTAVAIL')) return resolve(false);
      reject(new Error(`This machine has no address ${address}: correct ZKPOW_LISTEN_ADDRESS`, { cause: error }));
    });
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}

/** Where this machine's own programs reach a server that listens on an address: 0.0.0.0 means all, and is itself none. */
export function reachableAddress(listenAddress: string): string {
  return listenAddress === '0.0.0.0' ? '127.0.0.1' : listenAddress;
}
