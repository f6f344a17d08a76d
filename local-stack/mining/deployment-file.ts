import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Home } from '../home.js';

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);

/** The rollup that a stack was started for, and who takes part in it. Amounts of blocks, seconds and wei in names. */
const deploymentSchema = z.object({
  chainId: z.number().int(),
  /** Proof system of its type rule. */
  prover: z.enum(['noir', 'simulated']),
  /** Of its type rule; simulated proofs need none. */
  trustedSetup: z.enum(['development', 'real', 'none']),
  rollupType: z.string(),
  factory: address,
  pool: address,
  rule: address,
  rollup: address,
  deployBlock: z.number().int(),
  admin: address,
  sequencer: address,
  miner: address,
  t1Blocks: z.number().int(),
  t2Blocks: z.number().int(),
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** What was deployed by the last start of this home, if anything was. */
export function readDeployment(home: Home): Deployment | undefined {
  const path = deploymentPath(home);
  if (!existsSync(path)) return undefined;
  try {
    return deploymentSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(
      `${path} is damaged, or of another version: delete it, the next "npm run stack" launches another rollup`,
      {
        cause: error,
      },
    );
  }
}

export function writeDeployment(home: Home, deployment: Deployment): void {
  const path = deploymentPath(home);
  writeFileSync(`${path}.new`, JSON.stringify(deploymentSchema.parse(deployment), null, 2) + '\n');
  renameSync(`${path}.new`, path);
}

/** What a trusted set-up is worth, in a few words. */
export function trustedSetupText(trustedSetup: Deployment['trustedSetup']): string {
  switch (trustedSetup) {
    case 'development':
      return 'development trusted set-up: its secret is public, for local chains only';
    case 'real':
      return 'real trusted set-up';
    case 'none':
      return 'no trusted set-up: simulated proofs prove nothing';
  }
}

function deploymentPath(home: Home): string {
  return join(home.directory, 'deployment.json');
}
