import { setTimeout as delay } from 'node:timers/promises';
import { describeRpcError, RpcAnswerError } from '../chain/endpoints/rpc-errors.js';
import { readNodeRefusal } from './node-refusals.js';

/** What one endpoint made of a broadcast. */
export interface EndpointAnswer {
  endpoint: string;
  /** `known`: it had the transaction already. `nothing`: no answer, at least not yet. */
  said: 'taken' | 'known' | 'refused' | 'nothing';
  /** The node's words, or why there are none; empty for `taken`. */
  message: string;
}

/** So long a sender with other steps to send waits for the word of endpoints that are silent. */
const PATIENCE_MS = 3_000;

/**
 * What endpoints make of signed bytes that were sent to all of them.
 *
 * @param sent each endpoint's name and its answer, an RpcAnswerError where the node refuses
 * @returns an answer of each, as soon as one has the transaction or all have answered; never rejects
 */
export async function collectAnswers(
  sent: readonly { endpoint: string; answer: Promise<unknown> }[],
): Promise<EndpointAnswer[]> {
  const answers = sent.map(({ endpoint }): EndpointAnswer => ({ endpoint, said: 'nothing', message: 'no answer yet' }));
  const taken = sent.map(async ({ endpoint, answer }, index) => {
    const one = await answerOf(endpoint, answer);
    answers[index] = one;
    if (!hasIt(one)) throw new Error('not in its pool');
  });
  await Promise.race([Promise.any(taken).catch(() => undefined), delay(PATIENCE_MS, undefined, { ref: false })]);
  return [...answers];
}

async function answerOf(endpoint: string, answer: Promise<unknown>): Promise<EndpointAnswer> {
  try {
    await answer;
    return { endpoint, said: 'taken', message: '' };
  } catch (error) {
    const message = describeRpcError(error);
    if (!(error instanceof RpcAnswerError)) return { endpoint, said: 'nothing', message };
    return { endpoint, said: readNodeRefusal(message).kind === 'known' ? 'known' : 'refused', message };
  }
}

function hasIt({ said }: EndpointAnswer): boolean {
  return said === 'taken' || said === 'known';
}

/** What a broadcast means for the attempt. */
export type BroadcastVerdict =
  /** An endpoint has it. */
  | { kind: 'held' }
  /** Refused for what it may cost in all; `capWei` is the most that a node named, null where none did. */
  | { kind: 'over-fee-cap'; capWei: bigint | null }
  /** A pool holds another transaction of the nonce that pays nearly as much, or more. */
  | { kind: 'replacement-underpriced' }
  /** It pays too little for the pools. `leastTipWei`: what a node asks for, null where none says. */
  | { kind: 'underpriced'; leastTipWei: bigint | null }
  /** Nobody has it, and no other fee would change that as far as is known. */
  | { kind: 'not-held' };

/** The best that can be made of the endpoints' answers: one that has it is enough. */
export function judgeBroadcast(answers: readonly EndpointAnswer[]): BroadcastVerdict {
  if (answers.some(hasIt)) return { kind: 'held' };
  const refusals = answers.filter(({ said }) => said === 'refused').map(({ message }) => readNodeRefusal(message));
  if (refusals.some(({ kind }) => kind === 'replacement-underpriced')) return { kind: 'replacement-underpriced' };
  const underpriced = refusals.filter((refusal) => refusal.kind === 'underpriced');
  if (underpriced.length > 0) {
    return {
      kind: 'underpriced',
      leastTipWei: extreme(
        underpriced.map(({ leastTipWei }) => leastTipWei),
        'least',
      ),
    };
  }
  const overCap = refusals.filter((refusal) => refusal.kind === 'over-fee-cap');
  if (overCap.length > 0) {
    return {
      kind: 'over-fee-cap',
      capWei: extreme(
        overCap.map(({ capWei }) => capWei),
        'most',
      ),
    };
  }
  return { kind: 'not-held' };
}

function extreme(amounts: readonly (bigint | null)[], which: 'least' | 'most'): bigint | null {
  const known = amounts.filter((amount) => amount !== null);
  const sorted = known.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return (which === 'least' ? sorted[0] : sorted.at(-1)) ?? null;
}

/** Why no endpoint has it, with what changes that; for the row's note, an alarm and the log. */
export function describeBroadcast(answers: readonly EndpointAnswer[]): string {
  const each = answers.map(({ endpoint, said, message }) =>
    said === 'refused' ? `${endpoint} says "${message}"` : `${endpoint}: no answer (${message})`,
  );
  const advice = {
    held: '',
    'over-fee-cap':
      '. The node limits what one transaction may cost: raise its limit (go-ethereum: --rpc.txfeecap 0) or add an ' +
      'endpoint without one to ZKPOW_RPC_URL; raising a fee cap of this miner changes nothing',
    'replacement-underpriced': '. A higher offer follows',
    underpriced: '. A higher offer follows',
    'not-held': '. It is sent again at every block; another endpoint in ZKPOW_RPC_URL may take it',
  }[judgeBroadcast(answers).kind];
  return `No endpoint takes the transaction: ${each.join('; ')}${advice}`;
}
