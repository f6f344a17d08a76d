import { parseEther } from 'ethers';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import { chainPartOfView } from '../../activities/chain/chain-part-of-view.js';
import { EASY_POLICY, type MinerPolicy } from '../../domain/miner-policy.js';
import { readSequenceFacts } from '../../activities/chain/rollup-facts.js';
import { decide, type Decision } from '../../domain/decide.js';
import type { SequenceView, StepInFlight } from '../../domain/sequence-view.js';
import { word32 } from '../support/proof-samples.js';
import { rightProof, stateRootAfter, type Arena, type Call, type Posted } from './arena.js';

/** A transaction of a player that is under way, and the block it will land in. */
export interface Held {
  step: StepInFlight;
  call: Call;
  landsInBlock: number;
}

/** What a player keeps of one sequence: the rows of an aggregator, as far as `decide` looks at them. */
interface Rows {
  sequence: Posted;
  /** Final proofs by their hash, the newest last. A proof that was lost is not among them. */
  proofs: Map<string, Uint8Array>;
  proofsMade: number;
  /** Block at whose end the first final proof is there. */
  provedInBlock: number;
  held: Held | null;
  /** `decide` said that there is nothing more to do. */
  finished: boolean;
}

/** A miner that does what `decide` says, with simulated proofs that are there at once. */
export interface Player {
  readonly miner: string;
  readonly policy: MinerPolicy;
  readonly marginBlocks: number;
  /** Blocks that proving takes, by last batch (modulo the length). */
  readonly provingBlocks: readonly number[];
  readonly rows: Map<string, Rows>;
}

/** What a player would do now about one sequence. */
export interface Turn {
  rows: Rows;
  view: SequenceView;
  decision: Decision;
}

/** How a player plays; without anything said, at once and with the least reserve. */
export interface PlayerOptions {
  marginBlocks?: number;
  provingBlocks?: readonly number[];
  /** What each commitment reserves, in coins; 0 for the minimum. */
  reserveCoins?: number;
}

export function createPlayer(
  miner: string,
  { marginBlocks = 0, provingBlocks = [0], reserveCoins = 0 }: PlayerOptions = {},
): Player {
  const policy = { ...EASY_POLICY, reserveWei: parseEther(String(reserveCoins)) };
  return { miner, policy, marginBlocks, provingBlocks, rows: new Map() };
}

/** A player that goes its own way from here on. */
export function copyPlayer({ rows, ...player }: Player): Player {
  const copied = [...rows].map(([key, row]): [string, Rows] => [key, { ...row, proofs: new Map(row.proofs) }]);
  return { ...player, rows: new Map(copied) };
}

/** All that a player has to decide at the head, lowest sequence first. */
export async function turnsOf(arena: Arena, player: Player): Promise<Turn[]> {
  const { number: head } = await arena.rpc.latest();
  for (const sequence of arena.posted) {
    const blocks = player.provingBlocks[sequence.lastBatch % player.provingBlocks.length] ?? 0;
    const key = `${sequence.firstBatch}-${sequence.lastBatch}/${sequence.accInputHash}`;
    if (player.rows.has(key)) continue;
    const proofs = new Map<string, Uint8Array>();
    const provedInBlock = head + 1 + blocks;
    player.rows.set(key, { sequence, proofs, proofsMade: 0, provedInBlock, held: null, finished: false });
  }
  const open = [...player.rows.values()].filter(({ finished }) => !finished);
  const turns = await Promise.all(
    open.map(async (rows): Promise<Turn> => {
      const view = await readView(arena, player, rows);
      return { rows, view, decision: decide(view) };
    }),
  );
  return turns.sort((a, b) => a.rows.sequence.firstBatch - b.rows.sequence.firstBatch);
}

