import { Contract, parseEther, type BaseContract, type Wallet } from 'ethers';
import { insertRollup } from '../../activities/storage/rollups.js';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { deployZkPow, launchRollup } from '../../contracts/deploy.js';
import type { LaunchOptions } from '../../contracts/launch-options.js';
import type { TypeRule } from '../../domain/type-rule.js';
import { demoType } from '../../rollup-types/registry.js';
import { isEvent, postedSequence } from '../../scripts/sequencer/rollup-contract.js';
import type { PostedSequence } from '../../domain/sequence.js';
import type { ScenarioChain } from './chain.js';
import type { Miner } from './miner.js';
import type { Random } from './random.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';

/** A rollup of one scenario's own, with short windows and simulated proofs. */
export interface ScenarioRollup {
  address: string;
  poolAddress: string;
  factory: string;
  deployBlock: number;
  /** T1 and T2, in blocks. */
  t1: number;
  t2: number;
  /** For readings. */
  contract: BaseContract;
  pool: BaseContract;
  admin: Wallet;
  sequencer: Wallet;
}

/** Lengths in blocks. */
export interface RollupOptions {
  t1: number;
  t2: number;
  /** Default: T1. */
  tMin?: number;
  /** Default: a week of seconds. */
  adminDelay?: number;
  /** Deploys the type rule of the rollup; default: that of simulated proofs. */
  rule?: (admin: Wallet) => Promise<TypeRule>;
  /** Default: 1000 ether. */
  rewardFunds?: bigint;
}

const REWARD_FUNDS = parseEther('1000');

/** Launches a rollup; to be called before blocks have to come at their pace. */
export async function launchScenarioRollup(chain: ScenarioChain, options: RollupOptions): Promise<ScenarioRollup> {
  const [admin, sequencer] = [await chain.wallet('admin'), await chain.wallet('sequencer')];
  const { rewardFunds = REWARD_FUNDS, t1, t2, tMin = t1, adminDelay, rule } = options;
  return chain.instantly(async () => {
    const { factory, rollup, pool, deployBlock } = await deployZkPow(admin, {
      ...launchOptions({ admin, sequencer, t1, t2 }),
      tMinSeconds: tMin,
      ...(adminDelay === undefined ? {} : { adminDelaySeconds: adminDelay }),
      ...(rule === undefined ? {} : { rule: await rule(admin) }),
    });
    const poolContract = new Contract(pool, POOL_ABI, chain.provider);
    await payIntoPool(poolContract, admin, 'fund', [rollup], rewardFunds);
    return {
      ...{ address: rollup, poolAddress: pool, factory, deployBlock, t1, t2, admin, sequencer },
      contract: new Contract(rollup, ROLLUP_ABI, chain.provider),
      pool: poolContract,
    };
  });
}

/** Blocks of scenarios come when their clock makes them: to the contract one is a second, so seconds are blocks. */
function launchOptions({
  admin,
  sequencer,
  t1,
  t2,
}: Pick<ScenarioRollup, 'admin' | 'sequencer' | 't1' | 't2'>): LaunchOptions {
  return {
    ...{
      rollupType: demoType.type.name,
      rule: simulatedRule(demoType.layout),
      genesis: demoType.sequencer.demoGenesis(),
    },
    ...{ admin: admin.address, sequencer: sequencer.address },
    ...{ blockTimeSeconds: 1, t1Seconds: t1, t2Seconds: t2 },
  };
}

/** Launches one more rollup of the same factory and type, with the same windows and people, and without reward money. */
export async function launchBeside(chain: ScenarioChain, first: ScenarioRollup): Promise<ScenarioRollup> {
  const { rollup, deployBlock } = await launchRollup(first.admin, first.factory, launchOptions(first));
  return { ...first, address: rollup, deployBlock, contract: new Contract(rollup, ROLLUP_ABI, chain.provider) };
}

/** Launches more rollups, on which nothing is ever posted, and has the miner follow them too. */
export async function followIdleRollups(
  chain: ScenarioChain,
  first: ScenarioRollup,
  miner: Miner,
  count: number,
): Promise<void> {
  await chain.instantly(async () => {
    for (let i = 0; i < count; i += 1) await follow(chain, await launchBeside(chain, first), miner);
  });
}

/**
 * Adds to a wallet's stake; resolves when it is mined.
 *
 * @returns the transaction's hash
 */
export async function deposit(rollup: ScenarioRollup, wallet: Wallet, amountWei: bigint): Promise<string> {
  return payIntoPool(rollup.pool, wallet, 'deposit', [], amountWei);
}

/** From its next start on the miner takes part in the rollup. */
export async function follow(chain: ScenarioChain, rollup: ScenarioRollup, miner: Miner): Promise<void> {
  await insertRollup(miner.pool, {
    ...{ chainId: chain.chainId, rollup: rollup.address, rollupType: demoType.type.name },
    ...{ fromBlock: rollup.deployBlock, startBatch: 1, following: true },
  });
}

/** No scenario takes back so many blocks. */
const DEEPER_THAN_REORGS = 16;

/**
 * Posts sequences of empty batches, told apart by a random global exit root: all at once, so mined in the next block or
 * two.
 *
 * @param batches how many batches each sequence has
 */
export async function postSequences(
  chain: ScenarioChain,
  rollup: ScenarioRollup,
  random: Random,
  batches: readonly number[],
): Promise<PostedSequence[]> {
  const contract = new Contract(rollup.address, ROLLUP_ABI, rollup.sequencer);
  const firstNonce = await rollup.sequencer.getNonce('pending');
  // A batch may not be of a later time than its block, also not when a reorg has put it into an earlier one.
  const deep = Math.max(0, (await chain.head()) - DEEPER_THAN_REORGS);
  const { timestamp } = (await chain.provider.getBlock(deep)) ?? { timestamp: 0 };
  const sent = await Promise.all(
    batches.map((count, index) => {
      const data = Array.from({ length: count }, () => ({
        ...{ transactions: '0x', globalExitRoot: random.bytes32(), timestamp, minForcedTimestamp: 0 },
      }));
      const overrides = { nonce: firstNonce + index, gasLimit: 300_000 + 60_000 * count };
      return contract.getFunction('sequenceBatches').send(data, rollup.sequencer.address, overrides);
    }),
  );
  const receipts = await Promise.all(sent.map((response) => response.wait()));
  return receipts.map((receipt) => {
    const event = receipt?.logs.find((log) => isEvent(log, 'SequencePosted'));
    if (!event || !isEvent(event, 'SequencePosted')) throw new Error('a posting was mined without its event');
    return postedSequence({ chainId: chain.chainId, rollup: rollup.address }, event);
  });
}

async function payIntoPool(
  pool: BaseContract,
  payer: Wallet,
  action: 'fund' | 'deposit',
  about: readonly string[],
  amountWei: bigint,
): Promise<string> {
  const contract = new Contract(await pool.getAddress(), POOL_ABI, payer);
  const sent = await contract.getFunction(action).send(...about, amountWei, { value: amountWei });
  await sent.wait();
  return sent.hash;
}
