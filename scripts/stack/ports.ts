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
 * A free port of the loopback interface; this process never hands out the same one twice, unless as `previous`.
 *
 * @param previous the port of the last run: kept if it is free, so that addresses stay the same over a restart
 */
export async function choosePort(previous: number | undefined): Promise<number> {
  if (previous !== undefined && (await isFree(previous))) {
    handedOut.add(previous);
    return previous;
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`found no free port between ${LOWEST} and ${HIGHEST} in ${TRIES} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
