import type { Contract } from 'ethers';
import type pg from 'pg';
import { z } from 'zod';
import { selectDistrustedRule, trustRule } from '../../activities/storage/distrusted-rules.js';

/** Why nothing is committed to rollups of this one's type rule, a line; none where nothing speaks against it. */
export async function distrustLines(pool: pg.Pool, chainId: number, rollup: Contract): Promise<string[]> {
  const rule = await readRule(rollup);
  const distrusted = await selectDistrustedRule(pool, { chainId, rule });
  if (!distrusted) return [];
  const { sequence, reason, since } = distrusted;
  return [
    `Nothing is committed to rollups of type rule ${rule}: since ${since.toISOString()} it refuses a proof that our own ` +
      `check took, of ${sequence} (${reason}). "npm run miner -- trust-rule --rollup ${await rollup.getAddress()}" trusts it`,
  ];
}

/**
 * Commits again to rollups of this one's type rule, whatever it said of the proof for which it is distrusted.
 *
 * @returns what was done, for a person
 */
export async function trustRuleOf(pool: pg.Pool, chainId: number, rollup: Contract): Promise<string> {
  const rule = await readRule(rollup);
  const wasDistrusted = await trustRule(pool, { chainId, rule }, 'a-person');
  return wasDistrusted
    ? `Type rule ${rule} is trusted again; another proof that it refuses stops all commitments once more`
    : `Type rule ${rule} is not distrusted: nothing to do`;
}

async function readRule(rollup: Contract): Promise<string> {
  return z.string().parse(await rollup.getFunction('typeRule')());
}
