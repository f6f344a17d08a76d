import { Interface, parseEther, type JsonRpcApiProvider } from 'ethers';
import { POOL_ABI } from '../../contracts/abi.js';
import { deployZkPow } from '../../contracts/deploy.js';
import type { LaunchOptions, TypeVerifier } from '../../contracts/launch-options.js';
import { sendBy } from '../../contracts/send-transaction.js';
import type { ProverBackend } from '../../provers/prover-backend.js';
import type { NoirBackend } from '../../provers/noir/noir-backend.js';
import { demoGenesis } from '../sequencer/demo-transfers.js';
import type { Deployment } from './deployment-file.js';
import { requireCoins, type CoinsNeeded, type LocalAccounts } from './local-accounts.js';

const POOL = new Interface(POOL_ABI);
/** Enough for the rewards of many sequences. */
const REWARD_FUNDS = parseEther('100');
/** The default minimum (50), and silence penalties for many open commitments at once. */
const MINER_DEPOSIT = parseEther('150');

const COINS_NEEDED: CoinsNeeded[] = [
  // With Amsterdam's prices the contracts take 95 million.
  { who: 'admin', amountWei: REWARD_FUNDS, purpose: 'rewards', gas: 120_000_000n },
  { who: 'sequencer', amountWei: 0n, purpose: '', gas: 20_000_000n },
  { who: 'miner', amountWei: MINER_DEPOSIT, purpose: 'its deposit', gas: 20_000_000n },
];

/** A verifier that is deployed along with the rollup. */
type NewVerifier = Exclude<TypeVerifier, { kind: 'deployed' }>;

export interface LaunchLocalOptions {
  provider: JsonRpcApiProvider;
  chainId: number;
  accounts: LocalAccounts;
  verifier: NewVerifier;
  t1Blocks: number;
  t2Blocks: number;
  blockTimeSeconds: number;
  /** The cache directory. */
  cache: string;
  /** Told of transactions that are waited for long. */
  report(line: string): void;
}

/** Deploys the contracts, launches a `transfers` rollup, funds its rewards and makes the miner's deposit. */
export async function launchLocalRollup(options: LaunchLocalOptions): Promise<Deployment> {
  const { provider, chainId, accounts, verifier, t1Blocks, t2Blocks, blockTimeSeconds, report } = options;
  await requireCoins(provider, accounts, COINS_NEEDED);
  const admin = accounts.admin.connect(provider);
  const launch: LaunchOptions = {
    rollupType: 'transfers',
    verifier,
    admin: admin.address,
    sequencer: accounts.sequencer.address,
    genesis: demoGenesis(),
    blockTimeSeconds,
    t1: t1Blocks,
    t2: t2Blocks,
    cacheDirectory: options.cache,
  };
  const deployed = await deployZkPow(admin, launch, report);
  // By different accounts, so both can be in the same block.
  await Promise.all([
    payIntoPool(admin, deployed, 'fund', REWARD_FUNDS, report),
    payIntoPool(accounts.miner.connect(provider), deployed, 'deposit', MINER_DEPOSIT, report),
  ]);
  return {
    ...{ chainId, rollupType: 'transfers', prover: verifier.kind === 'simulated' ? 'simulated' : 'noir' },
    trustedSetup: trustedSetupOf(verifier),
    ...deployed,
    ...{ admin: admin.address, sequencer: accounts.sequencer.address, miner: accounts.miner.address },
    ...{ t1Blocks, t2Blocks },
  };
}

/** What the rollup's verifier is to be, for the proofs of a backend. */
export async function verifierFor(
  backend: ProverBackend | NoirBackend,
  developmentSetup: boolean,
): Promise<NewVerifier> {
  if (!('solidityVerifier' in backend)) return { kind: 'simulated' };
  const circuitId = backend.circuitId('final');
  if (!isBytes32(circuitId)) throw new Error(`the circuit id ${circuitId} does not fit the verifier contract`);
  const honkVerifierSource = await backend.solidityVerifier();
  return { kind: 'noir', honkVerifierSource, circuitId, developmentSetup, proofLength: backend.finalProofBytes };
}

function trustedSetupOf(verifier: NewVerifier): Deployment['trustedSetup'] {
  if (verifier.kind === 'simulated') return 'none';
  return verifier.developmentSetup ? 'development' : 'real';
}

async function payIntoPool(
  payer: ReturnType<LocalAccounts['admin']['connect']>,
  { pool, rollup }: { pool: string; rollup: string },
  action: 'fund' | 'deposit',
  amountWei: bigint,
  report: (line: string) => void,
): Promise<void> {
  const data = POOL.encodeFunctionData(action, [rollup, amountWei]);
  await sendBy(payer)({ to: pool, data, valueWei: amountWei, errors: POOL, what: `the ${action}`, report });
}

function isBytes32(text: string): text is `0x${string}` {
  return /^0x[0-9a-f]{64}$/.test(text);
}
