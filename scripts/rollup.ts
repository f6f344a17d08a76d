import { getAddress, isAddress } from 'ethers';
import { readRollupEntry } from '../activities/chain/rollup-directory.js';
import { rollupOf, runDirectoryOf } from '../local-stack/mining/command-environment.js';
import { withCommandParts } from '../local-stack/mining/command-parts.js';
import { pauseContract } from './rollup/pause-contract.js';
import { pauseOwnSide } from './rollup/pause-own-side.js';
import { parseRollupCommand, ROLLUP_HELP } from './rollup/rollup-command.js';
import { runCommand } from '../local-stack/run-command.js';

await runCommand(async () => {
  const command = parseRollupCommand(process.argv.slice(2));
  if (command === undefined) return console.log(ROLLUP_HELP);
  await withCommandParts(async ({ env, chainId, pool, rpc, provider }) => {
    const address = rollupOf(command.rollup, env);
    if (!isAddress(address)) throw new Error(`The rollup is "${String(address)}", expected an address`);
    const rollup = { chainId, rollup: getAddress(address) };
    await readRollupEntry(rpc, rollup);
    if (command.contract) {
      const byHand = { runDirectory: runDirectoryOf(env), report: console.log };
      console.log(await pauseContract(provider, rollup.rollup, env, command.paused, byHand));
    } else console.log(await pauseOwnSide(pool, rollup, command.paused));
  });
});
