/**
 * True for the chain ids of development chains (Geth's and Ganache's, Hardhat's and Anvil's, and a few next to them), the
 * same as in `LocalChain.sol`. Only there may proofs come from a development trusted set-up or a simulated prover,
 * since anybody can forge those.
 */
export function isLocalChain(chainId: number): boolean {
  return chainId === 1337 || chainId === 1338 || (chainId >= 31_337 && chainId <= 31_346);
}

export const LOCAL_CHAINS = 'chain ids 1337, 1338 and 31337 to 31346';
