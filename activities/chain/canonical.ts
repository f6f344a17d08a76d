import type { BlockRef } from '../../domain/sequence-view.js';
import type { Hex } from '../../domain/sequence.js';
import type { ChainRpc } from './chain-rpc.js';
import type { Header } from './endpoints/rpc-answers.js';

/** Whether a block is part of the chain that ends with `head`. */
export async function isInChain(rpc: ChainRpc, head: Header, block: BlockRef): Promise<boolean> {
  if (block.number > head.number) return false;
  return (block.number === head.number ? head : await rpc.block(block.number))?.hash === block.hash;
}

/**
 * Whether a head is to be dropped: lower than the last one used, while that one is still in the chain or not known. An
 * endpoint that lags looks just like that.
 */
export async function isStale(
  rpc: Pick<ChainRpc, 'block'>,
  head: BlockRef,
  lastUsed: BlockRef | null,
): Promise<boolean> {
  if (!lastUsed || head.number >= lastUsed.number) return false;
  const there = await rpc.block(lastUsed.number);
  return there === null || there.hash === lastUsed.hash;
}

/** Null for a chain that is shorter, or an endpoint that does not have the block. */
export async function hashAtDepth(rpc: ChainRpc, head: BlockRef, depth: number): Promise<Hex | null> {
  if (head.number < depth) return null;
  return (await rpc.block(head.number - depth))?.hash ?? null;
}
