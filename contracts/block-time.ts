import type { Provider } from 'ethers';
import type { LaunchOptions } from './launch-options.js';

/** Over how many blocks the time between two is measured. */
const MEASURED_BLOCKS = 100;

/**
 * The options with the seconds between two blocks: as given, else the mean of the chain's last 100.
 *
 * @throws Error if it is not given and cannot be told, since the chain has no two blocks of different time
 */
export async function withBlockTime(provider: Provider, options: LaunchOptions): Promise<LaunchOptions> {
  if (options.blockTimeSeconds !== undefined) return options;
  const newest = await provider.getBlock('latest');
  const oldest = newest && (await provider.getBlock(Math.max(1, newest.number - MEASURED_BLOCKS)));
  if (!newest || !oldest || newest.timestamp <= oldest.timestamp) {
    throw new Error(
      'the time between two blocks of this chain cannot be measured: it has too few. Give blockTimeSeconds',
    );
  }
  const blockTimeSeconds = (newest.timestamp - oldest.timestamp) / (newest.number - oldest.number);
  return { ...options, blockTimeSeconds };
}
