import { formatEther, HDNodeWallet, type JsonRpcApiProvider } from 'ethers';

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

/** What an account is to pay on the chain. */
export interface CoinsNeeded {
  who: keyof LocalAccounts;
  /** Beside gas. */
  amountWei: bigint;
  /** What the amount is for; empty where there is none. */
  purpose: string;
  /** All that it will use, however dear its chain is: estimates of a start, not of a rollup's whole life. */
  gas: bigint;
}

/** @throws Error naming every account that has less than it needs, with both amounts */
export async function requireCoins(
  provider: JsonRpcApiProvider,
  accounts: LocalAccounts,
  needs: readonly CoinsNeeded[],
): Promise<void> {
  const { maxFeePerGas, gasPrice } = await provider.getFeeData();
  const gasWei = maxFeePerGas ?? gasPrice ?? 0n;
  const short: string[] = [];
  for (const { who, amountWei, purpose, gas } of needs) {
    const { address } = accounts[who];
    const neededWei = amountWei + gas * gasWei;
    const balanceWei = await provider.getBalance(address);
    if (balanceWei >= neededWei) continue;
    const split = amountWei === 0n ? 'for gas' : `${formatEther(amountWei)} for ${purpose}, the rest for gas`;
    short.push(
      `- the ${who} ${address} needs ${formatEther(neededWei)} (${split}), and has ${formatEther(balanceWei)}`,
    );
  }
  if (short.length === 0) return;
  throw new Error(
    `The accounts that launch a rollup on this chain have too few coins:\n${short.join('\n')}\n` +
      'Send them so much. Or start anvil with its default accounts, or unset ZKPOW_RPC_URL to have it started',
  );
}
