import { parseEther } from 'ethers';
import type { SequenceView, StepInFlight } from '../../domain/sequence-view.js';
import type { Arena, Call, Mined } from './arena.js';
import { callOf, type Move } from './moves.js';
import { quiet, type Schedule, type ScheduledBlock } from './schedule.js';
import { carryOut, createPlayer, turnsOf, type Player, type Turn } from './player.js';

/** Quiet blocks after a schedule, in which all comes to its end. */
const HORIZON_BLOCKS = 40;

/** How often each thing happened, so that a run can be seen to have met it. */
export type Tally = Map<string, number>;

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** One schedule in play. */
export interface Play {
  arena: Arena;
  player: Player;
  /** Others who play by decide(). */
  rivals: Player[];
  tally: Tally;
  /** Last batches of the sequences at which something went wrong at our side: a silence penalty is no surprise there. */
  excused: Set<number>;
  /** Block from which on we are back. */
  backInBlock: number;
}

/** Stakes, rewards, and three sequences to begin with. */
export async function begin(arena: Arena, schedule: Schedule, tally: Tally): Promise<Play> {
  const { ours, reserve: reserveCoins, theirs, rewards } = schedule.coins;
  const calls = [ours, ...theirs].map((coins, index) => {
    const amount = parseEther(String(coins));
    return arena.toPool(arena.miners[index] ?? '', 'deposit', [amount], amount);
  });
  const reward = parseEther(String(rewards));
  if (rewards > 0) calls.push(arena.toPool(arena.owner, 'fund', [arena.rollup, reward], reward));
  await arena.mine(calls);
  const [ourselves = '', ...others] = arena.miners;
  const { marginBlocks, provingBlocks } = schedule;
  const player = createPlayer(ourselves, { marginBlocks, provingBlocks, reserveCoins });
  const rivals = others.slice(0, schedule.honestRivals).map((miner) => createPlayer(miner));
  const play = { arena, player, rivals, tally, excused: new Set<number>(), backInBlock: 0 };
  const post: Move = { kind: 'post', miner: 1, sequence: 0, variant: 0, coins: 1 };
  for (const variant of [0, 1, 0]) await playBlock(play, quiet([{ ...post, variant }]));
  return play;
}

/** Plays a whole schedule, then lets all end well: nothing may be left that costs us a penalty. */
export async function playSchedule(arena: Arena, schedule: Schedule, tally: Tally): Promise<void> {
  const play = await begin(arena, schedule, tally);
  for (const block of schedule.blocks) {
    await reachEdge(play, block);
    await playBlock(play, block);
  }
  // In a block that we play in, too: with a T2 of one block a reveal may be due in it.
  const anybody = { miner: 1, sequence: 0, variant: 0, coins: 1 };
  await playBlock(
    play,
    quiet([
      { kind: 'resume', ...anybody },
      { kind: 'cancel-rollback', ...anybody },
    ]),
  );
  await playQuietly(play, (await arena.head()) + HORIZON_BLOCKS);
  const settled = await arena.mine([arena.toRollup(arena.owner, 'settleMany', [play.player.miner, 1000])]);
  checkPenalties(play, settled);
}

/** Lets quiet blocks pass until the edge that the block is to be at; we go on playing meanwhile. */
export async function reachEdge(play: Play, { edge, edgeOffset }: ScheduledBlock): Promise<void> {
  if (edge === 'none') return;
  const turn = (await turnsOf(play.arena, play.player)).find(({ view }) => view.accepted === 'none');
  const round = turn?.view.round;
  if (!round) return;
  const at = { 'hash-window-end': round.hashWindowEnd, 'reveal-start': round.revealStart, end: round.end }[edge];
  if (at !== null) await playQuietly(play, at + edgeOffset - 1);
}

/** Only we move until the head is at this block. */
async function playQuietly(play: Play, head: number): Promise<void> {
  for (let now = await play.arena.head(); now < head; now = await play.arena.head()) {
    const all = await Promise.all([play.player, ...play.rivals].map((player) => turnsOf(play.arena, player)));
    const turns = all.flat();
    const idle = Math.min(head, ...turns.map(idleUntil)) - now;
    // The last of them is played: something may be due in the block after it.
    if (idle > 1) await play.arena.mineEmpty(idle - 1);
    else await playBlock(play, quiet());
  }
}

/** Up to which block a decision needs nothing of us, if nobody else moves: what the workflow's timers go by. */
export function idleUntil({ decision, view, rows }: Turn): number {
  if (rows.held) return rows.held.landsInBlock;
  if (decision.action === 'make-final-proof') return Math.max(rows.provedInBlock - 1, view.head.number + 1);
  const waits = decision.action === 'wait' || decision.action === 'sleep-until';
  if (decision.action === 'wait-for-cause' && decision.settleRounds.length === 0) return Infinity;
  return waits ? (decision.untilBlock ?? Infinity) : view.head.number + 1;
}

/** We are away for so many blocks; the others play on. */
export async function beDown(play: Play, blocks: number): Promise<void> {
  play.backInBlock = (await play.arena.head()) + 1 + blocks;
  for (let block = 0; block < blocks; block += 1) await playBlock(play, quiet());
}

