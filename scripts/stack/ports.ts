import { createServer } from 'node:net';

/**
 * A port of the loopback interface to listen on.
 *
 * @param previous the port of the last run: kept if it is free, so that addresses stay the same over a restart
 */
export async function choosePort(previous: number | undefined): Promise<number> {
  if (previous !== undefined) {
    const free = await listenOnce(previous).catch(() => undefined);
    if (free !== undefined) return free;
  }
  return listenOnce(0);
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const chosen = address !== null && typeof address === 'object' ? address.port : port;
      server.close(() => resolve(chosen));
    });
  });
}
