import { setTimeout as delay } from 'node:timers/promises';
import type { Provider, TransactionReceipt } from 'ethers';
import { rpcReason } from './rpc-reason.js';

/** A transaction that was signed, and given to the chain at least once. */
export interface SentTransaction {
  hash: string;
  from: string;
  nonce: number;
  /** Its signed bytes, by which it is given to the chain again; absent where the signer keeps them. */
  raw?: string;
}

export interface AwaitOptions {
  /** Names the transaction in what is said. */
  what: string;
  /** Told in words what is waited for: a line now and then. */
  report(line: string): void;
  /** Between two lines. Default: 15 s. */
  sayEveryMs?: number;
  /** How long a nonce has to be used, and the transaction unknown, before it counts as lost: endpoints lag. Default: 60 s. */
  nonceDoubtedForMs?: number;
}

/** Another transaction of the same wallet took its place: it will never be mined. */
export class NonceTakenError extends Error {
  override readonly name = 'NonceTakenError';
}

/** It was mined, and did nothing: its gas is paid. */
export class RevertedError extends Error {
  override readonly name = 'RevertedError';
}

const SAY_EVERY_MS = 15_000;
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const NONCE_DOUBTED_FOR_MS = 60_000;

/**
 * Waits until a transaction is mined, however long that takes, and says now and then what it waits for. One that the
 * endpoint does not know (any more) is given to it again.
 *
 * @throws NonceTakenError if another transaction took its place
 * @throws RevertedError if it was mined and reverted
 */
export async function awaitReceipt(
  provider: Provider,
  sent: SentTransaction,
  { what, report, sayEveryMs = SAY_EVERY_MS, nonceDoubtedForMs = NONCE_DOUBTED_FOR_MS }: AwaitOptions,
): Promise<TransactionReceipt> {
  const start = Date.now();
  let saidAt = start;
  let takenSince: number | undefined;
  for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const look = await lookFor(provider, sent);
    if (look.receipt) return requireSuccess(look.receipt, what);
    takenSince = look.nonceIsUsed ? (takenSince ?? Date.now()) : undefined;
    if (takenSince !== undefined && Date.now() - takenSince > nonceDoubtedForMs) throw nonceTaken(sent, what);
    if (Date.now() - saidAt >= sayEveryMs) {
      saidAt = Date.now();
      const seconds = Math.round((saidAt - start) / 1000);
      report(`Waiting for ${what}, transaction ${sent.hash}: ${look.state}, ${seconds} s so far`);
    }
    await delay(pauseMs);
  }
}

/**
 * Gives a transaction to the chain once more. That it is known already, or its nonce used, is no failure.
 *
 * @returns what came of it, in words
 */
async function sendAgain(provider: Provider, { raw }: SentTransaction): Promise<string> {
  if (raw === undefined) return 'its sender sends it again';
  try {
    await provider.broadcastTransaction(raw);
    return 'sent again';
  } catch (error) {
    return `sent again, and the endpoint says: ${rpcReason(error)}`;
  }
}

interface Look {
  receipt?: TransactionReceipt;
  /** By whichever transaction, while the endpoint does not know ours. */
  nonceIsUsed: boolean;
  state: string;
}

async function lookFor(provider: Provider, sent: SentTransaction): Promise<Look> {
  try {
    const receipt = await provider.getTransactionReceipt(sent.hash);
    if (receipt) return { receipt, nonceIsUsed: false, state: 'mined' };
    const [head, known, count] = await Promise.all([
      provider.getBlockNumber(),
      provider.getTransaction(sent.hash),
      provider.getTransactionCount(sent.from, 'latest'),
    ]);
    if (known && known.blockNumber !== null) {
      return { nonceIsUsed: false, state: `mined in block ${known.blockNumber}, but the endpoint gives no receipt` };
    }
    if (known) return { nonceIsUsed: false, state: `not mined, the chain is at block ${head}` };
    if (count > sent.nonce) {
      return { nonceIsUsed: true, state: `the endpoint does not know it, and its nonce ${sent.nonce} is used` };
    }
    const said = await sendAgain(provider, sent);
    return { nonceIsUsed: false, state: `not known to the endpoint (${said}), the chain is at block ${head}` };
  } catch (error) {
    return { nonceIsUsed: false, state: `the endpoint does not answer (${rpcReason(error)})` };
  }
}

function requireSuccess(receipt: TransactionReceipt, what: string): TransactionReceipt {
  if (receipt.status !== 0) return receipt;
  throw new RevertedError(
    `${what} was mined in block ${receipt.blockNumber}, but reverted: transaction ${receipt.hash}, ` +
      `${receipt.gasUsed} gas used. Nothing but its gas was paid`,
  );
}

function nonceTaken({ hash, from, nonce }: SentTransaction, what: string): NonceTakenError {
  return new NonceTakenError(
    `${what}: transaction ${hash} will not be mined, since another one of ${from} with the same nonce ${nonce} was. ` +
      'Look at what that wallet sent last before you send it again',
  );
}
