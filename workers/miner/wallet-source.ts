import { WalletError, type WalletSource } from '../../activities/sender/wallet.js';
import { settings } from '../../platform/settings/settings-table.js';

/** Where the miner's key is; each alone is optional. */
export const walletSettings = settings
  .pick({ privateKey: true, keystore: true, keystorePasswordFile: true })
  .partial({ privateKey: true, keystore: true, keystorePasswordFile: true });

type WalletSettings = Partial<Record<'privateKey' | 'keystore' | 'keystorePasswordFile', string | undefined>>;

/**
 * What is wrong with where the key is said to be: there must be one place.
 *
 * @returns nothing if all is well
 */
export function walletProblems({ privateKey, keystore, keystorePasswordFile }: WalletSettings): string[] {
  if (privateKey !== undefined && keystore !== undefined) {
    return ['ZKPOW_PRIVATE_KEY and ZKPOW_KEYSTORE are both set: unset one of them'];
  }
  if (privateKey !== undefined || (keystore !== undefined && keystorePasswordFile !== undefined)) return [];
  return [
    "The miner's key is missing: set ZKPOW_KEYSTORE and ZKPOW_KEYSTORE_PASSWORD_FILE, or for a local chain " +
      'ZKPOW_PRIVATE_KEY',
  ];
}

/** @throws WalletError if there is no key, or two */
export function walletSource(given: WalletSettings): WalletSource {
  const { privateKey, keystore, keystorePasswordFile } = given;
  const [problem] = walletProblems(given);
  if (problem !== undefined) throw new WalletError(problem);
  if (privateKey !== undefined) return { privateKey };
  if (keystore === undefined || keystorePasswordFile === undefined) throw new WalletError("The miner's key is missing");
  return { keystoreFile: keystore, passwordFile: keystorePasswordFile };
}
