/**
 * Chain ids by convention of private test chains (geth's --dev, Ganache; anvil, Hardhat). Only there may proofs come
 * from a development trusted set-up or a simulated prover, since anybody can forge those.
 */
export const LOCAL_CHAIN_IDS: readonly number[] = [1337, 31337];

export function isLocalChain(chainId: number): boolean {
  return LOCAL_CHAIN_IDS.includes(chainId);
}
