import { setTimeout as delay } from 'node:timers/promises';
import { Transaction } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import type { Field } from './field.js';
import type { Miner } from './miner.js';
import type { FaultSource, RpcCall } from './rpc-proxy.js';
import { readStepRows } from './wallet-audit.js';
import type { WorkerProcess } from './worker-process.js';

/** A moment in the life of a step's transaction at which its sender is killed. */
export interface KillPoint {
  step: 'commit' | 'reveal';
  at:
    /** Asked for and being checked: the row is `prepared`. */
    | 'prepared'
    /** As before, and then down until the window has gone. */
    | 'missed'
    /** Written with its bytes, not broadcast yet. */
    | 'signed'
    /** Handed to the chain, whose answer never comes. */
    | 'sent'
    /** Waiting in the pool. */
    | 'pending'
    /** Offered again for a higher fee, since it fell out of the pool. */
    | 'bumped'
    | 'mined'
    | 'final'
    /** Down until the window has gone; killed again when the next sender has dropped the step. */
    | 'withdrawn';
}

/** What the row says at each of them, when the sender is killed for the first time. */
export const STATE_AT: Record<KillPoint['at'], string> = {
  ...{ prepared: 'prepared', missed: 'prepared', signed: 'pending', sent: 'pending', pending: 'pending' },
  ...{ bumped: 'pending', mined: 'mined', final: 'final', withdrawn: 'prepared' },
};

const STEPS = ['commit', 'reveal'] as const;
const MOMENTS = ['signed', 'sent', 'prepared', 'pending', 'mined', 'final', 'bumped'] as const;

export const KILL_POINTS: readonly KillPoint[] = [
  ...STEPS.flatMap((step) => MOMENTS.map((at) => ({ step, at }))),
  { step: 'reveal', at: 'missed' },
  { step: 'reveal', at: 'withdrawn' },
];

const SELECTORS: Record<KillPoint['step'], string> = {
  commit: ROLLUP.getFunction('submitProofHash')?.selector ?? '',
  reveal: ROLLUP.getFunction('verifyBatches')?.selector ?? '',
};
const POLL_MS = 15;
/** Time for an answer to reach the sender and be acted upon. */
const ANSWER_MS = 300;
/** Wei: more than a first offer on a calm chain, less than every cap. */
const SPIKE = '0x2540be400';

/**
 * Kills the sender when its next step of the kind reaches the point.
 *
 * @returns what the step's row said when it was dead
 */
export async function armKillPoint(
  field: Field,
  miner: Miner,
  sender: WorkerProcess,
  point: KillPoint,
): Promise<string> {
  const releases: (() => void)[] = [];
  const rowsBefore = (await readStepRows(miner)).length;
  const moment = point.at === 'mined' || point.at === 'final' ? untilState(miner, point, rowsBefore) : atRequest();
  await moment;
  await sender.kill();
  miner.proxies.sender.setFaults(null);
  for (const release of releases) release();
  const rows = (await readStepRows(miner)).filter(({ step }) => step === point.step);
  return rows.at(-1)?.state ?? 'no row';

  /** Resolves once the request comes that marks the point; what comes after it is not passed on. */
  function atRequest(): Promise<void> {
    return new Promise((resolve) => {
      miner.proxies.sender.setFaults(watchRequests(field, point, releases, resolve));
    });
  }
}

async function untilState(miner: Miner, { step, at }: KillPoint, rowsBefore: number): Promise<void> {
  for (;;) {
    const rows = (await readStepRows(miner)).slice(rowsBefore);
    if (rows.some((row) => row.step === step && row.state === at)) return;
    await delay(POLL_MS);
  }
}

function watchRequests(
  { chain }: Field,
  { step, at }: KillPoint,
  releases: (() => void)[],
  reached: () => void,
): FaultSource {
  const sentNonces = new Set<number>();
  return async (call) => {
    if (at === 'prepared' || at === 'missed' || at === 'withdrawn') {
      if (!isSimulation(call, SELECTORS[step])) return null;
      reached();
      return 'no answer';
    }
    const sent = sentTransaction(call, SELECTORS[step]);
    if (!sent) return null;
    if (at === 'signed') {
      reached();
      return 'refuse';
    }
    if (at === 'sent') {
      // Passed on by now or a moment later: the sender is dead before an answer.
      setTimeout(reached, 0);
      return 'no answer';
    }
    if (at === 'bumped' && !sentNonces.has(sent.nonce)) {
      sentNonces.add(sent.nonce);
      await chain.rpc('anvil_setNextBlockBaseFeePerGas', [SPIKE]);
      return null;
    }
    releases.push(await chain.clock.hold());
    setTimeout(reached, ANSWER_MS);
    return null;
  };
}

const simulation = z.tuple([z.object({ data: z.string() }), z.literal('pending')]);

/** A commit is tried by an estimate of its gas, a reveal by a call. */
function isSimulation({ method, params }: RpcCall, selector: string): boolean {
  if (method !== 'eth_call' && method !== 'eth_estimateGas') return false;
  const parsed = simulation.safeParse(params);
  return parsed.success && parsed.data[0].data.startsWith(selector);
}

function sentTransaction({ method, params }: RpcCall, selector: string): Transaction | null {
  if (method !== 'eth_sendRawTransaction') return null;
  const transaction = Transaction.from(z.string().parse(params[0]));
  return transaction.data.startsWith(selector) ? transaction : null;
}
