import { parseEther } from 'ethers';

/** What nodes have said that one transaction may cost in all (go-ethereum: `--rpc.txfeecap`). */
export interface NodeFeeCap {
  /**
   * Takes in that a transaction was refused for it.
   *
   * @param costWei gas limit × fee a gas of what was refused
   * @param capWei as a node named it, null where none did
   */
  learn(refused: { costWei: bigint; capWei: bigint | null }, head: number): void;
  /** Highest fee a gas that fits, in wei; null where nothing was refused lately. */
  fits(gasLimit: bigint, head: number): bigint | null;
}

/** The usual cap. */
const ONE_COIN = parseEther('1');
/** A node's settings change, and another endpoint may come back: after so many blocks it is found out anew. */
const REMEMBERED_BLOCKS = 100;

export function createNodeFeeCap(): NodeFeeCap {
  let known: { wei: bigint; atBlock: number } | null = null;
  return {
    learn({ costWei, capWei }, head) {
      const said = capWei ?? (costWei > ONE_COIN ? ONE_COIN : costWei / 2n);
      // A named cap is rounded: what was refused below it halves what is tried.
      known = { wei: said < costWei ? said : costWei / 2n, atBlock: head };
    },
    fits(gasLimit, head) {
      if (known && head > known.atBlock + REMEMBERED_BLOCKS) known = null;
      return known && known.wei / gasLimit;
    },
  };
}
