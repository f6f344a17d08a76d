import { Transaction as EthersTransaction, type TransactionLike } from 'ethers';
import { isHex } from '../storage/database.js';
import type { Hex } from '../../workflows/domain/sequence.js';
import { capForStep, firstOffer, nextBaseFee, raisedOffer, type FeeMarket, type Fees } from './fees.js';
import type { SenderContext } from './sender-context.js';
import { feeCapTooLow, walletOutOfGas } from './sender-errors.js';
import { NO_OP_GAS, type StepCall } from './step-calls.js';
import { heldNonces, recordFirstAttempt, recordReplacement } from './transaction-states.js';
import { revealWaitsAfter, type Attempt, type Transaction } from './transactions.js';
import type { Head } from './wallet-rpc.js';
import { aboutStep } from './step-log.js';

/**
 * Signs a step for the first time: takes a nonce, writes it with the bytes, then broadcasts.
 *
 * @throws ApplicationFailure if the fee cap or the wallet's balance is too low; nothing is signed then
 */
export async function signAndSend(
  context: SenderContext,
  row: Transaction,
  call: StepCall,
  proofHash: Hex | null,
): Promise<void> {
  const attempt = await context.oneAtATime(async () => {
    const head = await context.rpc.head();
    const market = await context.rpc.feeMarket(head);
    const cap = row.step === 'reveal' ? context.settings.revealFeeCapWei : context.settings.commitFeeCapWei;
    const fees = firstOffer(market, capForStep(cap));
    if (!fees) throw feeCapTooLow(row.step, cap, leastFee(market));
    await checkBalance(context, call.gasLimit * fees.maxFeePerGas);

    const nonce = await lowestFreeNonce(context);
    const signed = await sign(context, { call, nonce, fees, market, head, purpose: 'step' });
    await recordFirstAttempt(context.leadership.database, row.id, signed, proofHash);
    return signed;
  });
  await broadcast(context, row, attempt);
}

/**
 * Signs another transaction at a row's nonce, with both fees at least 10 % higher: the same call, or a no-op.
 *
 * @returns false where the fee cap, or what the wallet can pay, leaves no room
 */
export async function replace(
  context: SenderContext,
  row: Transaction,
  earlier: Attempt,
  head: Head,
  purpose: Attempt['purpose'],
): Promise<boolean> {
  const market = await context.rpc.feeMarket(head);
  const call = purpose === 'no-op' ? noOp(context) : callOf(earlier);
  // More than it can pay would be refused by every node, and the next offer would be higher still.
  const payable = (await context.rpc.balance(context.wallet.address)) / call.gasLimit;
  const cap = await capOf(context, row, earlier.nonce);
  const limit = payable < cap ? payable : cap;
  const fees = raisedOffer(earlier, market, purpose === 'step' ? capForStep(limit) : limit);
  if (!fees) {
    const about = { ...aboutStep(row), nonce: earlier.nonce, cap, payable };
    if (payable < cap) context.log.error(about, 'the wallet cannot pay higher fees: send it coins');
    else context.log.warn(about, 'the fee cap leaves no room to raise the fees');
    return false;
  }
  const attempt = await sign(context, { call, nonce: earlier.nonce, fees, market, head, purpose });
  await recordReplacement(context.leadership.database, row.id, attempt);
  await broadcast(context, row, attempt);
  return true;
}

/** Closes a gap before a waiting transaction: nothing, sent to the wallet itself. */
export async function fillNonce(context: SenderContext, row: Transaction, nonce: number, head: Head): Promise<void> {
  const market = await context.rpc.feeMarket(head);
  const fees = firstOffer(market, context.settings.revealFeeCapWei);
  if (!fees) throw feeCapTooLow('reveal', context.settings.revealFeeCapWei, leastFee(market));
  const attempt = await sign(context, { call: noOp(context), nonce, fees, market, head, purpose: 'no-op' });
  await recordFirstAttempt(context.leadership.database, row.id, attempt, null);
  await broadcast(context, row, attempt);
}

/** Hands bytes that are in the database to the endpoints. What they answer decides nothing. */
export async function broadcast({ rpc, log }: SenderContext, row: Transaction, attempt: Attempt): Promise<void> {
  const problem = await rpc.broadcast(attempt.raw);
  const { hash, nonce, purpose } = attempt;
  const level = problem === null ? 'info' : 'warn';
  log[level]({ ...aboutStep(row), nonce, hash, purpose, problem }, 'broadcast');
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
  return { hash, purpose, nonce, ...fees, signedAtBlock: head.number, raw };
}

/** The nonce that nobody uses yet: neither the chain nor a row. A gap is closed first. */
async function lowestFreeNonce({ rpc, chainId, wallet, leadership }: SenderContext): Promise<number> {
  const next = await rpc.transactionCount(wallet.address);
  const { held, highestFinal } = await heldNonces(leadership.database, chainId, wallet.address, next);
  // An endpoint that lags may count too few.
  let nonce = Math.max(next, highestFinal + 1);
  while (held.has(nonce)) nonce += 1;
  return nonce;
}

/** What stands before a waiting reveal may cost as much as the reveal. */
async function capOf(context: SenderContext, row: Transaction, nonce: number): Promise<bigint> {
  const { chainId, wallet, settings, leadership } = context;
  const standsBeforeReveal =
    row.step === 'reveal' ||
    context.revealIsDue() ||
    (await revealWaitsAfter(leadership.database, chainId, wallet.address, nonce));
  return standsBeforeReveal ? settings.revealFeeCapWei : settings.commitFeeCapWei;
}

async function checkBalance({ rpc, wallet }: SenderContext, cost: bigint): Promise<void> {
  const balance = await rpc.balance(wallet.address);
  if (balance < cost) throw walletOutOfGas(wallet.address, balance, cost);
}

function leastFee(market: FeeMarket): bigint {
  return market.baseFeePerGas === null ? market.suggested : nextBaseFee(market);
}

function noOp({ wallet }: SenderContext): StepCall {
  return { to: wallet.address, data: '0x', gasLimit: NO_OP_GAS };
}

function callOf({ raw }: Attempt): StepCall {
  const { to, data, gasLimit } = EthersTransaction.from(raw);
  if (to === null) throw new TypeError('a step creates no contract');
  return { to, data, gasLimit };
}
