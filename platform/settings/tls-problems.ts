import { X509Certificate, createPrivateKey } from 'node:crypto';
import { connect, type ConnectionOptions } from 'node:tls';
import type { ClientConnectConfig } from '@temporalio/envconfig';

const PROBE_TIMEOUT_MS = 3_000;
const RENEW_BEFORE_MS = 7 * 24 * 3_600_000;
const OWN_CERTIFICATE = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';
const AUTHORITY = 'TEMPORAL_TLS_SERVER_CA_CERT_PATH';

type ConnectionSettings = ClientConnectConfig['connectionOptions'];
type TlsSettings = Exclude<ConnectionSettings['tls'], boolean | null | undefined>;

/**
 * Why TLS keeps this machine from Temporal, with the setting that is to be changed. gRPC itself says no more than that
 * there is no connection, so this asks by itself what is wrong.
 *
 * @returns null if TLS is not what is wrong
 */
export async function temporalTlsProblem({ address, tls }: ConnectionSettings): Promise<string | null> {
  if (address === undefined) return null;
  if (!tls) {
    const answer = await handshake(address, { rejectUnauthorized: false });
    const speaksTls = answer === 'silence' || answer === 'welcome' || /CERTIFICATE_REQUIRED/.test(answer);
    return speaksTls
      ? `it wants TLS: set TEMPORAL_TLS=true, ${AUTHORITY} and, where it asks for one, ${OWN_CERTIFICATE}`
      : null;
  }
  const given: TlsSettings = tls === true ? {} : tls;
  return ownCertificateProblem(given) ?? explain(await handshake(address, optionsOf(given)), given);
}

/** @returns until when the client certificate holds; null without one */
export function clientCertificateEnd({ tls }: ConnectionSettings): Date | null {
  const pair = tls && tls !== true ? tls.clientCertPair : undefined;
  return pair ? new Date(new X509Certificate(pair.crt).validTo) : null;
}

/** What is to be done about a client certificate that ends then; null while there is time. */
export function certificateNote(end: Date, now: Date): string | null {
  const leftMs = end.getTime() - now.getTime();
  if (leftMs >= RENEW_BEFORE_MS) return null;
  const day = end.toISOString().slice(0, 10);
  const when = leftMs < 0 ? `ran out on ${day}` : `runs out on ${day}`;
  return `the client certificate ${when}: have a new one made, set ${OWN_CERTIFICATE} and start this worker again`;
}

/** Why the database's TLS failed, from the error of the connection; null if TLS is not what is wrong. */
export function databaseTlsProblem(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = error instanceof Error ? error.message : '';
  if (UNKNOWN_AUTHORITY.test(code)) {
    return `its certificate is not from an authority that DATABASE_URL names (${message}): add ?sslmode=verify-full&sslrootcert=FILE with the certificate of its authority (ca.crt)`;
  }
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has run out: whoever runs it has to renew it';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `its certificate is for another name (${message}): put a name that it is for into DATABASE_URL`;
  }
  if (/does not support SSL/.test(message)) {
    return 'it speaks no TLS: have it switched on there, or take sslmode out of DATABASE_URL inside a network you trust';
  }
  if (/no pg_hba.conf entry.*no encryption/.test(message)) {
    return 'it wants TLS: add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL';
  }
  if (/sslrootcert|ENOENT/.test(message)) return `a file that DATABASE_URL names cannot be read (${message})`;
  return null;
}

const UNKNOWN_AUTHORITY =
  /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|DEPTH_ZERO_SELF_SIGNED|CERT_SIGNATURE_FAILURE|INVALID_CA/;

function ownCertificateProblem({ clientCertPair }: TlsSettings): string | null {
  if (!clientCertPair) return null;
  try {
    const certificate = new X509Certificate(clientCertPair.crt);
    const { validFrom, validTo, subject } = certificate;
    if (new Date(validTo) < new Date()) {
      return `the client certificate ${subject} ran out on ${validTo}: have a new one made and set ${OWN_CERTIFICATE}`;
    }
    if (new Date(validFrom) > new Date()) {
      return `the client certificate ${subject} holds only from ${validFrom} on: see that this machine's clock is right`;
    }
    if (certificate.checkPrivateKey(createPrivateKey(Buffer.from(clientCertPair.key)))) return null;
    return `the client certificate ${subject} belongs to another key: set ${OWN_CERTIFICATE} to a pair`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `the client certificate or its key cannot be read (${reason}): see ${OWN_CERTIFICATE}`;
  }
}

function optionsOf({ serverNameOverride, serverRootCACertificate, clientCertPair }: TlsSettings): ConnectionOptions {
  return {
    ...(serverNameOverride === undefined || serverNameOverride === null ? {} : { servername: serverNameOverride }),
    ...(serverRootCACertificate ? { ca: Buffer.from(serverRootCACertificate) } : {}),
    ...(clientCertPair ? { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) } : {}),
  };
}

/**
 * @returns `welcome` if the server speaks after the handshake, `silence` if it says nothing or hangs up, else the code or
 * message of what went wrong
 */
function handshake(address: string, options: ConnectionOptions): Promise<string> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), ALPNProtocols: ['h2'], timeout: PROBE_TIMEOUT_MS, ...options });
    let shook = false;
    const end = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('secureConnect', () => (shook = true));
    // In TLS 1.3 a server judges the client's certificate after the handshake; a gRPC server speaks first otherwise.
    socket.once('data', () => end('welcome'));
    socket.once('error', (error: Error & { code?: string }) => end(error.code ?? error.message));
    socket.once('timeout', () => end(shook ? 'silence' : 'no answer'));
    socket.once('close', () => end(shook ? 'silence' : 'no answer'));
  });
}

function explain(answer: string, { clientCertPair }: TlsSettings): string | null {
  if (answer === 'welcome' || answer === 'no answer' || /^E(CONN|HOST|NET|ADDR|AI_|TIMEDOUT)/.test(answer)) return null;
  if (UNKNOWN_AUTHORITY.test(answer)) {
    return `its certificate is not from the authority in ${AUTHORITY} (${answer}): set it to the certificate (ca.crt) of the authority that the server's is from`;
  }
  if (answer === 'CERT_HAS_EXPIRED') return "the server's certificate has run out: whoever runs it has to renew it";
  if (answer === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return "the server's certificate is for another name: set TEMPORAL_TLS_SERVER_NAME to a name that it is for, or reach it by that";
  }
  if (/WRONG_VERSION|EPROTO|PACKET_LENGTH/.test(answer))
    return 'it speaks no TLS: unset TEMPORAL_TLS and TEMPORAL_TLS_*';
  if (!clientCertPair) return `it wants a client certificate: set ${OWN_CERTIFICATE}`;
  return `it does not take the client certificate (${answer}): set ${OWN_CERTIFICATE} to one from the authority that the server asks for`;
}
