import { setTimeout as delay } from 'node:timers/promises';
import { createPool } from '../../activities/storage/database.js';
import { createLog } from '../../platform/log.js';
import { claimOldWayTask, finishOldWayTask } from './old-way-tasks.js';
import { openOtherProver } from './other-prover.js';
import { otherProverConfig, readProgramConfig } from './program-config.js';

/**
 * A mining machine of the old way, as zkevm-node's aggregator treats one: with nothing to do it is looked at every
 * `pollMs`; while it works it is asked every `pollMs` whether it has finished.
 */
const config = readProgramConfig(otherProverConfig);
const log = createLog('prover', 'info', process.env);
const prover = openOtherProver(config, log);
const tasks = createPool(config.queueUrl, 1);
log.info('running');
let told = false;
process.once('SIGTERM', () => (told = true));
while (!told) {
  const claimed = await claimOldWayTask(tasks, config.name);
  if (!claimed) {
    await delay(config.pollMs);
    continue;
  }
  const begun = performance.now();
  const proven = await prover.prove(claimed.task, Date.now());
  const tookMs = performance.now() - begun;
  await delay(Math.ceil(tookMs / config.pollMs) * config.pollMs - tookMs);
  await finishOldWayTask(tasks, claimed.position, proven);
}
await prover.close();
await tasks.end();
process.exit();
