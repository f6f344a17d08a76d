import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptKeystoreJson, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
