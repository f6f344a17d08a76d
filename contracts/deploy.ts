import { Contract, hexlify, Interface, isAddress, randomBytes, ZeroAddress } from 'ethers';
import type { Signer, TransactionReceipt } from 'ethers';
import { isLocalChain } from '../domain/local-chains.js';
import { FACTORY_ABI } from './abi.js';
import { withBlockTime } from './block-time.js';
import { readChainRules, type ChainRules } from './chain-rules.js';
import { compileContracts } from './compile.js';
import type { CompileOptions } from './compile.js';
import { createAll, nextCreations, type Creation, type CreationContext } from './create-contracts.js';
import { checkLaunch } from './launch-checks.js';
import { DEFAULT_ADMIN_DELAY_SECONDS, launchSettings } from './launch-options.js';
import type { LaunchOptions } from './launch-options.js';
import { providerOf, sendBy } from './send-transaction.js';

/** Where a launched rollup and its parts stand. */
export interface Deployment {
  factory: string;
  pool: string;
  /** Of the rollup type. */
  rule: string;
  rollup: string;
  /** Block of the launch: nothing of the rollup is older. */
  deployBlock: number;
}

/** Told now and then, in words, which transaction is waited for. */
type Report = (line: string) => void;
const silent: Report = () => undefined;
const FACTORY = new Interface(FACTORY_ABI);

/**
 * Deploys factory, pool and type rule, registers the rollup type and launches one rollup of it. Funds nothing: rewards
 * and stakes are sent to the pool by whoever owes them.
 *
 * @param signer pays for all of it and owns the factory; must be connected to a provider
 * @throws Error naming all wrong options at once, a chain with too old rules, or a contract that needs more gas than one
 * transaction may have there; nothing is sent then
 */
export async function deployZkPow(signer: Signer, given: LaunchOptions, report = silent): Promise<Deployment> {
  const provider = providerOf(signer);
  const { options, rules } = await checkedOptions(signer, given);
  const contracts = await compileContracts(compileOptions(options));
  const created = await createParts(options, { signer, provider, rules, contracts, report });
  await send(signer, created.factory, 'registerRollupType', report, [
    options.rollupType,
    created.rule,
    options.rule.sample,
  ]);
  return { ...created, ...(await launchRollup(signer, created.factory, options, report)) };
}

/** Launches one more rollup of a type that the factory knows. */
export async function launchRollup(
  signer: Signer,
  factory: string,
  given: LaunchOptions,
  report = silent,
): Promise<Pick<Deployment, 'pool' | 'rollup' | 'deployBlock'>> {
  const { options, isLocal } = await checkedOptions(signer, given);
  const receipt = await send(signer, factory, 'launchRollup', report, [
    {
      rollupType: options.rollupType,
      admin: options.admin,
      sequencer: options.sequencer,
      settings: launchSettings(options, isLocal),
      adminDelaySeconds: options.adminDelaySeconds ?? DEFAULT_ADMIN_DELAY_SECONDS,
      genesisStateRoot: options.genesis.stateRoot,
      genesisData: options.genesis.data,
      salt: options.salt ?? hexlify(randomBytes(32)),
      name: options.name ?? '',
      metadataUri: options.metadataUri ?? '',
    },
  ]);
  const pool: unknown = await new Contract(factory, FACTORY, signer).getFunction('pool').staticCall();
  if (!isAddress(pool)) throw new Error(`${factory} is no ZkPowFactory: it names no pool`);
  return { pool, rollup: launchedRollup(receipt), deployBlock: receipt.blockNumber };
}

/**
 * Creates type rule, pool, rollup code and factory: each in a transaction of its own, since all of their code in one does
 * not fit everywhere. Pool and rollup code are made for the address that the factory will have; the factory refuses
 * others.
 */
async function createParts(
  options: LaunchOptions,
  context: CreationContext,
): Promise<Pick<Deployment, 'factory' | 'rule'>> {
  const { rule, asset = ZeroAddress } = options;
  const owner = await context.signer.getAddress();
  const ruleParts = rule.kind === 'new' ? rule.contracts : [];
  const { nonce, addresses } = await nextCreations(context.signer, 4 + ruleParts.length);
  const [pool = '', views = '', implementation = '', firstOfRule = ''] = addresses;
  const first = 3 + Math.min(ruleParts.length, 1);
  const factory = addresses[first] ?? '';
  const creations: Creation[] = [
    { name: 'ZkPowPool', args: [asset, factory] },
    { name: 'RollupViews', args: [pool, factory] },
    { name: 'ZkPowRollup', args: [pool, factory, views] },
    ...ruleParts.slice(0, 1),
    // Its constructor looks at its own address, which an estimate takes from the account's next nonce: so it comes next.
    { name: 'ZkPowFactory', args: [owner, pool, implementation] },
    ...ruleParts.slice(1).map(({ name, args }) => ({ name, args: [firstOfRule, ...args] })),
  ];
  // The constructors of the last ones look at the first. They are small: a chain that takes those takes these.
  await createAll(creations.slice(0, first), nonce, context);
  await createAll(creations.slice(first), nonce + first, context);
  if (rule.kind === 'deployed') return { factory, rule: rule.address };
  return { factory, rule: (ruleParts.length > 1 ? addresses.at(-1) : firstOfRule) ?? '' };
}

function compileOptions({ rule, cacheDirectory }: LaunchOptions): CompileOptions {
  return {
    ...(rule.kind === 'new' ? { extraSources: rule.sources } : {}),
    ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
  };
}

function send(
  signer: Signer,
  to: string,
  name: string,
  report: Report,
  args: readonly unknown[],
): Promise<TransactionReceipt> {
  const data = FACTORY.encodeFunctionData(name, args);
  return sendBy(signer)({ to, data, errors: FACTORY, what: `${name} of factory ${to}`, report });
}

function launchedRollup(receipt: TransactionReceipt): string {
  for (const log of receipt.logs) {
    const event = FACTORY.parseLog(log);
    const rollup: unknown = event?.name === 'RollupLaunched' ? event.args.getValue('rollup') : undefined;
    if (isAddress(rollup)) return rollup;
  }
  throw new Error(`transaction ${receipt.hash} launched no rollup`);
}

/** The options with the chain's block time, once nothing is wrong with them, and with the chain's rules. */
async function checkedOptions(
  signer: Signer,
  given: LaunchOptions,
): Promise<{ options: LaunchOptions; rules: ChainRules; isLocal: boolean }> {
  const provider = providerOf(signer);
  const chainId = Number((await provider.getNetwork()).chainId);
  const isLocal = isLocalChain(chainId);
  const options = isLocal ? given : await withBlockTime(provider, given);
  checkLaunch(options, chainId);
  const rules = await readChainRules(provider);
  if (rules.hasCancun) return { options, rules, isLocal };
  throw new Error(
    `Chain ${chainId} runs by rules from before Cancun: its EVM has no MCOPY and TLOAD. The contracts are compiled for ` +
      'Cancun or later, so nothing was sent. Use a chain with Cancun (anvil: start it without --hardfork)',
  );
}
