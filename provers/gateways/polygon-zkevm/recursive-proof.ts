import { z } from 'zod';
import type { Statement } from '../../../domain/proof.js';
import { BadInputError } from '../../../domain/prover-errors.js';

/**
 * Public values of a recursive proof, in order: old state root (8 words of 32 bits, the lowest first), old accumulated
 * input hash (8), old batch number, chain id, fork id, new state root (8), new accumulated input hash (8), new local
 * exit root (8), new batch number. Held against proofs that a prover of fork 9 made, in the tests.
 */
const PUBLIC_VALUES = 44;
const AT = { oldStateRoot: 0, oldAccInputHash: 8, oldBatch: 16, forkId: 18 } as const;
const NEW_AT = { newStateRoot: 19, newAccInputHash: 27, newBatch: 43 } as const;
const WORDS = 8;

/** What identifies the work comes first, what it led to last. */
const CLAIMS = [
  ...(['forkId', 'firstBatch', 'lastBatch', 'oldStateRoot'] as const),
  ...(['oldAccInputHash', 'newAccInputHash', 'newStateRoot'] as const),
];

const decimal = z.union([z.string().regex(/^\d{1,20}$/), z.number().int().nonnegative()]).transform(BigInt);
const recursiveProof = z.looseObject({ publics: z.array(decimal).length(PUBLIC_VALUES) });

/** What a recursive proof says of itself. */
export type ProofClaims = Pick<
  Statement,
  'firstBatch' | 'lastBatch' | 'oldStateRoot' | 'newStateRoot' | 'oldAccInputHash' | 'newAccInputHash'
> & { forkId: number };

/**
 * Reads a batch or aggregated proof: a JSON text with its public values among the rest. Provers parse it without care
 * and may die of anything else.
 *
 * @throws BadInputError if it is none
 */
export function readRecursiveProof(proof: Uint8Array): { text: string; claims: ProofClaims } {
  const text = Buffer.from(proof).toString('utf8');
  const parsed = recursiveProof.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new BadInputError(
      `A recursive proof of ${proof.length} bytes is not the JSON of one: ${z.prettifyError(parsed.error)}`,
    );
  }
  const { publics } = parsed.data;
  const number = (index: number): number => Number(publics[index] ?? 0n);
  const root = (index: number): `0x${string}` => joinWords(publics.slice(index, index + WORDS));
  return {
    text,
    claims: {
      firstBatch: number(AT.oldBatch) + 1,
      lastBatch: number(NEW_AT.newBatch),
      oldStateRoot: root(AT.oldStateRoot),
      newStateRoot: root(NEW_AT.newStateRoot),
      oldAccInputHash: root(AT.oldAccInputHash),
      newAccInputHash: root(NEW_AT.newAccInputHash),
      forkId: number(AT.forkId),
    },
  };
}

/** A claim that is not what it should be. */
export interface Mismatch {
  claim: string;
  /** In words, with what it should be. */
  problem: string;
}

/** The first of a proof's claims that is not what it should be; null where all are. */
export function findMismatch(claims: ProofClaims, statement: Statement, forkId: number): Mismatch | null {
  const expected: ProofClaims = { ...statement, forkId };
  for (const claim of CLAIMS) {
    if (claims[claim] === expected[claim]) continue;
    return { claim, problem: `its ${claim} is ${claims[claim]}, asked for was ${expected[claim]}` };
  }
  return null;
}

/** 256 bits out of eight words of 32 bits, the lowest first. */
function joinWords(words: readonly bigint[]): `0x${string}` {
  const tooLarge = words.find((word) => word >= 1n << 32n);
  if (tooLarge !== undefined)
    throw new BadInputError(`A word of a recursive proof's roots is ${tooLarge}, over 32 bits`);
  const value = words.reduceRight((high, word) => (high << 32n) | word, 0n);
  return `0x${value.toString(16).padStart(64, '0')}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
