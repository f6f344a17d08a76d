import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { Logger } from '../log.js';
import { certificateNote, clientCertificateEnd } from '../settings/tls-problems.js';
import type { Metrics } from './metrics.js';

const LOOK_EVERY_MS = 24 * 3_600_000;

/**
 * Says in good time, at the start and once a day, that the certificate with which this process logs in to Temporal runs
 * out; metrics have its end. It is read at the start alone, as the connection reads it: a new one needs a restart.
 */
export function watchCertificate(
  { connectionOptions }: ClientConnectConfig,
  { metrics, log }: { metrics: Metrics; log: Logger },
): void {
  const end = clientCertificateEnd(connectionOptions);
  if (!end) return;
  metrics.set('zkpow_client_certificate_end_timestamp_seconds', end.getTime() / 1000, {});
  const look = (): void => {
    const note = certificateNote(end, new Date());
    if (note !== null) log.warn({ end }, note);
  };
  look();
  // Ends with the process.
  setInterval(look, LOOK_EVERY_MS).unref();
}
