import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptKeystoreJson, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openWallet, WalletError } from '../../activities/sender/wallet.js';

const { address, privateKey } = new Wallet(`0x${'5a'.repeat(32)}`);
let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkpow-wallet-'));
  // A weak key derivation, so that the test is quick.
  const json = await encryptKeystoreJson({ address, privateKey }, 'open sesame', { scrypt: { N: 2, r: 1, p: 1 } });
  await writeFile(file('keystore.json'), json);
  await writeFile(file('password'), 'open sesame\n');
  await writeFile(file('wrong-password'), 'open barley\n');
  await writeFile(file('not-a-keystore'), `{"secret": "${privateKey}"}`);
});
afterAll(() => rm(directory, { recursive: true }));

async function failure(opening: Promise<Wallet>): Promise<string> {
  const error = await opening.then(
    () => new Error('opened'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof WalletError)) throw error;
  for (const text of [error.message, error.stack ?? '', String(error.cause)]) {
    expect(text.toLowerCase()).not.toContain('5a5a5a5a');
    expect(text).not.toMatch(/sesame|barley/);
  }
  return error.message;
}

describe('the wallet', () => {
  test('opens a keystore with the first line of a password file', async () => {
    const source = { keystoreFile: file('keystore.json'), passwordFile: file('password') };
    expect((await openWallet(source, address)).address).toBe(address);
  });

  test('names the password file when it is wrong', async () => {
    const source = { keystoreFile: file('keystore.json'), passwordFile: file('wrong-password') };
    expect(await failure(openWallet(source, address))).toContain('ZKPOW_KEYSTORE_PASSWORD_FILE');
  });

  test('names a file that is no keystore, without what is in it', async () => {
    const source = { keystoreFile: file('not-a-keystore'), passwordFile: file('password') };
    expect(await failure(openWallet(source, address))).toContain('is no keystore');
  });

  test('opens a keystore and a password that Windows has saved', async () => {
    const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');
    await writeFile(file('utf16.json'), utf16(await readFile(file('keystore.json'), 'utf8')));
    await writeFile(file('utf16-password'), utf16('open sesame\r\n'));
    const source = { keystoreFile: file('utf16.json'), passwordFile: file('utf16-password') };
    expect((await openWallet(source, address)).address).toBe(address);
    await writeFile(file('latin1-password'), Buffer.from('sésame', 'latin1'));
    expect(await failure(openWallet({ ...source, passwordFile: file('latin1-password') }, address))).toMatch(
      /latin1-password is not UTF-8 text.*ZKPOW_KEYSTORE_PASSWORD_FILE/,
    );
  });

  test('names a file that is not there', async () => {
    const source = { keystoreFile: file('nothing'), passwordFile: file('password') };
    expect(await failure(openWallet(source, address))).toContain('ENOENT');
  });

  test('refuses a key that is none, without repeating it', async () => {
    expect(await failure(openWallet({ privateKey: '0x5a5a5a5a' }, address))).toContain('ZKPOW_PRIVATE_KEY');
  });

  test("refuses another miner's key", async () => {
    const other = '0x000000000000000000000000000000000000dEaD';
    expect(await failure(openWallet({ privateKey }, other))).toContain(`ZKPOW_MINER is ${other}`);
  });
});

/** Made by eth-account 0.14 (one with eth-keyfile 0.6) with the key above. */
const vectors = z
  .array(z.object({ name: z.string(), password: z.string(), keystore: z.looseObject({ crypto: z.looseObject({}) }) }))
  .parse(JSON.parse(readFileSync(new URL('../vectors/keystores.json', import.meta.url), 'utf8')));

describe("a keystore of Python's eth-account", () => {
  async function open(keystore: object, password: string): Promise<Wallet> {
    await writeFile(file('python.json'), JSON.stringify(keystore));
    await writeFile(file('python-password'), `${password}\n`);
    return openWallet({ keystoreFile: file('python.json'), passwordFile: file('python-password') }, address);
  }

  test.each(vectors)('opens: $name', async ({ keystore, password }) => {
    expect((await open(keystore, password)).address).toBe(address);
  });

  const named = (name: string) => vectors.find((vector) => vector.name.includes(name)) ?? never(name);

  test('opens with a password that is typed in another Unicode form than it was made with', async () => {
    for (const form of ['NFC', 'NFD']) {
      for (const made of ['NFC', 'NFD']) {
        const { keystore, password } = named(`in ${made}`);
        expect((await open(keystore, password.normalize(form))).address).toBe(address);
      }
    }
    // As ethers makes them: of what is typed in full width.
    expect((await open(named('NFKC').keystore, named('full width').password)).address).toBe(address);
  });

  const { keystore, password } = named('pbkdf2');
  const withCrypto = (changes: object) => ({ ...keystore, crypto: { ...keystore.crypto, ...changes } });

  test('opens with names in capitals, numbers as text, 0x before bytes, and without an address', async () => {
    const { crypto, ...rest } = keystore;
    const text = JSON.stringify({ ...rest, Crypto: crypto, version: '3', address: undefined });
    const marked = text.replace(/"salt":\s*"/, '"Salt":"0x').replace('"kdf"', '"KDF"');
    expect((await open(z.looseObject({}).parse(JSON.parse(marked)), password)).address).toBe(address);
  });

  test.each([
    ['a wrong password', keystore, 'open barley', 'does not open the keystore'],
    ['damage', withCrypto({ mac: '00'.repeat(32) }), password, 'does not open the keystore'],
    ['another version', { ...keystore, version: 4 }, password, 'is a keystore of version 4, expected 3'],
    ['another cipher', withCrypto({ cipher: 'aes-256-gcm' }), password, 'cannot be read: crypto.cipher'],
    ['another derivation', withCrypto({ kdf: 'argon2id' }), password, 'cannot be read: crypto.kdf'],
    ['parameters that are missing', withCrypto({ kdfparams: { c: 1 } }), password, 'for pbkdf2: dklen, salt, prf'],
    [
      'more memory than there is',
      withCrypto({ kdf: 'scrypt', kdfparams: { n: 2 ** 32, r: 64, p: 1, dklen: 32, salt: '00' } }),
      password,
      'GiB of memory to open (scrypt with n 4294967296, r 64)',
    ],
    ['a wallet of the sale', { encseed: '00', ethaddr: '00' }, password, 'is a wallet of the 2014 sale'],
  ])('says what is wrong with %s', async (_, content, typed, reason) => {
    expect(await failure(open(content, typed))).toContain(reason);
  });
});

function never(name: string): never {
  throw new Error(`no vector is named ${name}`);
}
