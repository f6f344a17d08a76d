import { Contract, ContractFactory, isAddress, ZeroAddress } from 'ethers';
import type { ContractTransactionReceipt, ContractTransactionResponse, Signer } from 'ethers';
import { isLocalChain } from '../provers/local-chains.js';
import { FACTORY_ABI } from './abi.js';
import { compileContracts, contractNamed } from './compile.js';
import type { CompiledContract, CompileOptions } from './compile.js';
import { withBlockTime } from './block-time.js';
import { checkLaunch } from './launch-checks.js';
import { TRANSFERS_DATA_RULE, launchSettings } from './launch-options.js';
import type { LaunchOptions, TypeVerifier } from './launch-options.js';

/** Where a launched rollup and its parts stand. */
export interface Deployment {
  factory: string;
  pool: string;
  verifier: string;
  rollup: string;
  /** Block of the launch: nothing of the rollup is older. */
  deployBlock: number;
}

/**
 * Deploys factory, pool and verifier, registers the rollup type and launches one rollup of it. Funds nothing: rewards
 * and deposits are sent to the pool by whoever owes them.
 *
 * @param signer pays for all of it and owns the factory; must be connected to a provider
 * @throws Error naming all wrong options at once, before anything is sent
 */
export async function deployZkPow(signer: Signer, given: LaunchOptions): Promise<Deployment> {
  const options = await checkedOptions(signer, given);
  const contracts = await compileContracts(compileOptions(options));
  const owner = await signer.getAddress();
  const verifier = await deployVerifier(signer, contracts, options.verifier);
  const factory = await deploy(signer, contractNamed(contracts, 'ZkPowFactory'), [
    owner,
    options.asset ?? ZeroAddress,
    options.withdrawalDelayBlocks ?? 50_400,
  ]);
  const factoryContract = new Contract(factory, FACTORY_ABI, signer);
  await send(factoryContract, 'registerRollupType', [
    options.rollupType,
    { verifier, dataRule: options.dataRule ?? TRANSFERS_DATA_RULE },
  ]);
  const launched = await launchRollup(signer, factory, options);
  return { factory, verifier, ...launched };
}

/** Launches one more rollup of a type that the factory knows. */
export async function launchRollup(
  signer: Signer,
  factory: string,
  given: LaunchOptions,
): Promise<Pick<Deployment, 'pool' | 'rollup' | 'deployBlock'>> {
  const options = await checkedOptions(signer, given);
  const factoryContract = new Contract(factory, FACTORY_ABI, signer);
  const receipt = await send(factoryContract, 'launchRollup', [
    {
      rollupType: options.rollupType,
      admin: options.admin,
      sequencer: options.sequencer,
      settings: launchSettings(options),
      adminDelayBlocks: options.adminDelayBlocks ?? 50_400,
      lateRewardBlocks: options.lateRewardBlocks ?? 50_400,
      genesisStateRoot: options.genesis.stateRoot,
      genesisData: options.genesis.data,
    },
  ]);
  const pool: unknown = await factoryContract.getFunction('pool').staticCall();
  if (!isAddress(pool)) throw new Error(`${factory} is no ZkPowFactory: it names no pool`);
  return { pool, rollup: launchedRollup(factoryContract, receipt), deployBlock: receipt.blockNumber };
}

function compileOptions({ verifier, cacheDirectory }: LaunchOptions): CompileOptions {
  return {
    ...(verifier.kind === 'noir' ? { extraSources: { HonkVerifier: verifier.honkVerifierSource } } : {}),
    ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
  };
}

async function deployVerifier(
  signer: Signer,
  contracts: Record<string, CompiledContract>,
  verifier: TypeVerifier,
): Promise<string> {
  if (verifier.kind === 'deployed') return verifier.address;
  if (verifier.kind === 'simulated') return deploy(signer, contractNamed(contracts, 'SimulatedVerifier'), []);
  const honkVerifier = await deploy(signer, contractNamed(contracts, 'HonkVerifier'), []);
  return deploy(signer, contractNamed(contracts, 'TransfersVerifier'), [
    honkVerifier,
    verifier.circuitId,
    verifier.proofLength ?? 10_304,
    verifier.verifierGas ?? 1_500_000,
    verifier.developmentSetup,
  ]);
}

async function deploy(signer: Signer, { abi, bytecode }: CompiledContract, args: unknown[]): Promise<string> {
  const contract = await new ContractFactory(abi, bytecode, signer).deploy(...args);
  await contract.waitForDeployment();
  return contract.getAddress();
}

async function send(contract: Contract, name: string, args: unknown[]): Promise<ContractTransactionReceipt> {
  const response: ContractTransactionResponse = await contract.getFunction(name).send(...args);
  const receipt = await response.wait();
  if (!receipt) throw new Error(`transaction ${response.hash} (${name}) has no receipt`);
  return receipt;
}

function launchedRollup(factory: Contract, receipt: ContractTransactionReceipt): string {
  for (const log of receipt.logs) {
    const event = factory.interface.parseLog(log);
    const rollup: unknown = event?.name === 'RollupLaunched' ? event.args.getValue('rollup') : undefined;
    if (isAddress(rollup)) return rollup;
  }
  throw new Error(`transaction ${receipt.hash} launched no rollup`);
}

/** The options with the chain's block time, once nothing is wrong with them. */
async function checkedOptions({ provider }: Signer, given: LaunchOptions): Promise<LaunchOptions> {
  if (!provider) throw new Error('the signer has no provider: connect it to the base chain first');
  const chainId = Number((await provider.getNetwork()).chainId);
  const options = isLocalChain(chainId) ? given : await withBlockTime(provider, given);
  checkLaunch(options, chainId);
  return options;
}
