import { createDecipheriv, pbkdf2, scrypt, type ScryptOptions } from 'node:crypto';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { getBytes, keccak256 } from 'ethers';
import { z } from 'zod';

/** Why a keystore is not opened, to follow the name of its file. Never holds anything of key or password. */
export class KeystoreError extends Error {
  override readonly name = 'KeystoreError';
}

/** None of the ways to write the password opens the keystore. */
export class WrongPasswordError extends Error {
  override readonly name = 'WrongPasswordError';
}

const bytes = z
  .string()
  .regex(/^(0x)?([0-9a-f]{2})*$/i)
  .transform((text) => getBytes(text.startsWith('0x') ? text : `0x${text}`));
const positive = z.coerce.number().int().min(1);
const derivedLength = z.coerce.number().int().min(32).max(1024);

/** Version 3 of the Web3 Secret Storage definition, its names in lower case. */
const keystore = z.object({
  version: z.coerce.number().pipe(z.literal(3)),
  crypto: z.object({
    cipher: z.literal('aes-128-ctr'),
    cipherparams: z.object({ iv: bytes }),
    ciphertext: bytes,
    mac: bytes,
    kdfparams: z.unknown(),
    kdf: z.enum(['scrypt', 'pbkdf2']),
  }),
});
const scryptParameters = z.object({ n: positive, r: positive, p: positive, dklen: derivedLength, salt: bytes });
const pbkdf2Parameters = z.object({
  ...{ c: positive, dklen: derivedLength, salt: bytes },
  prf: z.enum(['hmac-sha256', 'hmac-sha512']),
});

type Keystore = z.infer<typeof keystore>['crypto'];

/**
 * Decrypts a JSON keystore of any tool. Some take a password's bytes as they are typed (geth, Python), others in a Unicode
 * normal form (ethers): all of them are tried.
 *
 * @returns the private key
 * @throws KeystoreError, WrongPasswordError
 */
export async function openKeystore(text: string, password: string): Promise<string> {
  const { kdf, kdfparams, mac, cipherparams, ciphertext } = parseKeystore(text);
  const derive = kdf === 'scrypt' ? scryptOf(kdfparams) : pbkdf2Of(kdfparams);
  for (const spelling of spellings(password)) {
    const key = await derive(spelling);
    if (keccak256(Buffer.concat([key.subarray(16, 32), ciphertext])) !== `0x${Buffer.from(mac).toString('hex')}`)
      continue;
    const decipher = createDecipheriv('aes-128-ctr', key.subarray(0, 16), cipherparams.iv);
    return `0x${Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('hex')}`;
  }
  throw new WrongPasswordError();
}

function spellings(password: string): Buffer[] {
  const texts = [password, ...['NFC', 'NFD', 'NFKC', 'NFKD'].map((form) => password.normalize(form))];
  return [...new Set(texts)].map((text) => Buffer.from(text, 'utf8'));
}

function parseKeystore(text: string): Keystore {
  let content: unknown;
  try {
    content = withLowerCaseNames(JSON.parse(text));
  } catch {
    throw new KeystoreError('is no JSON');
  }
  if (z.object({ encseed: z.string() }).safeParse(content).success) {
    throw new KeystoreError('is a wallet of the 2014 sale, not a keystore of version 3: import it into a wallet first');
  }
  const parsed = keystore.safeParse(content);
  if (parsed.success) return parsed.data.crypto;
  const version = z.object({ version: z.union([z.number(), z.string()]), crypto: z.unknown() }).safeParse(content).data;
  if (version === undefined) throw new KeystoreError('is no keystore: it has no "version" and "crypto"');
  if (Number(version.version) !== 3) throw new KeystoreError(`is a keystore of version ${version.version}, expected 3`);
  throw new KeystoreError(`is a keystore of a kind that cannot be read: ${places(parsed.error)}`);
}

/** Old tools write `Crypto` and `KDF`. */
function withLowerCaseNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.toLowerCase(), withLowerCaseNames(item)]),
  );
}

/** Where a keystore is wrong, without what stands there. */
function places(error: z.ZodError): string {
  return [...new Set(error.issues.map(({ path }) => path.join('.')))].join(', ');
}

type Derive = (password: Buffer) => Promise<Buffer>;

function scryptOf(parameters: unknown): Derive {
  const given = scryptParameters.safeParse(parameters);
  if (!given.success) throw new KeystoreError(`has no right kdfparams for scrypt: ${places(given.error)}`);
  const { n: N, r, p, dklen, salt } = given.data;
  if (N < 2 || N > 2 ** 32 || !Number.isInteger(Math.log2(N))) {
    throw new KeystoreError(`has ${N} for scrypt's n, expected a power of 2`);
  }
  const maxmem = 128 * r * (N + 2 * p + 2);
  const available = availableBytes();
  if (maxmem > available) {
    throw new KeystoreError(
      `takes ${gib(maxmem)} GiB of memory to open (scrypt with n ${N}, r ${r}), this process may have ${gib(available)}: ` +
        'give it more, or encrypt the key anew with less',
    );
  }
  const options: ScryptOptions = { N, r, p, maxmem };
  // OpenSSL refuses n from 2^(16r) on, as RFC 7914 does; Python's tools use 2^18 with r 1.
  if (N >= 2 ** (16 * r)) {
    return async (password) => Buffer.from(await scryptAsync(password, salt, { N, r, p, dkLen: dklen, maxmem }));
  }
  return (password) =>
    new Promise((resolve, reject) =>
      scrypt(password, salt, dklen, options, (error, key) => (error ? reject(error) : resolve(key))),
    );
}

function pbkdf2Of(parameters: unknown): Derive {
  const given = pbkdf2Parameters.safeParse(parameters);
  if (!given.success) throw new KeystoreError(`has no right kdfparams for pbkdf2: ${places(given.error)}`);
  const { c, dklen, salt, prf } = given.data;
  return (password) => promisify(pbkdf2)(password, salt, c, dklen, prf.replace('hmac-', ''));
}

function availableBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

function gib(count: number): string {
  return (count / 2 ** 30).toFixed(1);
}
