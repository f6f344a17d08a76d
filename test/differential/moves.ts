import fc from 'fast-check';
import { hexlify, parseEther } from 'ethers';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import { batchesOf, rightProof, WINDOWS, type Arena, type Call, type Posted } from './arena.js';
import { revealCallWith } from './player.js';

/** Something that others do, in place or out of place; or our operator, with our stake. */
export interface Move {
  kind: Kind;
  /** Which miner; the player under test, miner 0, is none of them. */
  miner: number;
  /** Which of the posted sequences, counted from the first that is not verified. */
  sequence: number;
  /** Picks among the variants of a kind. */
  variant: number;
  coins: number;
}

/** What a move is about. */
interface Scene {
  arena: Arena;
  /** Who moves. */
  miner: string;
  /** The player under test. */
  ours: string;
  variant: number;
  coins: number;
  /** In wei. */
  amount: bigint;
}

const OF_MONEY = {
  deposit: ({ arena, miner, amount }: Scene) => arena.toPool(miner, 'deposit', [amount], amount),
  'deposit-ours': ({ arena, ours, amount }: Scene) => arena.toPool(ours, 'deposit', [amount], amount),
  withdraw: ({ arena, miner, amount }: Scene) => arena.toPool(miner, 'withdraw', [amount]),
  'withdraw-ours': ({ arena, ours, amount }: Scene) => arena.toPool(ours, 'withdraw', [amount]),
  cap: ({ arena, miner, amount }: Scene) => arena.toPool(miner, 'setCap', [arena.rollup, amount]),
  'cap-ours': ({ arena, ours, amount }: Scene) => arena.toPool(ours, 'setCap', [arena.rollup, amount]),
  'uncap-ours': ({ arena, ours }: Scene) => arena.toPool(ours, 'setCap', [arena.rollup, 0]),
  claim: ({ arena, miner }: Scene) => arena.toPool(miner, 'claim', [arena.rollup]),
  fund: ({ arena, amount }: Scene) => arena.toPool(arena.owner, 'fund', [arena.rollup, amount], amount),
  settle: ({ arena, miner, variant }: Scene) => arena.toRollup(arena.owner, 'settleMany', [miner, 1 + variant]),
  'settle-ours': ({ arena, miner, ours, variant }: Scene) => arena.toRollup(miner, 'settleMany', [ours, 1 + variant]),
};

const OF_THE_OWNER = {
  post: ({ arena, variant, coins }: Scene) => {
    const batches = batchesOf(Array<number>(1 + (variant % 2)).fill(coins));
    return arena.toRollup(arena.owner, 'sequenceBatches', [batches, arena.owner]);
  },
  pause: ({ arena }: Scene) => arena.toRollup(arena.owner, 'pause', []),
  resume: ({ arena }: Scene) => arena.toRollup(arena.owner, 'resume', []),
  'execute-rollback': ({ arena, variant }: Scene) => arena.toRollup(arena.owner, 'executeRollback', [1 + variant]),
  'cancel-rollback': ({ arena }: Scene) => arena.toRollup(arena.owner, 'cancelRollback', []),
  /** Other windows; money stays as it is, and so does the rule. */
  'propose-settings': ({ arena, variant }: Scene) => {
    const windows = WINDOWS[variant % WINDOWS.length] ?? WINDOWS[0];
    return arena.toRollup(arena.owner, 'proposeSettings', [arena.settingsWith(windows)]);
  },
  'apply-settings': ({ arena }: Scene) => arena.toRollup(arena.owner, 'applySettings', []),
};

