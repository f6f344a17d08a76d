import { Transaction as EthersTransaction, formatUnits, type TransactionLike } from 'ethers';
import { isHex } from '../storage/database.js';
import type { Hex } from '../../domain/sequence.js';
import { larger, smaller } from './amounts.js';
import { capForStep, firstOffer, nextBaseFee, offerWithin, type FeeMarket, type Fees } from './fees.js';
import { noOpGas } from './gas-limits.js';
import { handToEndpoints } from './hand-to-endpoints.js';
import type { SenderContext, SenderSettings } from './sender-context.js';
import { feeCapTooLow, walletOutOfGas } from './sender-errors.js';
import type { StepCall } from './step-calls.js';
import { heldNonces, recordFirstAttempt, recordReplacement } from './transaction-states.js';
import { revealCapAfter, type Attempt, type Transaction } from './transactions.js';
import type { Head } from './wallet-rpc.js';

/**
 * Signs a step for the first time: takes a nonce, writes it with the bytes, then broadcasts.
 *
 * @throws RefusalError if the fee cap or the wallet's balance is too low; nothing is signed then
 */
export async function signAndSend(
  context: SenderContext,
  row: Transaction,
  call: StepCall,
  proofHash: Hex | null,
): Promise<void> {
  const { attempt, head } = await context.oneAtATime(async () => {
    const head = await context.head();
    const market = await context.rpc.feeMarket(head);
    const fees = await firstFees(context, row, call, market, head);
    const nonce = await lowestFreeNonce(context, head);
    const signed = await sign(context, { call, nonce, fees, market, head, purpose: 'step' });
    await recordFirstAttempt(context.leadership.database, row.id, signed, { proofHash, feeCapWei: call.feeCapWei });
    return { attempt: signed, head };
  });
  await handToEndpoints(context, row, attempt, head.number);
}

/** @throws RefusalError if under the fee cap, or with what the wallet holds, it could not be mined */
async function firstFees(
  { rpc, wallet, settings, nodeFeeCap }: SenderContext,
  row: Transaction,
  { gasLimit, feeCapWei }: StepCall,
  market: FeeMarket,
  head: Head,
): Promise<Fees> {
  const cap = feeCapWei ?? settingsCap(settings, row);
  const wished = firstOffer(market, capForStep(cap));
  if (!wished) throw feeCapTooLow(row.step, cap, leastFee(market));
  const balance = await rpc.balance(wallet.address);
  const own = smaller(capForStep(cap), balance / gasLimit);
  const fees = offerWithin([], market, { own, fits: nodeFeeCap.fits(gasLimit, head.number) }, true);
  if (!fees) throw walletOutOfGas(wallet.address, balance, gasLimit * wished.maxFeePerGas);
  return fees;
}

/** Another transaction at a row's nonce. */
export interface Replacement {
  row: Transaction;
  /** What is signed for that nonce already, the oldest first. */
  atNonce: readonly Attempt[];
  purpose: Attempt['purpose'];
  head: Head;
  market: FeeMarket;
  /** Attempts beside those that pools hold that it has to pay more than. */
  alsoOutbid?: readonly Attempt[];
  /** Whether it may cost more than nodes have said they take, where it could not be mined for less. */
  beyondNodeFeeCap?: boolean;
}

/**
 * Signs another transaction at a row's nonce and broadcasts it: the same call, or a no-op. It pays at least 10 % more than
 * every attempt that a pool may hold; where none does, what the market asks for, even if that is less than before.
 *
 * @returns null if it was signed, else why not
 */
export async function replace(context: SenderContext, replacement: Replacement): Promise<string | null> {
  const { row, atNonce, purpose, head, market, alsoOutbid = [], beyondNodeFeeCap = false } = replacement;
  const newest = atNonce.at(-1);
  if (!newest) throw new RangeError(`transaction ${row.id} has no attempt to replace`);
  const call = purpose === 'no-op' ? await noOp(context) : callOf(newest);
  const cap = await capOf(context, row, newest.nonce);
  // More than it can pay would be refused by every node, and the next offer would be higher still.
  const payable = (await context.rpc.balance(context.wallet.address)) / call.gasLimit;
  const limit = smaller(payable, cap);
  const own = purpose === 'step' ? capForStep(limit) : limit;
  const fits = context.nodeFeeCap.fits(call.gasLimit, head.number);
  const outbid = [...atNonce.filter(({ heldSinceBlock }) => heldSinceBlock !== null), ...alsoOutbid];
  const fees = offerWithin(outbid, market, { own, fits }, beyondNodeFeeCap);
  if (!fees || (purpose === newest.purpose && isSame(fees, newest))) {
    return whyNoOffer({ cap, payable, fits, wallet: context.wallet.address });
  }
  const attempt = await sign(context, { call, nonce: newest.nonce, fees, market, head, purpose });
  await recordReplacement(context.leadership.database, row.id, attempt);
  const { kind } = await handToEndpoints(context, row, attempt, head.number);
  if (kind === 'held') await context.holdUps.clear(row);
  return null;
}

