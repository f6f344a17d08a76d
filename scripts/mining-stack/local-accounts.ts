import { HDNodeWallet, type JsonRpcApiProvider } from 'ethers';

/** The phrase from which anvil and Hardhat make their accounts: known to everybody, worth nothing. */
const LOCAL_PHRASE = 'test test test test test test test test test test test junk';

/** Who is who on a local chain; each starts with coins there. */
export interface LocalAccounts {
  /** Owns the factory and the rollup, pays for its launch and its rewards. */
  admin: HDNodeWallet;
  /** Posts the rollup's sequences. */
  sequencer: HDNodeWallet;
  /** Has the deposit. */
  miner: HDNodeWallet;
}

export function localAccounts(): LocalAccounts {
  const account = (index: number): HDNodeWallet =>
    HDNodeWallet.fromPhrase(LOCAL_PHRASE, undefined, `m/44'/60'/0'/0/${index}`);
  return { admin: account(0), sequencer: account(1), miner: account(2) };
}

/** @throws Error if one of them has no coins: the chain was not started with these accounts. */
export async function requireCoins(provider: JsonRpcApiProvider, accounts: LocalAccounts): Promise<void> {
  for (const [name, { address }] of Object.entries({ ...accounts })) {
    if ((await provider.getBalance(address)) > 0n) continue;
    throw new Error(
      `The ${name} ${address} has no coins on this chain. Start anvil with its default accounts, or unset ` +
        'ZKPOW_RPC_URL to have one started',
    );
  }
}
