import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../deploy/project-files.js';

/** Certificates of one authority, made by the script that miners make theirs with. */
export interface Certificates {
  directory: string;
  /** What a TLS server of this authority needs, Temporal's; clients are to have a certificate of the same one. */
  server: { ca: Buffer; cert: Buffer; key: Buffer };
  authorityFile: string;
  /** Makes a client's pair and says how a Temporal client is told of it. */
  clientSettings(name: string, days?: number): Record<string, string>;
}

export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-certificates-'));
  const run = (days: number, ...args: string[]): void => {
    const env = { ...process.env, DAYS: String(days) };
    execFileSync(join(ROOT, 'deploy/make-certificates.sh'), [directory, ...args], { env, stdio: 'pipe' });
  };
  run(1, 'server', 'temporal', '127.0.0.1', 'localhost');
  run(1, 'server', 'postgres', '127.0.0.1', 'localhost');
  const read = (name: string): Buffer => readFileSync(join(directory, name));
  const authorityFile = join(directory, 'ca.crt');
  return {
    directory,
    server: { ca: read('ca.crt'), cert: read('temporal.crt'), key: read('temporal.key') },
    authorityFile,
    clientSettings(name, days = 1) {
      run(days, 'client', name);
      return {
        TEMPORAL_TLS: 'true',
        TEMPORAL_TLS_SERVER_CA_CERT_PATH: authorityFile,
        TEMPORAL_TLS_CLIENT_CERT_PATH: join(directory, `${name}.crt`),
        TEMPORAL_TLS_CLIENT_KEY_PATH: join(directory, `${name}.key`),
      };
    },
  };
}