interface NoOffer {
  cap: bigint;
  payable: bigint;
  fits: bigint | null;
  wallet: string;
}

function whyNoOffer({ cap, payable, fits, wallet }: NoOffer): string {
  const offered = 'What is offered cannot be raised as the market asks: ';
  if (fits !== null && fits < smaller(cap, payable)) {
    return `${offered}nodes take at most ${inGwei(fits)} a gas for it (go-ethereum: --rpc.txfeecap); raise that, or add an endpoint without it to ZKPOW_RPC_URL`;
  }
  if (payable < cap) {
    return `${offered}the wallet ${wallet} can pay ${inGwei(payable)} a gas for it: send it coins`;
  }
  return `${offered}its fee cap is ${inGwei(cap)} a gas: wait for the fee to fall, or raise the cap`;
}

function inGwei(wei: bigint): string {
  return `${formatUnits(wei, 'gwei')} gwei`;
}

/** Closes a gap before a waiting transaction: nothing, sent to the wallet itself. */
export async function fillNonce(context: SenderContext, row: Transaction, nonce: number, head: Head): Promise<void> {
  const market = await context.rpc.feeMarket(head);
  const fees = firstOffer(market, context.settings.revealFeeCapWei);
  if (!fees) throw feeCapTooLow('reveal', context.settings.revealFeeCapWei, leastFee(market));
  const attempt = await sign(context, { call: await noOp(context), nonce, fees, market, head, purpose: 'no-op' });
  await recordFirstAttempt(context.leadership.database, row.id, attempt, { proofHash: null });
  await handToEndpoints(context, row, attempt, head.number);
}

interface Unsigned {
  call: StepCall;
  nonce: number;
  fees: Fees;
  market: FeeMarket;
  head: Head;
  purpose: Attempt['purpose'];
}

async function sign({ wallet, chainId }: SenderContext, unsigned: Unsigned): Promise<Attempt> {
  const { call, nonce, fees, market, head, purpose } = unsigned;
  const transaction: TransactionLike = {
    ...(market.baseFeePerGas === null ? { type: 0, gasPrice: fees.maxFeePerGas } : { type: 2, ...fees }),
    ...{ chainId, nonce, to: call.to, data: call.data, gasLimit: call.gasLimit, value: 0n },
  };
  const raw = await wallet.signTransaction(transaction);
  const { hash } = EthersTransaction.from(raw);
  if (!isHex(raw) || !isHex(hash)) throw new TypeError('a signed transaction is not hexadecimal');
  return { hash, purpose, nonce, ...fees, signedAtBlock: head.number, heldSinceBlock: null, raw };
}

/** The nonce that nobody uses yet: neither the chain nor a row. A gap is closed first. */
async function lowestFreeNonce({ rpc, chainId, wallet, leadership }: SenderContext, head: Head): Promise<number> {
  const next = await rpc.transactionCount(wallet.address, head.number);
  const { held, highestFinal } = await heldNonces(leadership.database, chainId, wallet.address, next);
  // An endpoint that lags may count too few.
  let nonce = Math.max(next, highestFinal + 1);
  while (held.has(nonce)) nonce += 1;
  return nonce;
}

/** What of a sender the cap of a transaction hangs on. */
type CapContext = Pick<SenderContext, 'chainId' | 'settings' | 'revealIsDue'> & {
  wallet: Pick<SenderContext['wallet'], 'address'>;
  leadership: Pick<SenderContext['leadership'], 'database'>;
};

/** What stands before a waiting reveal may cost as much as that reveal; also a reveal that is worth less itself. */
export async function capOf(
  { chainId, wallet, settings, leadership, revealIsDue }: CapContext,
  row: Pick<Transaction, 'step' | 'feeCapWei'>,
  nonce: number,
): Promise<bigint> {
  const own = row.feeCapWei ?? settingsCap(settings, row);
  if (row.step !== 'reveal' && revealIsDue()) return larger(own, settings.revealFeeCapWei);
  const place = { chainId, wallet: wallet.address, nonce };
  const behind = await revealCapAfter(leadership.database, place, settings.revealFeeCapWei);
  return behind === null ? own : larger(own, behind);
}

/** The cap that the settings give a step. */
export function settingsCap(settings: SenderSettings, { step }: Pick<Transaction, 'step'>): bigint {
  return step === 'reveal' ? settings.revealFeeCapWei : settings.commitFeeCapWei;
}

function leastFee(market: FeeMarket): bigint {
  return market.baseFeePerGas === null ? market.suggested : nextBaseFee(market);
}

async function noOp(context: SenderContext): Promise<StepCall> {
  return { to: context.wallet.address, data: '0x', gasLimit: await noOpGas(context) };
}

function callOf({ raw }: Attempt): StepCall {
  const { to, data, gasLimit } = EthersTransaction.from(raw);
  if (to === null) throw new TypeError('a step creates no contract');
  return { to, data, gasLimit };
}

function isSame(a: Fees, b: Fees): boolean {
  return a.maxFeePerGas === b.maxFeePerGas && a.maxPriorityFeePerGas === b.maxPriorityFeePerGas;
}
