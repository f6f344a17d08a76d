import { Contract, Wallet, type Provider } from 'ethers';
import { z } from 'zod';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { settings } from '../../platform/settings/settings-table.js';
import { readSettings } from '../../platform/settings/settings.js';
import { openByHand, type ByHandOptions } from '../by-hand/by-hand.js';
import { callOf } from '../miner/miner-contracts.js';

/**
 * Pauses a rollup for everybody, or ends the pause, by its admin's transaction.
 *
 * @returns what was done, for a person
 * @throws Error if the key is not the admin's, or the rollup stands so already; nothing is sent then
 */
export async function pauseContract(
  provider: Provider,
  rollup: string,
  env: NodeJS.ProcessEnv,
  paused: boolean,
  options: ByHandOptions,
): Promise<string> {
  const { adminKey } = readSettings(env, settings.pick({ adminKey: true }));
  const wallet = new Wallet(adminKey, provider);
  const contract = new Contract(rollup, ROLLUP_ABI, wallet);
  const admin = z.string().parse(await contract.getFunction('admin')());
  if (admin !== wallet.address) {
    throw new Error(`The admin of ${rollup} is ${admin}, the key in ZKPOW_ADMIN_KEY is that of ${wallet.address}`);
  }
  const byHand = await openByHand(
    wallet,
    `npm run rollup -- ${paused ? 'pause' : 'resume'} ${rollup} --contract`,
    options,
  );
  const earlier = await byHand.earlier();
  const isPaused = z.boolean().parse(await contract.getFunction('paused')());
  if (isPaused === paused && !earlier) throw new Error(`${rollup} is ${paused ? 'paused already' : 'not paused'}`);
  const receipt =
    earlier ?? (await byHand.send(await callOf(contract, paused ? 'pause' : 'resume', [], byHand.report)));
  const done = paused
    ? 'takes no sequences and opens no rounds any more; rounds that are open go on'
    : 'takes sequences and opens rounds';
  return `${rollup} ${done}: block ${receipt.blockNumber}, transaction ${receipt.hash}`;
}
