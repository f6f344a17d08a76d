import { allFaults } from './all-faults.js';
import { allSilent } from './all-silent.js';
import { backlog } from './backlog.js';
import { badEndpoints } from './bad-endpoints.js';
import { changedTerms } from './changed-terms.js';
import { deafRpc } from './deaf-rpc.js';
import { dropped } from './dropped.js';
import { earlyOpener } from './early-opener.js';
import { feeSpike } from './fee-spike.js';
import { FLEET_SCENARIOS } from './fleet/fleet-scenarios.js';
import { frontRunner } from './front-runner.js';
import { junkOpener } from './junk-opener.js';
import { lateReveal } from './late-reveal.js';
import { manyRollups } from './many-rollups.js';
import { lostFinal } from './lost-final.js';
import { nonceThief } from './nonce-thief.js';
import { pendingAtStart } from './pending-at-start.js';
import { pausingAdmin } from './pausing-admin.js';
import { reorg } from './reorg.js';
import { repricedVerifier } from './repriced-verifier.js';
import type { Scenario } from './scenario.js';
import { senderDead } from './sender-dead.js';
import { silentCommitter } from './silent-committer.js';
import { silentWhale } from './silent-whale.js';
import { threeMiners } from './three-miners.js';
import { twoSenders } from './two-senders.js';

/** Faults and rivals in the two-step submission, in the order of the table in docs/reliability.md. */
const TWO_STEP_SCENARIOS: readonly Scenario[] = [
  threeMiners,
  frontRunner,
  junkOpener,
  earlyOpener,
  silentCommitter,
  silentWhale,
  allSilent,
  lateReveal,
  changedTerms,
  pausingAdmin,
  repricedVerifier,
  pendingAtStart,
  manyRollups,
  lostFinal,
  senderDead,
  twoSenders,
  nonceThief,
  dropped,
  feeSpike,
  deafRpc,
  badEndpoints,
  reorg,
  backlog,
  allFaults,
];

export const SCENARIOS: readonly Scenario[] = [...TWO_STEP_SCENARIOS, ...FLEET_SCENARIOS];

/** Names for several scenarios at once. */
const GROUPS: Record<string, readonly Scenario[]> = {
  all: SCENARIOS,
  'two-step': TWO_STEP_SCENARIOS,
  fleet: FLEET_SCENARIOS,
};

/**
 * One scenario, or a group of them, by its name.
 *
 * @throws Error naming those that there are
 */
export function findScenarios(name: string): readonly Scenario[] {
  const found = SCENARIOS.filter((scenario) => scenario.name === name);
  if (found.length > 0) return found;
  const group = GROUPS[name];
  if (group) return group;
  const known = [...SCENARIOS.map((scenario) => scenario.name), ...Object.keys(GROUPS)].join(', ');
  throw new Error(`There is no scenario "${name}". Known: ${known}`);
}
