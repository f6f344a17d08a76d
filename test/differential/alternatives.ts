import { hexlify } from 'ethers';
import { z } from 'zod';
import type { Arena, Call, Mined } from './arena.js';
import { callsOf, count, idleUntil, inShort, type Play } from './play.js';
import {
  carryOut,
  commitCall,
  copyPlayer,
  createPlayer,
  revealCall,
  revealCallWith,
  turnsOf,
  type Player,
  type Turn,
} from './player.js';

/** What the others do from the decision on. */
type World = 'rivals who play as well as we' | 'nobody else';

/** What else could be done about one sequence at one moment; after it, `decide` plays on. */
interface Alternative {
  name: string;
  calls: Call[];
  /** The sequence is left alone for so many blocks more. */
  sitOutBlocks: number;
}

/** Long enough for every round that is open or opened to end, and for late proofs. */
const HORIZON_BLOCKS = 60;

/** There is a sequence of ours about which something can be decided, and none that waits for a person. */
export async function somethingIsOpen({ arena, player }: Play): Promise<boolean> {
  const turns = await turnsOf(arena, player);
  return turns.some(isOpen) && !turns.some(({ decision }) => decision.row === 9);
}

/** A proof of ours may be revealed now, and another stands in its round. */
export async function aRevealIsDue({ arena, player }: Play): Promise<boolean> {
  const due = (await turnsOf(arena, player)).filter(({ decision }) => decision.row === 16);
  const others = await Promise.all(due.map(({ rows }) => arena.committers(rows.sequence)));
  return others.some((committers) => committers > 1);
}

/**
 * (c) Plays on from here once as `decide` says and once with every other legal move about one of our sequences, in the
 * same world, and compares our money at the end. More counts only where this very sequence brings more: to hold a reveal
 * back can bring more with the next one, whose hash window stays open as long, and `decide` does not hold up the chain
 * for that.
 *
 * @param pick which of our sequences
 * @returns in words what earned more, null if nothing did
 */
export async function whatEarnsMore({ arena, player, tally }: Play, pick: number): Promise<string | null> {
  const all = (await turnsOf(arena, player)).filter(isOpen);
  // Where another was first: rare, and its own rules.
  const late = all.filter(({ decision }) => decision.row === 5);
  const open = late.length > 0 ? late : all;
  const turn = open[pick % open.length];
  if (!turn) throw new RangeError('nothing to decide');
  count(tally, `compared at row ${turn.decision.row}`);
  for (const world of await worldsThatCanBeCompared(arena, turn)) {
    const usual = await playOut(arena, player, world, turn, null);
    if (usual === null) throw new Error(`decide's own move did not land: ${inShort(turn.view)}`);
    for (const alternative of await alternativesTo(arena, player, turn)) {
      const other = await playOut(arena, player, world, turn, alternative);
      if (other === null) continue; // refused: it costs gas
      count(tally, `compared: ${alternative.name}`);
      count(tally, other.all < usual.all ? 'earned less' : other.all === usual.all ? 'earned as much' : 'earned more');
      if (other.all <= usual.all || other.ofSequence <= usual.ofSequence) continue;
      const { row, action } = turn.decision;
      return (
        `with ${world}, row ${row} (${action}) leaves us with ${usual.all} wei, but "${alternative.name}" with ` +
        `${other.all}: ${inShort(turn.view)}`
      );
    }
  }
  return null;
}

/** There is something to decide about the sequence: a proof is there, and not all is over, or given up. */
function isOpen({ decision, rows }: Turn): boolean {
  const isOver = decision.action === 'finish' && decision.row !== 5;
  return decision.row !== 8 && !isOver && decision.action !== 'never-reveal' && rows.held === null;
}

/**
 * Alone with another's commitment in our round, the best would be to know that it is never revealed and to wait for a
 * round of our own. Nobody can know that: this world is compared only where no other stands in the round.
 */
async function worldsThatCanBeCompared(arena: Arena, { rows, view }: Turn): Promise<World[]> {
  const ours = ['open', 'wrong', 'late', 'accepted'].includes(view.own) ? 1 : 0;
  const others = (await arena.committers(rows.sequence)) - ours;
  return others > 0 ? ['rivals who play as well as we'] : ['rivals who play as well as we', 'nobody else'];
}

async function alternativesTo(arena: Arena, { miner }: Player, { rows, view }: Turn): Promise<Alternative[]> {
  const { sequence, proofs } = rows;
  const { firstBatch, lastBatch, accInputHash } = sequence;
  const now = (name: string, ...calls: Call[]): Alternative => ({ name, calls, sitOutBlocks: 0 });
  const junk = hexlify(new Uint8Array(32).fill(7));
  const bound = [accInputHash, view.termsVersion, view.reserveWei];
  const settles = view.unsettledRounds.map((round) => arena.toRollup(miner, 'settle', [miner, lastBatch, round]));
  return [
    now('nothing in this block'),
    { name: 'nothing for four blocks', calls: [], sitOutBlocks: 3 },
    { name: 'nothing until the round is over', calls: [], sitOutBlocks: blocksUntilEnd(view) },
    { name: 'nothing any more', calls: [], sitOutBlocks: HORIZON_BLOCKS * 2 },
    ...(proofs.size > 0 ? [now('commit', commitCall(arena, miner, rows, view))] : []),
    now('commit to junk', arena.toRollup(miner, 'submitProofHash', [firstBatch - 1, lastBatch, junk, ...bound])),
    now('reveal', await revealCall(arena, miner, rows)),
    now('reveal a wrong proof', revealCallWith(arena, miner, sequence, new Uint8Array(64))),
    now('take back', arena.toRollup(miner, 'takeBackProofHash', [lastBatch])),
    ...(settles.length > 0 ? [now('settle', ...settles)] : []),
  ];
}

