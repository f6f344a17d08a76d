import { Result, type Contract } from 'ethers';
import { z } from 'zod';
import { amountText, type Asset } from './asset.js';

/** One setting of a rollup that would change; amounts and times as a person reads them. */
export interface SettingChange {
  name: string;
  now: string;
  then: string;
}

/** What a rollup's admin has announced. Blocks as numbers. */
export interface Announced {
  /** May be put in force from block `fromBlock` up to `toBlock`; null where nothing is proposed. */
  settings: { fromBlock: number; toBlock: number; changes: SettingChange[] } | null;
  /** Takes out all unverified sequences from `firstBatch` on, from block `fromBlock` on; null where none is scheduled. */
  rollback: { firstBatch: number; fromBlock: number; begun: boolean } | null;
}

const block = z.bigint().transform(Number);
const terms = z.object({
  ...{ t1: block, t2: block, tMin: block, silenceShare: block, wrongProofShare: block, lateShare: block },
  ...{ minimumReserve: z.bigint(), rewardPerSequence: z.bigint(), rewardPerBatch: z.bigint(), rewardCap: z.bigint() },
  rule: z.string(),
});
type Terms = z.infer<typeof terms>;
const settings = terms
  .omit({ t1: true, t2: true, tMin: true })
  .extend({ blockTimeMs: block, t1Seconds: block, t2Seconds: block, tMinSeconds: block });

/** Reads the settings that are proposed, beside those in force, and the roll back that is scheduled. */
export async function readAnnounced(rollup: Contract, asset: Asset): Promise<Announced> {
  const read = async (name: string): Promise<unknown> => rollup.getFunction(name)();
  const [now, proposal, rollback] = await Promise.all([
    readTerms(rollup),
    read('proposedSettings'),
    read('scheduledRollback'),
  ]);
  const scheduled = z.object({ firstBatch: block, effectiveBlock: block, begun: z.boolean() }).parse(plain(rollback));
  const { firstBatch, effectiveBlock: fromBlock, begun } = scheduled;
  return {
    settings: readProposal(now, proposal, asset),
    rollback: firstBatch === 0 ? null : { firstBatch, fromBlock, begun },
  };
}

/** The terms in force. */
export async function readTerms(rollup: Contract): Promise<Terms> {
  const version: unknown = await rollup.getFunction('termsVersion')();
  return terms.parse(plain(await rollup.getFunction('termsOf')(version)));
}

function readProposal(now: Terms, proposal: unknown, asset: Asset): Announced['settings'] {
  const fields = z.object({ settings: z.unknown(), effectiveBlock: block, lastBlock: block }).parse(plain(proposal));
  if (fields.effectiveBlock === 0) return null;
  const { blockTimeMs, t1Seconds, t2Seconds, tMinSeconds, ...others } = settings.parse(plain(fields.settings));
  const blocks = (seconds: number): number => Math.ceil((seconds * 1_000) / blockTimeMs);
  const then = { ...others, t1: blocks(t1Seconds), t2: blocks(t2Seconds), tMin: blocks(tMinSeconds) };
  const before = describe(now, asset);
  const changes = describe(then, asset).flatMap(([name, text], index) => {
    const was = before[index]?.[1] ?? '';
    return was === text ? [] : [{ name, now: was, then: text }];
  });
  return { fromBlock: fields.effectiveBlock, toBlock: fields.lastBlock, changes };
}

function describe(of: Terms, asset: Asset): [name: string, text: string][] {
  const percent = (basisPoints: number): string => `${basisPoints / 100} %`;
  const kept = (units: bigint): string => amountText(units, asset);
  return [
    ['T1', `${of.t1} blocks`],
    ['T2', `${of.t2} blocks`],
    ['Tmin', `${of.tMin} blocks`],
    ['cost of silence', percent(of.silenceShare)],
    ['cost of a wrong proof', percent(of.wrongProofShare)],
    ['part that a late proof earns', percent(of.lateShare)],
    ['least reserve', kept(of.minimumReserve)],
    ['reward of a sequence', kept(of.rewardPerSequence)],
    ['reward of a batch', kept(of.rewardPerBatch)],
    ['most that a sequence earns', kept(of.rewardCap)],
    ['type rule', of.rule],
  ];
}

/** What is announced, a line each; none where nothing is. */
export function announcedLines({ settings: proposed, rollback }: Announced): string[] {
  const changes = proposed?.changes.map(({ name, now, then }) => `${name} ${now} -> ${then}`).join(', ');
  const mayBe = proposed && `may be put in force in blocks ${proposed.fromBlock} to ${proposed.toBlock}`;
  return [
    ...(proposed ? [`Its admin proposes other settings, which ${mayBe ?? ''}: ${changes || 'as they are now'}`] : []),
    ...(rollback
      ? [
          `Its admin ${rollback.begun ? 'is taking' : 'may take'} out every unverified sequence from batch ` +
            `${rollback.firstBatch} on, from block ${rollback.fromBlock} on`,
        ]
      : []),
  ];
}

function plain(answer: unknown): unknown {
  return answer instanceof Result ? answer.toObject() : answer;
}
