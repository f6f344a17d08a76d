import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';

export interface TlsProxy {
  port: number;
  close(): Promise<void>;
}

export interface TlsProxyOptions extends Pick<TlsOptions, 'ca' | 'cert' | 'key' | 'requestCert'> {
  /** Port of the server behind it, on the loopback interface, which speaks without TLS. */
  targetPort: number;
}

/** Terminates TLS before a gRPC server, as Temporal does itself with `requireClientAuth`. */
export function startTlsProxy({ targetPort, requestCert = true, ...tls }: TlsProxyOptions): Promise<TlsProxy> {
  const sockets = new Set<Socket>();
  const server = createTlsServer({ ...tls, requestCert, rejectUnauthorized: requestCert, ALPNProtocols: ['h2'] });
  server.on('secureConnection', (socket) => join(sockets, socket, connect(targetPort, '127.0.0.1')));
  return listen(server, sockets);
}

/** What a client of Postgres sends first when it wants TLS: length 8, code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const SSL_ACCEPTED = 'S';

/** Terminates TLS before Postgres, whose clients ask for it in words of its own protocol. Others are cut off. */
export function startPostgresTlsProxy({ targetPort, requestCert = false, ...tls }: TlsProxyOptions): Promise<TlsProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((plain) => {
    sockets.add(plain);
    plain.on('error', () => plain.destroy());
    plain.once('data', (first) => {
      if (!first.equals(SSL_REQUEST)) {
        plain.destroy();
        return;
      }
      plain.pause();
      plain.write(SSL_ACCEPTED);
      const options = { ...tls, isServer: true, requestCert, rejectUnauthorized: requestCert };
      const socket = new TLSSocket(plain, options);
      socket.once('secure', () => join(sockets, socket, connect(targetPort, '127.0.0.1')));
      socket.on('error', () => socket.destroy());
    });
  });
  return listen(server, sockets);
}

function join(sockets: Set<Socket>, left: Socket, right: Socket): void {
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    sockets.add(one);
    one.on('error', () => other.destroy());
    one.on('close', () => {
      sockets.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
}

async function listen(server: ReturnType<typeof createServer>, sockets: Set<Socket>): Promise<TlsProxy> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a server on a port has an address');
  return {
    port: address.port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
