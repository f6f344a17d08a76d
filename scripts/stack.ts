import { parseArgs } from 'node:util';
import { readEnvironment } from '../workers/settings.js';
import { startStack } from './stack/stack.js';

const HELP = `npm run stack -- [--block-time SECONDS]

Starts Temporal, Postgres and a local base chain and keeps them running until Ctrl-C. What a setting names
(TEMPORAL_ADDRESS, DATABASE_URL, ZKPOW_RPC_URL) is used instead of being started; see docs/configuration.md.`;

const { values } = parseArgs({
  options: { 'block-time': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log(HELP);
} else {
  const blockTimeSeconds = values['block-time'] === undefined ? 2 : Number(values['block-time']);
  if (!Number.isSafeInteger(blockTimeSeconds) || blockTimeSeconds < 1) {
    throw new Error(`--block-time is ${values['block-time']}: expected a whole number of seconds, at least 1`);
  }
  const stack = await startStack({ env: readEnvironment(), report: console.log, blockTimeSeconds });
  console.log(`Temporal    ${stack.temporalAddress}  (namespace ${stack.temporalNamespace})`);
  if (stack.temporalUi !== undefined)
    console.log(`Web UI      ${stack.temporalUi}/namespaces/${stack.temporalNamespace}`);
  console.log(`Database    ${stack.databaseUrl}`);
  console.log(`Base chain  ${stack.rpcUrl}  (chain id ${stack.chainId})`);
  console.log(`Logs        ${stack.home.logs}`);
  console.log('Running. Ctrl-C or "npm run stop" ends all of it.');
  // The started processes do not keep this one alive.
  setInterval(() => undefined, 60_000);
}
