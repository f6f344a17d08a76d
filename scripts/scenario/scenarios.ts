import { reorg } from './reorg.js';
import { deafRpc } from './deaf-rpc.js';
import { feeSpike } from './fee-spike.js';
import { dropped } from './dropped.js';
import { nonceThief } from './nonce-thief.js';
import { twoSenders } from './two-senders.js';
import { senderDead } from './sender-dead.js';
import { lostFinal } from './lost-final.js';
import { allSilent } from './all-silent.js';
import { junkOpener } from './junk-opener.js';
import { frontRunner } from './front-runner.js';
import { lateReveal } from './late-reveal.js';
import { pendingAtStart } from './pending-at-start.js';
import { silentCommitter } from './silent-committer.js';
import type { Scenario } from './scenario.js';
import { threeMiners } from './three-miners.js';

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
];

/** @throws Error naming those that there are */
export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found) return found;
  throw new Error(`There is no scenario "${name}". Known: ${SCENARIOS.map((known) => known.name).join(', ')}, all`);
}
