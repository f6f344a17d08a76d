import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const KEY_ID = 'zkpow';
const HOLDS_FOR_SECONDS = 24 * 3_600;

/** Signs logins for a Temporal server that knows its public key. */
export interface LoginIssuer {
  /** @param permissions `NAMESPACE:read|write|worker|admin`; the whole server is `temporal-system` */
  login(subject: string, permissions: readonly string[]): string;
}

/** Makes a signing key; the server is told the public one in a file (JWKS). */
export function createLoginIssuer(keysFile: string): LoginIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }];
  writeFileSync(keysFile, JSON.stringify({ keys }));
  return {
    login: (sub, permissions) => {
      const iat = Math.floor(Date.now() / 1000);
      return signed(privateKey, { sub, permissions, iat, exp: iat + HOLDS_FOR_SECONDS });
    },
  };
}

function signed(key: KeyObject, claims: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${part(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}
