import { Transaction as EthersTransaction, formatUnits } from 'ethers';
import type { BroadcastVerdict } from './broadcast.js';
import { capForStep, isFarAbove, isMineable, marketOffer, type FeeMarket } from './fees.js';
import { giveNonceUpIfForeign } from './give-nonce-up.js';
import { handToEndpoints } from './hand-to-endpoints.js';
import { refereeSays } from './prepare-step.js';
import type { SenderContext } from './sender-context.js';
import { capOf, replace, settingsCap, type Replacement } from './sign-attempt.js';
import { aboutStep } from './step-log.js';
import { markHeld, wantCancel } from './transaction-states.js';
import type { Attempt, Transaction } from './transactions.js';
import type { Head } from './wallet-rpc.js';

/** A pending row at a head, with all that is looked at. */
interface Look {
  context: SenderContext;
  row: Transaction;
  /** Its attempts at its nonce, the oldest first. */
  atNonce: Attempt[];
  newest: Attempt;
  head: Head;
  market: FeeMarket;
  /** The nonce that the chain takes next. */
  nextNonce: number;
}

/**
 * What a pending row needs at a new head: a nonce that somebody else used, a step that has become useless, a lost
 * broadcast, a fee that does not fit the market. What no endpoint has is never raised for having waited: nobody could have
 * mined it.
 */
export async function keepGoing(
  context: SenderContext,
  row: Transaction,
  attempts: Attempt[],
  head: Head,
): Promise<void> {
  const { rpc, wallet } = context;
  const newest = attempts.at(-1);
  if (row.nonce === null || !newest) throw new Error(`transaction ${row.id} is pending without a signed attempt`);
  const nextNonce = await rpc.transactionCount(wallet.address, head.number);
  if (nextNonce > row.nonce) return giveNonceUpIfForeign(context, row, attempts, head);
  const atNonce = attempts.filter(({ nonce }) => nonce === row.nonce);
  const look: Look = { context, row, atNonce, newest, head, market: await rpc.feeMarket(head), nextNonce };

  const held = await rpc.knows(newest.hash);
  if (held) await markHeld(context.leadership.database, [newest.hash], head.number);
  const replaced = await replaceIfUnfit(look, held);
  if (replaced.done) return;
  if (held) return keepHeld(look, replaced.problem);
  return handOver(look, replaced.problem);
}

/** `problem`: what a new offer is wanted for and cannot be made; null where none is wanted. */
type Replaced = { done: true } | { done: false; problem: string | null };

/** A cancel, or an offer that the market has left behind. */
async function replaceIfUnfit(look: Look, held: boolean): Promise<Replaced> {
  const { context, row, newest } = look;
  if (newest.purpose === 'step' && (row.cancelWanted || (await hasBecomeUseless(context, row)))) {
    return replaceBy(look, { purpose: 'no-op' });
  }
  if (await isLeftBehind(look, held)) return replaceBy(look, { beyondNodeFeeCap: true });
  return { done: false, problem: null };
}

async function isLeftBehind({ context, row, newest, market }: Look, held: boolean): Promise<boolean> {
  if (!isMineable(newest, market)) return true;
  // One that a pool has is out-bid when it turns out to be slow, and nothing cheaper is taken in its place.
  if (held || newest.heldSinceBlock !== null) return false;
  const asked = marketOffer([], market, capForStep(await capOf(context, row, newest.nonce)));
  return asked !== null && (isFarAbove(newest, asked) || isFarAbove(asked, newest));
}

async function replaceBy(look: Look, changes: Partial<Replacement>): Promise<Replaced> {
  const { context, row, atNonce, newest, head, market } = look;
  const problem = await replace(context, { row, atNonce, head, market, purpose: newest.purpose, ...changes });
  return problem === null ? { done: true } : { done: false, problem };
}

/** An endpoint has it: it is mined sooner or later, sooner for more. */
async function keepHeld(look: Look, unfit: string | null): Promise<void> {
  const { context, row, newest, head, nextNonce } = look;
  const since = Math.max(newest.signedAtBlock, newest.heldSinceBlock ?? head.number);
  const isSlow = newest.nonce === nextNonce && head.number - since >= context.settings.bumpAfterBlocks;
  const raised: Replaced = isSlow ? await replaceBy(look, {}) : { done: false, problem: null };
  if (raised.done) return;
  const problem = unfit ?? raised.problem ?? whyNotMined(look);
  await (problem === null ? context.holdUps.clear(row) : context.holdUps.report(row, problem));
}

