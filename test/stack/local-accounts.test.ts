import { JsonRpcProvider, parseEther, toBeHex } from 'ethers';
import { expect, test } from 'vitest';
import { launchLocalRollup } from '../../local-stack/mining/launch-local-rollup.js';
import { localAccounts } from '../../local-stack/mining/local-accounts.js';
import { startLocalChain } from '../transfers/local-chain.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';
import { TRANSFERS_LAYOUT } from '../../rollup-types/transfers/transfers-rule.js';

test('all accounts with too few coins are named with what they need and have, before anything is sent', async () => {
  const chain = await startLocalChain();
  const provider = new JsonRpcProvider(chain.rpcUrl, 31337, { staticNetwork: true, cacheTimeout: -1 });
  try {
    const accounts = localAccounts();
    const setBalance = (address: string, coins: string) =>
      provider.send('anvil_setBalance', [address, toBeHex(parseEther(coins))]);
    await setBalance(accounts.sequencer.address, '0');
    // Enough for the stake, and nothing for gas.
    await setBalance(accounts.miner.address, '1500');
    const launch = launchLocalRollup({
      ...{
        provider,
        chainId: 31337,
        accounts,
        rule: { ...simulatedRule(TRANSFERS_LAYOUT), prover: 'simulated', trustedSetup: 'none' },
        cache: '/nowhere',
      },
      ...{ t1Blocks: 3, t2Blocks: 30, blockTimeSeconds: 1, report: () => undefined },
    });
    await expect(launch).rejects.toThrow(
      new RegExp(
        'have too few coins:\\n' +
          `- the sequencer ${accounts.sequencer.address} needs 0\\.\\d+ \\(for gas\\), and has 0\\.0\\n` +
          `- the miner ${accounts.miner.address} needs 1500\\.\\d+ \\(1500\\.0 for its stake, the rest for gas\\), and has 1500\\.0\\n` +
          'Send them so much\\.',
      ),
    );
    expect(await provider.getTransactionCount(accounts.admin.address)).toBe(0);
  } finally {
    provider.destroy();
    await chain.stop();
  }
});
