import { setTimeout as delay } from 'node:timers/promises';
import type { Wallet } from 'ethers';
import { startFrontRunner } from './enemy-front-runner.js';
import type { Field } from './field.js';
import type { Postings } from './postings.js';
import type { Random } from './random.js';
import { commitHash, commitReserve } from './rival.js';
import { readRollupRecord } from './rollup-record.js';

/** Somebody with a deposit who never has a proof. */
export const ENEMIES = ['junk-opener', 'silent-committer', 'front-runner'] as const;
export type EnemyKind = (typeof ENEMIES)[number];

export interface Enemy {
  stop(): Promise<void>;
}

const LOOK_MS = 60;

export interface EnemyOptions {
  /** Addresses of the honest miners. */
  victims: readonly string[];
  postings: Postings;
  random: Random;
  /** What each of its commitments puts at risk; default: the least. Not of a front-runner, who copies. */
  reserveWei?: bigint;
}

export function startEnemy(
  kind: EnemyKind,
  field: Field,
  wallet: Wallet,
  { victims, postings, random, reserveWei }: EnemyOptions,
): Enemy {
  const { chain, rollup } = field;
  if (kind === 'front-runner') return startFrontRunner(chain, rollup, wallet, victims);
  const stopping = new AbortController();

  /** Commits junk once to each sequence: as soon as it is posted, or as soon as an honest miner has committed. */
  async function look(): Promise<void> {
    const { commitments, verified } = await readRollupRecord(chain, rollup);
    const wanted = postings.all.filter(({ lastBatch }) => {
      const there = commitments.filter(({ finalBatch }) => finalBatch === lastBatch).map(({ miner }) => miner);
      if (there.includes(wallet.address) || verified.some((sequence) => sequence.lastBatch === lastBatch)) return false;
      return kind === 'junk-opener' || there.some((miner) => victims.includes(miner));
    });
    for (const sequence of wanted) {
      const proofHash = random.bytes32();
      if (reserveWei === undefined) await commitHash(chain, rollup, wallet, sequence, proofHash);
      else await commitReserve(chain, rollup, wallet, sequence, { proofHash, reserveWei });
    }
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      // A hash that comes too late, or is lost in a reorg, is one more try that came to nothing.
      await look().catch(() => undefined);
      await delay(LOOK_MS);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