/** Null as long as it may be mined any moment. */
function whyNotMined(look: Look): string | null {
  const { context, atNonce, newest, head, nextNonce } = look;
  const limited = whyLimited(look);
  if (limited !== null) return limited;
  if (newest.nonce > nextNonce) return `It waits for the transaction of nonce ${nextNonce}, which is not mined yet`;
  const since = Math.min(...atNonce.map(({ heldSinceBlock }) => heldSinceBlock ?? head.number));
  if (head.number - since < context.settings.bumpAfterBlocks) return null;
  return `Endpoints have had it in their pools since block ${since}, and no block has taken it; its fees are raised`;
}

/** Nodes take less for it than would be offered: it is mined as long as the base fee stays below that. */
function whyLimited({ context, row, newest, head, market }: Look): string | null {
  const { settings, nodeFeeCap } = context;
  const fits = nodeFeeCap.fits(EthersTransaction.from(newest.raw).gasLimit, head.number);
  const cap = row.feeCapWei ?? settingsCap(settings, row);
  const wished = marketOffer([], market, capForStep(cap));
  if (fits === null || !wished || wished.maxFeePerGas <= fits) return null;
  return (
    `Nodes take at most ${formatUnits(fits, 'gwei')} gwei a gas for it, which is offered: they limit what one ` +
    'transaction may cost. Above that it is not mined: raise their limit (go-ethereum: --rpc.txfeecap 0) or add an ' +
    'endpoint without one to ZKPOW_RPC_URL; raising a fee cap of this miner changes nothing'
  );
}

/** No endpoint has it: the same bytes again, and another offer only where the nodes ask for one. */
async function handOver(look: Look, unfit: string | null): Promise<void> {
  const { context, row, atNonce, newest, head, market } = look;
  const verdict = await handToEndpoints(context, row, newest, head.number);
  if (verdict.kind === 'held') return context.holdUps.clear(row);
  const changes = changesFor(verdict, look);
  if (verdict.kind === 'replacement-underpriced') {
    const others = atNonce.filter(({ hash }) => hash !== newest.hash);
    await markHeld(
      context.leadership.database,
      others.map(({ hash }) => hash),
      head.number,
    );
  }
  if (changes) {
    const suggested = verdict.kind === 'underpriced' ? (verdict.leastTipWei ?? 0n) : 0n;
    const asked = suggested > market.suggested ? { ...market, suggested } : market;
    if ((await replaceBy({ ...look, market: asked }, changes)).done) return;
  }
  if (unfit !== null) await context.holdUps.report(row, unfit);
  await keepEarlierAlive(look);
}

/** The offer that a refusal asks for; null where another would change nothing. */
function changesFor(verdict: BroadcastVerdict, { atNonce, newest }: Look): Partial<Replacement> | null {
  switch (verdict.kind) {
    case 'over-fee-cap':
      return {};
    case 'underpriced':
      return { alsoOutbid: [newest] };
    case 'replacement-underpriced':
      return { alsoOutbid: atNonce };
    case 'held':
    case 'not-held':
      return null;
  }
}

/** While nobody takes the newest attempt, one that a pool had before may be mined in its place. */
async function keepEarlierAlive({ context, atNonce, newest }: Look): Promise<void> {
  const earlier = atNonce.findLast(
    ({ hash, purpose, heldSinceBlock }) =>
      hash !== newest.hash && purpose === newest.purpose && heldSinceBlock !== null,
  );
  if (!earlier || (await context.rpc.knows(earlier.hash))) return;
  await context.rpc.broadcast(earlier.raw);
}

/** Asks the referee about a commit or a reveal under way; other steps are cheap and harmless. */
async function hasBecomeUseless(context: SenderContext, row: Transaction): Promise<boolean> {
  if (row.step !== 'commit' && row.step !== 'reveal') return false;
  const decision = await refereeSays(context, row.sequence);
  if (decision.action !== 'cancel-step') return false;
  if (decision.step.step !== row.step || decision.step.tryNumber !== row.tryNumber) return false;
  const note = `row ${decision.row} says that it has become useless`;
  context.log.info({ ...aboutStep(row), note }, 'cancelling');
  await wantCancel(context.leadership.database, row.id, note);
  return true;
}
