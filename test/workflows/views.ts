import fc from 'fast-check';
import type { MinerLimits, Offer } from '../../domain/miner-limits.js';
import type { OwnCommitment, Round, SequenceView, Step } from '../../domain/sequence-view.js';

export const T1 = 5;
export const T2 = 10;

/** A round as the contract computes it: R = max(S + T1, P + 1), E = R + T2, posted long before; P null while the predecessor is unverified. */
export function roundOf(start: number, predecessorVerified: number | null): Round {
  const hashWindowEnd = start + T1;
  const revealStart = predecessorVerified === null ? null : Math.max(hashWindowEnd, predecessorVerified + 1);
  return { start, hashWindowEnd, revealStart, end: revealStart === null ? null : revealStart + T2 };
}

/** Terms that anybody would take. */
export const OFFER: Offer = {
  ...{ lossWei: '10', t1Blocks: T1, t2Blocks: T2, revealNotBefore: 0, rewardWei: '100', gasCostWei: '50' },
};

export const NO_LIMITS: MinerLimits = {
  largestLossWei: null,
  shortestT2Blocks: null,
  leastRewardPerGasCost: null,
  waitsForChanges: false,
};

/** A view in which a commit is due and nothing speaks against it; `next` is the first block one can land in. */
export function viewAt(next: number, changes: Partial<SequenceView> = {}): SequenceView {
  return {
    head: { number: next - 1, hash: '0xaa' },
    stale: false,
    posted: true,
    absenceFinal: false,
    accepted: 'none',
    acceptedFinal: false,
    acceptedBlock: null,
    round: null,
    own: 'none',
    ownRound: null,
    unsettledRounds: [],
    freeStakeWei: '60',
    reserveWei: '10',
    termsVersion: 1,
    offer: OFFER,
    limits: NO_LIMITS,
    rollbackBlock: null,
    settingsBlock: null,
    openCommitments: 0,
    maximumOpenCommitments: 256,
    paused: 'no',
    finalProofStored: true,
    storedProofMatchesOwnHash: true,
    verifierSays: 'yes',
    typeTrusted: true,
    simulatedReveal: 'not-asked',
    inFlight: null,
    nextTry: 1,
    failedRoundsInARow: 0,
    marginBlocks: 2,
    lateRevealWorthItsGas: true,
    ...changes,
  };
}

const owns: OwnCommitment[] = ['none', 'open', 'late', 'wrong', 'taken-back', 'failed', 'accepted'];
const steps: Step[] = ['commit', 'reveal', 'settle', 'take-back'];

/** Any view at all, also ones that no chain would show. */
export const anyView: fc.Arbitrary<SequenceView> = fc
  .record({
    next: fc.integer({ min: 1, max: 60 }),
    stale: fc.boolean(),
    posted: fc.boolean(),
    absenceFinal: fc.boolean(),
    accepted: fc.constantFrom('none', 'none', 'own', 'other'),
    acceptedFinal: fc.boolean(),
    start: fc.option(fc.integer({ min: 1, max: 60 })),
    predecessorVerified: fc.option(fc.integer({ min: 0, max: 60 })),
    own: fc.constantFrom(...owns),
    unsettledRounds: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
    freeStakeWei: fc.constantFrom('0', '9', '10', '1000'),
    termsVersion: fc.integer({ min: 1, max: 3 }),
    offer: fc.record({
      lossWei: fc.constantFrom('9', '10', '11'),
      t1Blocks: fc.integer({ min: 1, max: 20 }),
      t2Blocks: fc.integer({ min: 1, max: 20 }),
      revealNotBefore: fc.integer({ min: 0, max: 60 }),
      rewardWei: fc.option(fc.constantFrom('0', '50', '100')),
      gasCostWei: fc.option(fc.constantFrom('1', '50', '100')),
    }),
    limits: fc.record({
      largestLossWei: fc.option(fc.constant('10')),
      shortestT2Blocks: fc.option(fc.constant(T2)),
      leastRewardPerGasCost: fc.option(fc.constantFrom(0.5, 1, 2)),
      waitsForChanges: fc.boolean(),
    }),
    rollbackBlock: fc.option(fc.integer({ min: 1, max: 80 })),
    settingsBlock: fc.option(fc.integer({ min: 1, max: 80 })),
    typeTrusted: fc.boolean(),
    openCommitments: fc.constantFrom(0, 255, 256),
    paused: fc.constantFrom('no', 'no', 'contract', 'operator'),
    finalProofStored: fc.boolean(),
    storedProofMatchesOwnHash: fc.boolean(),
    verifierSays: fc.constantFrom('yes', 'no', 'not-asked'),
    simulatedReveal: fc.constantFrom('accepted', 'not-accepted', 'not-asked'),
    step: fc.option(fc.constantFrom(...steps)),
    failedRoundsInARow: fc.integer({ min: 0, max: 4 }),
    marginBlocks: fc.integer({ min: 0, max: 4 }),
    lateRevealWorthItsGas: fc.boolean(),
  })
  .map(({ next, start, predecessorVerified, step, own, ...facts }) => {
    const round = start === null ? null : roundOf(start, predecessorVerified);
    const ownRound = own === 'none' ? null : start;
    const inFlight = step === null ? null : { step, tryNumber: 1, round: step === 'commit' ? null : start };
    return viewAt(next, { ...facts, round, own, ownRound, inFlight });
  });