function blocksUntilEnd({ round, head }: Turn['view']): number {
  return round?.end ? Math.max(0, round.end - head.number - 1) : 8;
}

/** What we have at the end, in wei. */
interface Money {
  all: bigint;
  /** Rewards less penalties of the sequence that was decided about, from the decision on. */
  ofSequence: bigint;
}

/**
 * Plays to the end and goes back. Our first move about the sequence is the alternative, or without one what `decide`
 * says; ours come first in every block.
 *
 * @returns null if the alternative reverted
 */
async function playOut(
  arena: Arena,
  original: Player,
  world: World,
  turn: Turn,
  alternative: Alternative | null,
): Promise<Money | null> {
  const key = keyOf(turn);
  const saved = await arena.save();
  try {
    const player = copyPlayer(original);
    const rivals = world === 'nobody else' ? [] : arena.miners.slice(1).map((miner) => createPlayer(miner));
    const first = await callsExcept(arena, player, alternative && key);
    if (alternative) first.push(...alternative.calls);
    const others = await Promise.all(rivals.map((rival) => callsOf(arena, rival)));
    const mined = await arena.mine([...first, ...others.flat()]);
    if (alternative?.calls.some((call) => !mined.find((one) => one.call === call)?.succeeded)) return null;
    const head = await arena.head();
    const sitOut = alternative ? { key, until: head + alternative.sitOutBlocks } : null;
    mined.push(...(await playOn(arena, player, rivals, sitOut, head)));
    // Whatever is open now can no longer be won; its penalty is booked, and so are our shares.
    await arena.mineEmpty(HORIZON_BLOCKS);
    mined.push(...(await arena.mine([arena.toRollup(arena.owner, 'settleMany', [player.miner, 1000])])));
    const all = await arena.moneyOf(player.miner);
    return { all, ofSequence: earnedWith(mined, player.miner, turn.rows.sequence.lastBatch) };
  } finally {
    await arena.goBack(saved);
  }
}

/** Our sequence that is left alone, and until which block. */
interface SitOut {
  key: string;
  until: number;
}

async function playOn(
  arena: Arena,
  player: Player,
  rivals: Player[],
  sitOut: SitOut | null,
  from: number,
): Promise<Mined[]> {
  const mined: Mined[] = [];
  for (let head = from; head < from + HORIZON_BLOCKS; head = await arena.head()) {
    const leftAlone = sitOut && head < sitOut.until ? sitOut : null;
    const everybody = await Promise.all(
      [player, ...rivals].map(async (who) => {
        const turns = await turnsOf(arena, who);
        return { who, turns: turns.filter((turn) => who !== player || keyOf(turn) !== leftAlone?.key) };
      }),
    );
    const turns = everybody.flatMap((one) => one.turns);
    if (turns.length === 0 && !leftAlone) break;
    const due = Math.min(from + HORIZON_BLOCKS, leftAlone?.until ?? Infinity, ...turns.map(idleUntil));
    if (due > head + 1) {
      await arena.mineEmpty(due - 1 - head);
      continue;
    }
    const calls: Call[] = [];
    for (const { who, turns: own } of everybody) {
      for (const turn of own) calls.push(...(await carryOut(arena, who, turn)));
    }
    mined.push(...(await arena.mine(calls)));
  }
  return mined;
}

/** Rewards less penalties of a miner for one sequence. */
function earnedWith(mined: readonly Mined[], miner: string, finalBatch: number): bigint {
  let wei = 0n;
  for (const { name, args } of mined.flatMap(({ events }) => events)) {
    if (args['miner'] !== miner || Number(args['finalBatch']) !== finalBatch) continue;
    if (name === 'ProofAccepted') wei += z.bigint().parse(args['lateReward']);
    if (name === 'RewardBooked') wei += z.bigint().parse(args['amount']);
    if (name === 'PenaltyBooked') wei -= z.bigint().parse(args['amount']);
  }
  return wei;
}

async function callsExcept(arena: Arena, player: Player, key: string | null): Promise<Call[]> {
  const calls: Call[] = [];
  for (const turn of await turnsOf(arena, player)) {
    if (keyOf(turn) !== key) calls.push(...(await carryOut(arena, player, turn)));
  }
  return calls;
}

function keyOf({ rows: { sequence } }: Turn): string {
  return `${sequence.firstBatch}-${sequence.lastBatch}/${sequence.accInputHash}`;
}