const OF_A_SEQUENCE = {
  commit: (scene: Scene, posted: Posted) => commit(scene, posted, proofHashOf(theirs(scene, posted), scene.miner)),
  'commit-junk': (scene: Scene, posted: Posted) => commit(scene, posted, hexlify(new Uint8Array(32).fill(9))),
  /** Our hash as it stands in the mempool, or our proof bound to the copier's address. */
  'commit-copied': (scene: Scene, posted: Posted) => {
    const address = scene.variant % 2 === 0 ? scene.ours : scene.miner;
    return commit(scene, posted, proofHashOf(seenInTheMempool(scene, posted), address));
  },
  reveal: (scene: Scene, posted: Posted) => reveal(scene, posted, theirs(scene, posted)),
  'reveal-wrong': (scene: Scene, posted: Posted) => reveal(scene, posted, new Uint8Array(64)),
  'reveal-copied': (scene: Scene, posted: Posted) => reveal(scene, posted, seenInTheMempool(scene, posted)),
  'take-back': ({ arena, miner }: Scene, { lastBatch }: Posted) =>
    arena.toRollup(miner, 'takeBackProofHash', [lastBatch]),
  'schedule-rollback': ({ arena }: Scene, { firstBatch }: Posted) =>
    arena.toRollup(arena.owner, 'scheduleRollback', [firstBatch]),
};

type Kind = keyof typeof OF_MONEY | keyof typeof OF_THE_OWNER | keyof typeof OF_A_SEQUENCE;

/** Those that move rounds on come more often. */
const KINDS: readonly Kind[] = [
  ...(['commit', 'commit', 'commit', 'commit-junk', 'commit-copied'] as const),
  ...(['reveal', 'reveal', 'reveal', 'reveal-wrong', 'reveal-copied', 'take-back', 'take-back'] as const),
  ...(['settle', 'settle-ours', 'deposit', 'deposit-ours', 'fund', 'claim'] as const),
  ...(['withdraw', 'withdraw-ours', 'cap', 'cap-ours', 'uncap-ours'] as const),
  ...(['post', 'post', 'post', 'pause', 'resume', 'resume'] as const),
  ...(['schedule-rollback', 'execute-rollback', 'execute-rollback', 'execute-rollback', 'cancel-rollback'] as const),
  ...(['propose-settings', 'propose-settings', 'apply-settings', 'apply-settings'] as const),
];

/** @param without kinds that are left out */
export function anyMove(without: readonly Kind[] = []): fc.Arbitrary<Move> {
  return fc.record({
    kind: fc.constantFrom(...KINDS.filter((kind) => !without.includes(kind))),
    miner: fc.integer({ min: 1, max: 3 }),
    sequence: fc.constantFrom(0, 0, 0, 1, 1, 2, -1),
    variant: fc.nat({ max: 7 }),
    coins: fc.integer({ min: 1, max: 120 }),
  });
}

/**
 * The transaction of a move, null where there is nothing that it could be about.
 *
 * @param verified how many of the posted sequences are verified
 */
export function callOf(arena: Arena, { kind, miner, sequence, variant, coins }: Move, verified: number): Call | null {
  const [ours = '', ...others] = arena.miners;
  const scene = { arena, miner: others[miner - 1] ?? '', ours, variant, coins, amount: parseEther(String(coins)) };
  if (isKeyOf(OF_MONEY, kind)) return OF_MONEY[kind](scene);
  if (isKeyOf(OF_THE_OWNER, kind)) return OF_THE_OWNER[kind](scene);
  const posted = arena.posted[Math.min(verified + sequence, arena.posted.length - 1)];
  return posted ? OF_A_SEQUENCE[kind](scene, posted) : null;
}

function isKeyOf<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return key in table;
}

/** That of a launch that names none. */
const MINIMUM_RESERVE = parseEther('10');

/** With the least reserve or one of choice, under the terms of the launch, which may be old, or those of the first change. */
function commit({ arena, miner, variant, amount }: Scene, posted: Posted, hash: string): Call {
  const { firstBatch, lastBatch, accInputHash } = posted;
  const reserve = variant % 3 === 0 ? amount : MINIMUM_RESERVE;
  const version = variant % 4 === 0 ? 2 : 1;
  return arena.toRollup(miner, 'submitProofHash', [firstBatch - 1, lastBatch, hash, accInputHash, version, reserve]);
}

function reveal({ arena, miner }: Scene, posted: Posted, proof: Uint8Array): Call {
  return revealCallWith(arena, miner, posted, proof);
}

/** The right proof of the miner who moves. */
function theirs({ miner }: Scene, posted: Posted): Uint8Array {
  return rightProof(posted, miner, 1);
}

/** The first proof that the player under test makes. */
function seenInTheMempool({ ours }: Scene, posted: Posted): Uint8Array {
  return rightProof(posted, ours, 1);
}
