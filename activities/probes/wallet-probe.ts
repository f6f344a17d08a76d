import type { WalletRpc } from '../sender/wallet-rpc.js';
import type { ChainRpc } from '../chain/chain-rpc.js';
import type { Probe } from '../../platform/telemetry/probes.js';

/** What a reveal of a real final proof takes at most, rounded up. */
const REVEAL_GAS = 4_000_000n;
const WEI_PER_GWEI = 1e9;

/** What the wallet holds, and how many reveals that pays for. */
export function walletProbe(
  wallet: string,
  rpc: Pick<WalletRpc, 'balance'>,
  chainRpc: Pick<ChainRpc, 'gasPriceWei'>,
): Probe {
  return {
    name: 'wallet',
    async read(metrics) {
      const [balance, gasPrice] = await Promise.all([rpc.balance(wallet), chainRpc.gasPriceWei()]);
      metrics.set('zkpow_wallet_balance_gwei', Number(balance) / WEI_PER_GWEI, { wallet });
      const cost = REVEAL_GAS * gasPrice;
      metrics.set('zkpow_wallet_reveals_affordable', cost > 0n ? Number(balance / cost) : 1_000_000, { wallet });
    },
  };
}
