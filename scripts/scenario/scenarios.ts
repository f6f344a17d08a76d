import { allFaults } from './all-faults.js';
import { allSilent } from './all-silent.js';
import { backlog } from './backlog.js';
import { deafRpc } from './deaf-rpc.js';
import { dropped } from './dropped.js';
import { feeSpike } from './fee-spike.js';
import { frontRunner } from './front-runner.js';
import { junkOpener } from './junk-opener.js';
import { lateReveal } from './late-reveal.js';
import { lostFinal } from './lost-final.js';
import { nonceThief } from './nonce-thief.js';
import { pendingAtStart } from './pending-at-start.js';
import { reorg } from './reorg.js';
import type { Scenario } from './scenario.js';
import { senderDead } from './sender-dead.js';
import { silentCommitter } from './silent-committer.js';
import { threeMiners } from './three-miners.js';
import { twoSenders } from './two-senders.js';

/** All scenarios, in the order of the table in docs/reliability.md. */
export const SCENARIOS: readonly Scenario[] = [
  threeMiners,
  frontRunner,
  junkOpener,
  silentCommitter,
  allSilent,
  lateReveal,
  pendingAtStart,
  lostFinal,
  senderDead,
  twoSenders,
  nonceThief,
  dropped,
  feeSpike,
  deafRpc,
  reorg,
  backlog,
  allFaults,
];

/** @throws Error naming those that there are */
export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found) return found;
  throw new Error(`There is no scenario "${name}". Known: ${SCENARIOS.map((known) => known.name).join(', ')}, all`);
}
