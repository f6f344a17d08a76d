import { Wallet, getAddress } from 'ethers';
import { NotTextError, readTextFile } from '../../platform/text-file.js';
import { KeystoreError, openKeystore, WrongPasswordError } from './keystore.js';

/** Where the key comes from. */
export type WalletSource =
  | { keystoreFile: string; passwordFile: string }
  /** For local chains: the key itself, 0x and 64 hexadecimal digits. */
  | { privateKey: string };

/** The key is missing or wrong. Never holds anything of it: not its text, not the library's error about it. */
export class WalletError extends Error {
  override readonly name = 'WalletError';
}

/**
 * Opens the miner's wallet.
 *
 * @param miner the address that it has to be
 * @throws WalletError naming the file or setting that is wrong
 */
export async function openWallet(source: WalletSource, miner: string): Promise<Wallet> {
  const wallet = 'privateKey' in source ? fromPrivateKey(source.privateKey) : await fromKeystore(source);
  if (wallet.address !== getAddress(miner)) {
    throw new WalletError(`The wallet is ${wallet.address}, but ZKPOW_MINER is ${miner}: set one to fit the other`);
  }
  return wallet;
}

function fromPrivateKey(privateKey: string): Wallet {
  try {
    return new Wallet(privateKey);
  } catch {
    throw new WalletError('ZKPOW_PRIVATE_KEY is no private key: expected 0x and 64 hexadecimal digits, not zero');
  }
}

async function fromKeystore({
  keystoreFile,
  passwordFile,
}: Extract<WalletSource, { keystoreFile: string }>): Promise<Wallet> {
  const keystore = await readText(keystoreFile, 'ZKPOW_KEYSTORE');
  const password = (await readText(passwordFile, 'ZKPOW_KEYSTORE_PASSWORD_FILE')).split(/\r\n?|\n/, 1)[0] ?? '';
  try {
    return new Wallet(await openKeystore(keystore, password));
  } catch (error) {
    if (error instanceof WrongPasswordError) {
      throw new WalletError(
        `The password in ${passwordFile} does not open the keystore ${keystoreFile}: correct the file's first line ` +
          '(ZKPOW_KEYSTORE_PASSWORD_FILE)',
      );
    }
    const reason = error instanceof KeystoreError ? error.message : 'cannot be opened';
    throw new WalletError(`${keystoreFile} ${reason} (ZKPOW_KEYSTORE expects an encrypted JSON keystore, version 3)`);
  }
}

async function readText(path: string, setting: string): Promise<string> {
  try {
    return await readTextFile(path);
  } catch (error) {
    if (error instanceof NotTextError) throw new WalletError(`${error.message} (${setting})`);
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new WalletError(`${path} cannot be read (${reason}): correct ${setting}`);
  }
}
