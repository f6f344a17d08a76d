import type { ProofKind, Statement } from '../../../domain/proof.js';

/** The order of BN254: the field of the circuits. */
const FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** A statement as the circuits take it; the names are those of `common/src/statement.nr`. */
export function statementInput(statement: Statement): Record<string, string | Record<string, string>> {
  const [oldHigh, oldLow] = limbs(statement.oldAccInputHash);
  const [newHigh, newLow] = limbs(statement.newAccInputHash);
  return {
    old_root: statement.oldStateRoot,
    new_root: statement.newStateRoot,
    first_batch: word(BigInt(statement.firstBatch)),
    last_batch: word(BigInt(statement.lastBatch)),
    chain_id: word(BigInt(statement.chainId)),
    rollup: word(BigInt(statement.rollup)),
    old_accumulated_input: { high: oldHigh, low: oldLow },
    new_accumulated_input: { high: newHigh, low: newLow },
  };
}

/**
 * The public inputs of a proof: ten of the statement, then the aggregate circuit's key hash or, for a final proof, the
 * miner.
 *
 * @param last the eleventh, a field element
 * @returns 32 bytes each, big-endian
 * @throws Error if a root is not a field element: circuits reduce numbers, so it would pass for a smaller one
 */
export function publicInputs(statement: Statement, last: bigint): Uint8Array[] {
  const values = [
    BigInt(statement.oldStateRoot),
    BigInt(statement.newStateRoot),
    BigInt(statement.firstBatch),
    BigInt(statement.lastBatch),
    BigInt(statement.chainId),
    BigInt(statement.rollup),
    ...limbs(statement.oldAccInputHash).map(BigInt),
    ...limbs(statement.newAccInputHash).map(BigInt),
    last,
  ];
  return values.map((value) => {
    if (value < 0n || value >= FIELD_MODULUS) throw new Error(`${value} is not an element of the circuits' field`);
    return Buffer.from(word(value).slice(2), 'hex');
  });
}

/** Lengths of proofs: 410 field elements for another circuit to verify, 287 words for the Solidity verifier. */
export const PROOF_BYTES: Record<ProofKind, number> = { batch: 410 * 32, aggregate: 410 * 32, final: 287 * 32 };

/**
 * Cuts a proof into its 32-byte elements.
 *
 * @returns undefined where the bytes cannot be a proof of that kind
 */
export function proofFields(kind: ProofKind, proof: Uint8Array): Uint8Array[] | undefined {
  if (proof.length !== PROOF_BYTES[kind]) return undefined;
  const fields: Uint8Array[] = [];
  for (let start = 0; start < proof.length; start += 32) {
    fields.push(proof.subarray(start, start + 32));
  }
  // A number and the same plus the modulus would be two spellings of one proof.
  if (kind !== 'final' && fields.some((field) => BigInt(hex(field)) >= FIELD_MODULUS)) return undefined;
  return fields;
}

export function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

/** 32 bytes, big-endian. */
function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** A digest as two numbers below 2^128. */
function limbs(digest: string): [string, string] {
  if (!/^0x[0-9a-f]{64}$/i.test(digest)) throw new Error(`${digest} is not a digest of 32 bytes`);
  return [`0x${digest.slice(2, 34)}`, `0x${digest.slice(34)}`];
}