async function readView({ rpc }: Arena, { miner, policy, marginBlocks }: Player, rows: Rows): Promise<SequenceView> {
  const head = await rpc.latest();
  const facts = await readSequenceFacts(rpc, rows.sequence, miner, head.hash);
  const part = chainPartOfView(facts, rows.sequence, policy);
  const waits = part.own === 'open' || part.own === 'late';
  return {
    ...part,
    head: { number: head.number, hash: head.hash },
    stale: false,
    // Nothing is taken back on this chain: what is there is final.
    absenceFinal: true,
    acceptedFinal: true,
    paused: facts.paused ? 'contract' : 'no',
    finalProofStored: rows.proofs.size > 0,
    storedProofMatchesOwnHash: waits && rows.proofs.has(facts.ownProofHash),
    verifierSays: 'yes',
    typeTrusted: true,
    simulatedReveal: 'not-asked',
    inFlight: rows.held?.step ?? null,
    nextTry: 1,
    failedRoundsInARow: 0,
    marginBlocks,
    // Gas is free here.
    lateRevealWorthItsGas: facts.ownReward > 0n,
  };
}

/** Makes another final proof, with other bytes. */
export function makeProof(rows: Rows, miner: string): Uint8Array {
  rows.proofsMade += 1;
  const proof = rightProof(rows.sequence, miner, rows.proofsMade);
  rows.proofs.set(proofHashOf(proof, miner), proof);
  return proof;
}

/**
 * Does what a decision says, as far as it is no transaction, and returns the transactions it asks for, the step itself
 * last.
 */
export async function carryOut(arena: Arena, player: Player, turn: Turn): Promise<Call[]> {
  const { rows, decision } = turn;
  switch (decision.action) {
    case 'finish':
      rows.finished = true;
      return [];
    case 'make-final-proof':
      if (turn.view.head.number + 1 >= rows.provedInBlock) makeProof(rows, player.miner);
      return [];
    case 'never-reveal':
      if (rows.proofs.size === 0) makeProof(rows, player.miner);
      return [];
    case 'cancel-step':
      rows.held = null;
      return [];
    case 'wait-for-cause':
      return settleCalls(arena, player, rows, decision.settleRounds);
    case 'commit':
      return [
        ...settleCalls(arena, player, rows, decision.settleRounds),
        commitCall(arena, player.miner, rows, decision),
      ];
    case 'take-back':
      return [arena.toRollup(player.miner, 'takeBackProofHash', [rows.sequence.lastBatch])];
    case 'reveal':
      return [await revealCall(arena, player.miner, rows)];
    case 'read-again':
    case 'wait':
    case 'sleep-until':
    case 'wait-for-step':
      return [];
  }
}

function settleCalls(arena: Arena, { miner }: Player, { sequence }: Rows, rounds: readonly number[]): Call[] {
  return rounds.map((round) => arena.toRollup(miner, 'settle', [miner, sequence.lastBatch, round]));
}

export function commitCall(
  arena: Arena,
  miner: string,
  { sequence, proofs }: Rows,
  { termsVersion, reserveWei }: Pick<SequenceView, 'termsVersion' | 'reserveWei'>,
): Call {
  const proofHash = [...proofs.keys()].at(-1);
  if (proofHash === undefined) throw new Error('no proof to commit to');
  const { firstBatch, lastBatch, accInputHash } = sequence;
  const bound = [accInputHash, termsVersion, reserveWei];
  return arena.toRollup(miner, 'submitProofHash', [firstBatch - 1, lastBatch, proofHash, ...bound]);
}

/** Reveals the proof that was committed to; if it is not there, some proof. */
export async function revealCall(arena: Arena, miner: string, { sequence, proofs }: Rows): Promise<Call> {
  const { hash } = await arena.rpc.latest();
  const { ownProofHash } = await readSequenceFacts(arena.rpc, sequence, miner, hash);
  return revealCallWith(arena, miner, sequence, proofs.get(ownProofHash) ?? rightProof(sequence, miner, 0));
}

export function revealCallWith(arena: Arena, miner: string, sequence: Posted, proof: Uint8Array): Call {
  const { firstBatch, lastBatch } = sequence;
  const root = stateRootAfter(lastBatch);
  return arena.toRollup(miner, 'verifyBatches', [firstBatch - 1, lastBatch, word32(0), root, proof]);
}
