import { WalletError, type WalletSource } from '../activities/sender/wallet.js';
import { settings } from './settings-table.js';

/** Where the miner's key is; each alone is optional. */
export const walletSettings = settings
  .pick({ privateKey: true, keystore: true, keystorePasswordFile: true })
  .partial({ privateKey: true, keystore: true, keystorePasswordFile: true });

type WalletSettings = Partial<Record<'privateKey' | 'keystore' | 'keystorePasswordFile', string | undefined>>;

/** @throws WalletError if there is no key, or two */
export function walletSource({ privateKey, keystore, keystorePasswordFile }: WalletSettings): WalletSource {
  if (privateKey !== undefined && keystore !== undefined) {
    throw new WalletError('ZKPOW_PRIVATE_KEY and ZKPOW_KEYSTORE are both set: unset one of them');
  }
  if (privateKey !== undefined) return { privateKey };
  if (keystore !== undefined && keystorePasswordFile !== undefined) {
    return { keystoreFile: keystore, passwordFile: keystorePasswordFile };
  }
  throw new WalletError(
    "The miner's key is missing: set ZKPOW_KEYSTORE and ZKPOW_KEYSTORE_PASSWORD_FILE, or for a local chain " +
      'ZKPOW_PRIVATE_KEY',
  );
}
