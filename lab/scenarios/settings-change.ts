import { Contract, Result } from 'ethers';
import { z } from 'zod';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import type { LaunchSettings } from '../../contracts/launch-options.js';
import type { Field } from './field.js';

const block = z.bigint().transform(Number);
const termsSchema = z.object({
  ...{ t1: block, t2: block, tMin: block, silenceShare: block, wrongProofShare: block, lateShare: block },
  ...{ minimumReserve: z.bigint(), rewardPerSequence: z.bigint(), rewardPerBatch: z.bigint(), rewardCap: z.bigint() },
  ...{ rule: z.string(), blockTimeMs: block },
});

/** The admin proposes the settings in force with some of them changed; then blocks are made until they may be applied. */
export async function proposeChange(
  { chain, rollup }: Pick<Field, 'chain' | 'rollup'>,
  change: Partial<LaunchSettings>,
): Promise<void> {
  const version: unknown = await rollup.contract.getFunction('termsVersion')();
  const answer: unknown = await rollup.contract.getFunction('termsOf')(version);
  const { t1, t2, tMin, ...others } = termsSchema.parse(answer instanceof Result ? answer.toObject() : answer);
  // To the contracts of scenarios a block is a second.
  const settings = { ...others, t1Seconds: t1, t2Seconds: t2, tMinSeconds: tMin, ...change };
  const contract = new Contract(rollup.address, ROLLUP_ABI, rollup.admin);
  await chain.instantly(async () => (await contract.getFunction('proposeSettings').send(settings)).wait());
  await chain.clock.mine(Number(z.bigint().parse(await contract.getFunction('adminDelayBlocks')())));
}