/** One block: what we decided at the head, and what the others do. */
export async function playBlock(play: Play, block: ScheduledBlock): Promise<void> {
  const { arena, player } = play;
  const next = (await arena.head()) + 1;
  const verified = await arena.verifiedSequences();
  const theirs = block.moves.flatMap((move) => callOf(arena, move, verified) ?? []);
  for (const rival of play.rivals) theirs.push(...(await callsOf(arena, rival)));
  if (block.mishap === 'proofs-lost') loseProofs(play);
  if (block.mishap === 'down') play.backInBlock = next + block.lateBy;
  const ours = next < play.backInBlock ? isDown(play) : await ourCalls(play, block, next);
  const late = takeDue(play, next);
  const mined = await arena.mine(block.oursFirst ? [...ours, ...theirs, ...late] : [...theirs, ...ours, ...late]);
  for (const { call, succeeded, events } of mined) {
    if (call.from !== player.miner) count(play.tally, succeeded ? 'moves of others' : 'refused moves of others');
    for (const { name } of events) count(play.tally, name);
  }
  if (block.oursFirst)
    checkLanded(
      play,
      mined.filter(({ call }) => ours.includes(call)),
    );
  checkPenalties(play, mined);
}

async function ourCalls(play: Play, block: ScheduledBlock, next: number): Promise<Call[]> {
  const { arena, player, tally } = play;
  const calls: Call[] = [];
  let spent = 0n;
  for (const turn of await turnsOf(arena, player)) {
    const { decision, view, rows } = turn;
    count(tally, `row ${decision.row}`);
    if (decision.action === 'commit') {
      // Each decision is about one step: two commits of one block must not live off the same stake.
      if (BigInt(view.freeStakeWei) - spent < BigInt(view.reserveWei)) continue;
      spent += BigInt(view.reserveWei);
    }
    const asked = await carryOut(arena, player, turn);
    const step = stepOf(turn);
    const last = asked.at(-1);
    if (block.mishap === 'held' && step && last) {
      rows.held = { step, call: last, landsInBlock: next + block.lateBy };
      play.excused.add(rows.sequence.lastBatch);
      asked.pop();
    }
    calls.push(...asked);
  }
  return calls;
}

/** All that a player has to send now. */
export async function callsOf(arena: Arena, player: Player): Promise<Call[]> {
  const calls = [];
  for (const turn of await turnsOf(arena, player)) calls.push(...(await carryOut(arena, player, turn)));
  return calls;
}

function stepOf({ decision }: Turn): StepInFlight | null {
  const { action } = decision;
  if (action === 'commit') return { step: 'commit', tryNumber: 1, round: null };
  if (action === 'reveal' || action === 'take-back') return { step: action, tryNumber: 1, round: decision.round };
  return null;
}

/** Held transactions whose time has come; they are no longer under way after this block. */
function takeDue({ player, tally }: Play, next: number): Call[] {
  return [...player.rows.values()].flatMap((rows) => {
    if (!rows.held || rows.held.landsInBlock > next) return [];
    const { call } = rows.held;
    rows.held = null;
    count(tally, 'landed late');
    return [call];
  });
}

function isDown(play: Play): Call[] {
  for (const { sequence } of play.player.rows.values()) play.excused.add(sequence.lastBatch);
  return [];
}

function loseProofs(play: Play): void {
  for (const { sequence, proofs } of play.player.rows.values()) {
    play.excused.add(sequence.lastBatch);
    proofs.clear();
  }
}

/** (a) What `decide` says does not revert in the block that it was said for, and a reveal is accepted there. */
function checkLanded({ player, tally }: Play, ours: readonly Mined[]): void {
  for (const { call, succeeded, events } of ours) {
    count(tally, 'ours landed in their block');
    if (!succeeded) throw new Error(`reverted in the block it was decided for: ${call.data.slice(0, 10)} ${call.data}`);
    const isReveal = events.some(({ name, args }) => name === 'ProofAccepted' && args['miner'] === player.miner);
    if (isReveal) count(tally, 'ours accepted');
  }
}

/** (b) Nothing of ours costs more than gas: no wrong-proof penalty ever, silence only where something went wrong. */
export function checkPenalties({ player, excused, tally }: Play, mined: readonly Mined[]): void {
  for (const { name, args } of mined.flatMap(({ events }) => events)) {
    if (name !== 'PenaltyBooked' || args['miner'] !== player.miner) continue;
    count(tally, 'penalties of ours');
    const silence = args['kind'] === 0n;
    const [finalBatch, round] = [Number(args['finalBatch']), Number(args['round'])];
    if (silence && excused.has(finalBatch)) continue;
    throw new Error(`${silence ? 'silence' : 'wrong proof'} penalised: batch ${finalBatch}, round ${round}`);
  }
}

/** For a failure's text: what was looked at, in short. */
export function inShort({ head, round, own, ownRound, accepted }: SequenceView): string {
  return `next ${head.number + 1}, round ${JSON.stringify(round)}, own ${own} ${ownRound ?? ''}, accepted ${accepted}`;
}
