import type { SequenceFacts } from './rollup-facts.js';

/** Contracts of a chain see other block numbers than its RPC endpoints name: windows cannot be compared with the head. */
export class OtherBlockNumbersError extends Error {
  override readonly name = 'OtherBlockNumbersError';
}

/**
 * Makes sure that `block.number`, which every window is measured in, is the number of the block that was read.
 *
 * @param facts read at `head`
 * @throws OtherBlockNumbersError naming both numbers
 */
export function requireSameBlockNumbers(
  chainId: number,
  { blockNumber }: Pick<SequenceFacts, 'blockNumber'>,
  head: { number: number },
): void {
  if (blockNumber === head.number) return;
  throw new OtherBlockNumbersError(
    `In block ${head.number} of chain ${chainId} contracts see block number ${blockNumber}. Chains like Arbitrum, where ` +
      "block.number is not the RPC endpoint's block number, are not supported: the windows of a round could not be met",
  );
}
