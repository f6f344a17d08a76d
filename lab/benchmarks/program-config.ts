import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { hex, safeInteger } from '../../activities/storage/database.js';

export const sequenceIdentity = z.object({
  chainId: safeInteger,
  rollup: z.string(),
  firstBatch: safeInteger,
  lastBatch: safeInteger,
  accInputHash: hex,
});

/** What the aggregator's process is started with. */
export const aggregatorConfig = z.object({
  databaseUrl: z.string(),
  temporalAddress: z.string(),
  namespace: z.string(),
  /** File with all workflow code. */
  bundle: z.string(),
  finalsDirectory: z.string(),
  inputBytes: z.number(),
  sequences: z.array(sequenceIdentity),
});

/** What the process of the job queue's aggregator is started with. */
export const queueAggregatorConfig = aggregatorConfig.pick({
  databaseUrl: true,
  finalsDirectory: true,
  inputBytes: true,
});

/** What a prover process that does without Temporal is started with. */
export const otherProverConfig = z.object({
  name: z.string(),
  /** Where its tasks come from. */
  queueUrl: z.string(),
  /** The miner's database with the machine's own login. */
  databaseUrl: z.string(),
  secondsByKind: z.object({ batch: z.number(), aggregate: z.number(), final: z.number() }),
  spread: z.number(),
  seed: z.string(),
  /** How often the old way looks for news; the job queue is told. */
  pollMs: z.number(),
});

/** Environment variable with the file that says how a program of a benchmark is set up. */
const CONFIG_FILE = 'ZKPOW_BENCH_CONFIG';

/** Writes what a program is started with to a file, and returns the environment that names it. */
export function writeProgramConfig(directory: string, name: string, config: unknown): Record<string, string> {
  const path = join(directory, `${name}.json`);
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return { [CONFIG_FILE]: path };
}

/** @throws Error if this process was not started by a benchmark */
export function readProgramConfig<Config>(schema: z.ZodType<Config>): Config {
  const path = process.env[CONFIG_FILE];
  if (path === undefined) throw new Error('This program is a part of npm run bench: it is not run by hand');
  return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
}
