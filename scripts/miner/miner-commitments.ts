import { Result, type Contract } from 'ethers';
import { z } from 'zod';
import { mapAtOnce } from '../../activities/map-at-once.js';
import { COMMITMENT_STATES, type CommitmentState } from '../../contracts/abi.js';
import { amountText, type Asset } from './asset.js';

/** A commitment of a miner that is not settled. Amounts as decimal strings, in the smallest unit of what the pool keeps. */
export interface MinerCommitment {
  finalBatch: number;
  /** Block that opened its round. */
  round: number;
  state: CommitmentState;
  /** What is reserved for it; null of a round before the sequence's last one, whose end is all that is left to book. */
  reservedWei: string | null;
  /** What silence and a wrong proof would take of that; null as above, and where nothing can be lost any more. */
  atRisk: { silenceWei: string; wrongProofWei: string } | null;
  /** Proofs in time in blocks `[start, end)`; null while the predecessor is not verified, or of an earlier round. */
  reveal: { start: number; end: number } | null;
}

const NEVER = 2n ** 64n - 1n;
const WHOLE = 10_000n;
const ASKED_AT_ONCE = 8;

const keys = z.array(z.tuple([z.bigint(), z.bigint()]));
const viewSchema = z.object({
  ownRound: z.bigint(),
  ownWeight: z.bigint(),
  revealStart: z.bigint(),
  revealEnd: z.bigint(),
  terms: z.object({ silenceShare: z.bigint(), wrongProofShare: z.bigint() }),
});
const state = z.bigint().transform((index) => COMMITMENT_STATES[Number(index)] ?? 'none');

/** All that a miner has not settled with a rollup, the lowest batch first. */
export async function readMinerCommitments(rollup: Contract, miner: string): Promise<MinerCommitment[]> {
  const listed = keys.parse(plain(await rollup.getFunction('openCommitments')(miner)));
  const commitments = await mapAtOnce(ASKED_AT_ONCE, listed, ([batch, round]) =>
    readCommitment(rollup, miner, batch, round),
  );
  return commitments.sort((one, other) => one.finalBatch - other.finalBatch || one.round - other.round);
}

async function readCommitment(rollup: Contract, miner: string, batch: bigint, round: bigint): Promise<MinerCommitment> {
  const previous = z.bigint().parse(await valueOf(rollup, 'sequencedBatches', 'previousLastBatchSequenced', batch));
  const read = async (name: string, ...args: unknown[]): Promise<unknown> => rollup.getFunction(name)(...args);
  const [answer, stateAnswer] = await Promise.all([
    read('sequenceView', previous, batch, miner),
    read('commitmentState', miner, batch, round),
  ]);
  const view = viewSchema.parse(structOf(answer));
  const place = { finalBatch: Number(batch), round: Number(round), state: state.parse(stateAnswer) };
  if (view.ownRound !== round) return { ...place, reservedWei: null, atRisk: null, reveal: null };
  const part = (share: bigint): string => String((view.ownWeight * share) / WHOLE);
  const { silenceShare, wrongProofShare } = view.terms;
  const open = place.state === 'open';
  const isKnown = view.revealEnd !== 0n && view.revealEnd !== NEVER;
  return {
    ...place,
    reservedWei: place.state === 'accepted' ? '0' : String(view.ownWeight),
    atRisk: open ? { silenceWei: part(silenceShare), wrongProofWei: part(wrongProofShare) } : null,
    reveal: isKnown ? { start: Number(view.revealStart), end: Number(view.revealEnd) } : null,
  };
}

/** A commitment in one line, as `status` shows it. */
export function commitmentText({ finalBatch, round, ...commitment }: MinerCommitment, asset: Asset): string {
  return `batch ${finalBatch}, round ${round}: ${fateText(commitment, asset)}`;
}

function fateText(
  { state: of, reservedWei, atRisk, reveal }: Omit<MinerCommitment, 'finalBatch' | 'round'>,
  asset: Asset,
): string {
  const kept = (units: string): string => amountText(BigInt(units), asset);
  switch (of) {
    case 'open': {
      const loss =
        atRisk && `, of which silence takes ${kept(atRisk.silenceWei)} and a wrong proof ${kept(atRisk.wrongProofWei)}`;
      const when = reveal
        ? `its proof is due in blocks ${reveal.start} to ${reveal.end - 1}`
        : 'its proof is due once the predecessor is verified';
      return `${kept(reservedWei ?? '0')} at risk${loss ?? ''}; ${when}`;
    }
    case 'late':
      return `nothing at risk, another's proof was accepted; its own earns in full up to block ${(reveal?.end ?? 0) - 1}, a part of that later`;
    case 'accepted':
      return `proof accepted; its share is booked by "settle" from block ${reveal?.end ?? 0} on`;
    case 'failed':
      return 'its round has failed; "settle" books the penalty and frees the rest';
    case 'rolledBack':
      return 'its sequence was rolled back; "settle" frees what it reserves';
    // Never listed: they end with what ends them.
    case 'none':
    case 'wrong':
    case 'takenBack':
      return 'nothing at risk';
  }
}

async function valueOf(rollup: Contract, name: string, field: string, ...args: unknown[]): Promise<unknown> {
  const answer: unknown = await rollup.getFunction(name)(...args);
  return answer instanceof Result ? answer.getValue(field) : undefined;
}

function structOf(answer: unknown): unknown {
  if (!(answer instanceof Result)) return answer;
  const terms: unknown = answer.getValue('terms');
  return { ...answer.toObject(), terms: terms instanceof Result ? terms.toObject() : terms };
}

function plain(answer: unknown): unknown {
  return answer instanceof Result ? answer.toArray(true) : answer;
}
