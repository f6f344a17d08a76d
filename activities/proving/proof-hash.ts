import { keccak256, solidityPackedKeccak256 } from 'ethers';
import { isHex } from '../storage/database.js';
import type { Hex } from '../../domain/sequence.js';

/**
 * The commitment to a final proof: keccak256(abi.encodePacked(keccak256(proof), miner)). It holds the proof and the
 * address, so that neither a copied hash nor a copied proof serves anybody else.
 */
export function proofHashOf(proof: Uint8Array, miner: string): Hex {
  const hash = solidityPackedKeccak256(['bytes32', 'address'], [keccak256(proof), miner]);
  if (!isHex(hash)) throw new Error(`keccak256 gave ${hash}, which is no hexadecimal`);
  return hash;
}
