import { Interface, parseEther, type JsonRpcApiProvider } from 'ethers';
import { POOL_ABI } from '../../contracts/abi.js';
import { deployZkPow } from '../../contracts/deploy.js';
import type { LaunchOptions } from '../../contracts/launch-options.js';
import { sendBy } from '../../contracts/send-transaction.js';
import type { ProverBackend } from '../../domain/prover-backend.js';
import type { NoirBackend } from '../../provers/backends/noir/noir-backend.js';
import { demoType } from '../../rollup-types/registry.js';
import type { Deployment } from './deployment-file.js';
import { sampleProof } from './sample-proof.js';
import { requireCoins, type CoinsNeeded, type LocalAccounts } from './local-accounts.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';
import type { NewTypeRule } from '../../domain/type-rule.js';

const POOL = new Interface(POOL_ABI);
/** Enough for the rewards of many sequences. */
const REWARD_FUNDS = parseEther('100');
/** Reserves of the default minimum (10) for 150 commitments at once. */
const MINER_STAKE = parseEther('1500');

const COINS_NEEDED: CoinsNeeded[] = [
  // With Amsterdam's prices the contracts take 95 million.
  { who: 'admin', amountWei: REWARD_FUNDS, purpose: 'rewards', gas: 120_000_000n },
  { who: 'sequencer', amountWei: 0n, purpose: '', gas: 20_000_000n },
  { who: 'miner', amountWei: MINER_STAKE, purpose: 'its stake', gas: 20_000_000n },
];

/** A type rule that is deployed along with the rollup, and which proofs it takes. */
export interface LocalRule extends NewTypeRule {
  prover: Deployment['prover'];
  trustedSetup: Deployment['trustedSetup'];
}

export interface LaunchLocalOptions {
  provider: JsonRpcApiProvider;
  chainId: number;
  accounts: LocalAccounts;
  rule: LocalRule;
  t1Blocks: number;
  t2Blocks: number;
  blockTimeSeconds: number;
  /** The cache directory. */
  cache: string;
  /** Told of transactions that are waited for long. */
  report(line: string): void;
}

/** Deploys the contracts, launches a rollup of the demo's type, funds its rewards and puts up the miner's stake. */
export async function launchLocalRollup(options: LaunchLocalOptions): Promise<Deployment> {
  const { provider, chainId, accounts, rule, t1Blocks, t2Blocks, blockTimeSeconds, report } = options;
  await requireCoins(provider, accounts, COINS_NEEDED);
  const admin = accounts.admin.connect(provider);
  const launch: LaunchOptions = {
    rollupType: demoType.type.name,
    rule,
    admin: admin.address,
    sequencer: accounts.sequencer.address,
    genesis: demoType.sequencer.demoGenesis(),
    blockTimeSeconds,
    t1Seconds: Math.max(1, Math.floor(t1Blocks * blockTimeSeconds)),
    t2Seconds: Math.max(1, Math.floor(t2Blocks * blockTimeSeconds)),
    cacheDirectory: options.cache,
  };
  const deployed = await deployZkPow(admin, launch, report);
  // By different accounts, so both can be in the same block.
  await Promise.all([
    payIntoPool(admin, deployed.pool, 'fund', [deployed.rollup], REWARD_FUNDS, report),
    payIntoPool(accounts.miner.connect(provider), deployed.pool, 'deposit', [], MINER_STAKE, report),
  ]);
  return {
    ...{ chainId, rollupType: launch.rollupType, prover: rule.prover, trustedSetup: rule.trustedSetup },
    ...deployed,
    ...{ admin: admin.address, sequencer: accounts.sequencer.address, miner: accounts.miner.address },
    ...{ t1Blocks, t2Blocks },
  };
}

/** What the rollup's type rule is to be, for the proofs of a backend. */
export async function ruleFor(
  backend: ProverBackend | NoirBackend,
  developmentSetup: boolean,
  cacheDirectory: string,
  report: (line: string) => void,
): Promise<LocalRule> {
  if (!('solidityVerifier' in backend)) {
    return { ...simulatedRule(demoType.layout), prover: 'simulated', trustedSetup: 'none' };
  }
  const circuitId = backend.circuitId('final');
  if (!isBytes32(circuitId)) throw new Error(`the circuit id ${circuitId} does not fit the rule's contract`);
  const honkVerifierSource = await backend.solidityVerifier();
  const sample = await sampleProof(backend, cacheDirectory, report);
  const proofLength = backend.finalProofBytes;
  const rule = demoType.noir.rule({ honkVerifierSource, circuitId, developmentSetup, proofLength, sample });
  return { ...rule, prover: 'noir', trustedSetup: developmentSetup ? 'development' : 'real' };
}

async function payIntoPool(
  payer: ReturnType<LocalAccounts['admin']['connect']>,
  pool: string,
  action: 'fund' | 'deposit',
  about: readonly string[],
  valueWei: bigint,
  report: (line: string) => void,
): Promise<void> {
  const data = POOL.encodeFunctionData(action, [...about, valueWei]);
  await sendBy(payer)({ to: pool, data, valueWei, errors: POOL, what: `the ${action}`, report });
}

function isBytes32(text: string): text is `0x${string}` {
  return /^0x[0-9a-f]{64}$/.test(text);
}
