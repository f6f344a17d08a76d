import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../domain/decide.js';
import { viewFingerprint, type SequenceView, type Step } from '../../domain/sequence-view.js';
import { readRoundWindows } from './round-windows.js';
import { anyView, NO_LIMITS, OFFER, roundOf, T1, T2, viewAt } from './views.js';

const S = 20;
const R = S + T1;
const E = R + T2;
const verified = roundOf(S, 0);
const unverified = roundOf(S, null);
const lateAndDear = { accepted: 'other', own: 'late', lateRevealWorthItsGas: false } as const;

const inFlight = (step: Step, round: number | null = step === 'commit' ? null : S) => ({ step, tryNumber: 1, round });

describe('decide, row by row', () => {
  const rows: [row: number, action: string, what: string, next: number, view: Partial<SequenceView>][] = [
    [1, 'read-again', 'a stale view', R, { stale: true, posted: false }],
    [2, 'cancel-step', 'gone, commit pending', R, { posted: false, inFlight: inFlight('commit') }],
    [2, 'wait', 'gone, not final', R, { posted: false }],
    [2, 'finish', 'gone for good', R, { posted: false, absenceFinal: true }],
    [3, 'cancel-step', 'accepted, commit pending', R, { accepted: 'other', inFlight: inFlight('commit') }],
    [3, 'wait-for-step', 'accepted, reveal pending', R, { accepted: 'other', inFlight: inFlight('reveal') }],
    [4, 'wait', 'own accepted, shallow', R, { accepted: 'own', own: 'accepted' }],
    [4, 'finish', 'own accepted, final', R, { accepted: 'own', own: 'accepted', acceptedFinal: true }],
    [5, 'reveal', 'another was first, ours is late', E + 99, { accepted: 'other', own: 'late', round: verified }],
    [5, 'wait', 'late, gas too dear, shallow', R, { ...lateAndDear, acceptedFinal: false }],
    [5, 'finish', 'late, gas too dear, final', R, { ...lateAndDear, acceptedFinal: true }],
    [6, 'wait', 'late, but the proof is lost', R, { accepted: 'other', own: 'late', finalProofStored: false }],
    [6, 'finish', 'another was first, we had no hash', R, { accepted: 'other', acceptedFinal: true }],
    [7, 'wait-for-step', 'commit pending before R', R - 1, { round: verified, inFlight: inFlight('commit') }],
    [7, 'cancel-step', 'commit pending at R', R, { round: verified, inFlight: inFlight('commit') }],
    [7, 'wait-for-step', 'commit pending after E opens a round', E, { round: verified, inFlight: inFlight('commit') }],
    [7, 'wait-for-step', 'reveal pending in the last block', E - 1, { round: verified, inFlight: inFlight('reveal') }],
    [7, 'cancel-step', 'reveal of a failed round', E, { round: verified, inFlight: inFlight('reveal') }],
    [7, 'cancel-step', 'reveal of an older round', R, { round: verified, inFlight: inFlight('reveal', S - 9) }],
    [7, 'wait-for-step', 'settling', E, { round: verified, inFlight: inFlight('settle') }],
    [8, 'make-final-proof', 'nothing to commit to', S, { finalProofStored: false }],
    [8, 'make-final-proof', 'round open, no proof', R - 3, { round: verified, finalProofStored: false }],
    [9, 'wait-for-cause', 'three rounds failed', S, { failedRoundsInARow: 3 }],
    [9, 'wait-for-cause', 'paused by its admin, no round', S, { paused: 'contract' }],
    [13, 'commit', 'paused by its admin, a round is open', R - 3, { paused: 'contract', round: verified }],
    [9, 'wait-for-cause', 'paused by us', R - 3, { paused: 'operator', round: verified }],
    [9, 'wait-for-cause', 'stake short by one wei', S, { freeStakeWei: '9' }],
    [10, 'commit', 'stake just enough', S, { freeStakeWei: '10' }],
    [9, 'wait-for-cause', 'the contract takes no more commitments', S, { openCommitments: 256 }],
    [9, 'wait-for-cause', 'the verifier says no', S, { verifierSays: 'no' }],
    [10, 'commit', 'no round', S, {}],
    [10, 'commit', 'room for one more commitment', S, { openCommitments: 255 }],
    [10, 'commit', 'the round lapsed', E, { round: verified, own: 'failed', ownRound: S }],
    [11, 'take-back', 'predecessor late, proof lost', R, { round: unverified, own: 'open', finalProofStored: false }],
    [11, 'take-back', 'the rule refuses it now', R, { round: unverified, own: 'open', verifierSays: 'no' }],
    [14, 'wait', 'refused, but too early to take back', R - 1, { round: unverified, own: 'open', verifierSays: 'no' }],
    [12, 'wait', 'too few blocks left before R', R - 1, { round: verified }],
    [13, 'commit', 'just enough blocks left before R', R - 2, { round: verified }],
    [13, 'commit', 'predecessor unverified: the hash window stays open', R + 500, { round: unverified }],
    [14, 'sleep-until', 'committed, T1 runs', R - 1, { round: verified, own: 'open', ownRound: S }],
    [14, 'wait', 'committed, predecessor unverified', R + 9, { round: unverified, own: 'open', ownRound: S }],
    [15, 'never-reveal', 'proof lost', R, { round: verified, own: 'open', finalProofStored: false }],
    [15, 'never-reveal', 'proof does not match', R, { round: verified, own: 'open', storedProofMatchesOwnHash: false }],
    [15, 'never-reveal', 'simulation says no', R, { round: verified, own: 'open', simulatedReveal: 'not-accepted' }],
    [16, 'reveal', 'first block of the proof window', R, { round: verified, own: 'open', ownRound: S }],
    [16, 'reveal', 'last block of the proof window', E - 1, { round: verified, own: 'open', ownRound: S }],
    [17, 'wait', 'others may reveal, we have no hash', R, { round: verified }],
    [17, 'wait', 'our reveal was wrong', R, { round: verified, own: 'wrong', ownRound: S }],
    [17, 'wait', 'taken back: not again in this round', R - 3, { round: verified, own: 'taken-back', ownRound: S }],
  ];

  it.each(rows)('row %i, %s: %s', (row, action, _what, next, changes) => {
    expect(decide(viewAt(next, changes))).toMatchObject({ row, action });
  });

  const WAITING = { limits: { ...NO_LIMITS, waitsForChanges: true } };
  const stops: [reason: string, what: string, next: number, view: Partial<SequenceView>][] = [
    ['three-rounds-failed', 'ours failed', S, { failedRoundsInARow: 3 }],
    ['paused', 'no round can be opened', S, { paused: 'contract' }],
    ['stake-too-low', 'one wei is missing', S, { freeStakeWei: '9' }],
    ['too-many-commitments', 'of ours are open', S, { openCommitments: 256 }],
    ['loss-over-limit', 'by one wei', S, { limits: { ...NO_LIMITS, largestLossWei: '9' } }],
    ['window-too-short', 'by one block', S, { limits: { ...NO_LIMITS, shortestT2Blocks: T2 + 1 } }],
    ['reward-too-low', 'not thrice the gas', S, { limits: { ...NO_LIMITS, leastRewardPerGasCost: 3 } }],
    ['rollback-announced', 'in the block of R', R - 3, { ...WAITING, round: verified, rollbackBlock: R }],
    ['rollback-announced', 'before a new round could end', S, { ...WAITING, rollbackBlock: S + T1 }],
    [
      'rollback-announced',
      'before Tmin',
      S,
      { ...WAITING, rollbackBlock: 99, offer: { ...OFFER, revealNotBefore: 99 } },
    ],
    [
      'rollback-announced',
      'the predecessor is not verified',
      R + 9,
      { ...WAITING, round: unverified, rollbackBlock: R + 10 },
    ],
    ['settings-announced', 'in force from the next block on', S, { ...WAITING, settingsBlock: S }],
    ['verifier-says-no', 'to our proof', S, { verifierSays: 'no', typeTrusted: false }],
    ['type-distrusted', 'for another proof', S, { typeTrusted: false }],
  ];

  it.each(stops)('row 9, %s: %s', (reason, _what, next, changes) => {
    expect(decide(viewAt(next, changes))).toMatchObject({ row: 9, action: 'wait-for-cause', reason });
  });

  const goesOn: [what: string, next: number, view: Partial<SequenceView>][] = [
    ['a loss of the limit itself', S, { limits: { ...NO_LIMITS, largestLossWei: '10' } }],
    ['a window of the limit itself', S, { limits: { ...NO_LIMITS, shortestT2Blocks: T2 } }],
    ['a reward of the limit itself', S, { limits: { ...NO_LIMITS, leastRewardPerGasCost: 2 } }],
    [
      'a reward in a token, whatever the limit',
      S,
      { limits: { ...NO_LIMITS, leastRewardPerGasCost: 99 }, offer: { ...OFFER, rewardWei: null } },
    ],
    ['a roll back that comes first, unless the miner waits for it', S, { rollbackBlock: S + 1 }],
    ['settings that come first, unless the miner waits for them', S, { settingsBlock: S }],
    ['settings after the opening of a new round', S, { ...WAITING, settingsBlock: S + 1 }],
    ['settings, where a round is open', R - 3, { ...WAITING, round: verified, settingsBlock: S }],
    ['a roll back after the reveal of a new round', S, { ...WAITING, rollbackBlock: S + T1 + 1 }],
    ['a roll back after the reveal of this round', R - 3, { ...WAITING, round: verified, rollbackBlock: R + 1 }],
    [
      'a predecessor that may be verified in the next block',
      R + 9,
      { ...WAITING, round: unverified, rollbackBlock: R + 11 },
    ],
  ];

  it.each(goesOn)('commits in spite of %s', (_what, next, changes) => {
    expect(decide(viewAt(next, changes))).toMatchObject({ action: 'commit' });
  });

  it('binds a commit to the terms that were looked at, and says what it puts at risk', () => {
    const view = viewAt(S, { termsVersion: 7, reserveWei: '12' });
    expect(decide(view)).toMatchObject({ row: 10, termsVersion: 7, reserveWei: '12' });
  });

  it("calls a proof after another's late from E on, where the pot is divided", () => {
    const after = (next: number) => decide(viewAt(next, { accepted: 'other', own: 'late', round: verified }));
    expect(after(E - 1)).toMatchObject({ row: 5, action: 'reveal', late: false });
    expect(after(E)).toMatchObject({ row: 5, action: 'reveal', late: true });
  });

  it('settles failed rounds together with the next commit', () => {
    const view = viewAt(E, { round: verified, own: 'failed', ownRound: S, unsettledRounds: [S] });
    expect(decide(view)).toMatchObject({ row: 10, settleRounds: [S] });
  });

  it('waits for the predecessor no longer than until a proof that is lost can be taken back', () => {
    const until = (changes: Partial<SequenceView>) =>
      decide(viewAt(S + T1 - 1, { round: unverified, own: 'open', ownRound: S, ...changes }));
    expect(until({ finalProofStored: false })).toMatchObject({ row: 14, action: 'wait', untilBlock: S + T1 });
    expect(until({ storedProofMatchesOwnHash: false })).toMatchObject({ row: 14, untilBlock: S + T1 });
    expect(until({})).toMatchObject({ row: 14, untilBlock: null });
  });

  it('waits until the first block of the proof window and not longer', () => {
    expect(decide(viewAt(S + 1, { round: verified, own: 'open', ownRound: S }))).toMatchObject({ untilBlock: R });
  });
});

describe('decide, on the edges that the contract is held to as well', () => {
  it.each(readRoundWindows())('$why: block $block', (edge) => {
    const { roundStart: start, t1, t2, tMin, postedBlock, predecessorVerifiedBlock: P, block } = edge;
    const hashWindowEnd = start + t1;
    const revealStart = P === -1 ? null : Math.max(hashWindowEnd, P + 1, postedBlock + tMin);
    const round = { start, hashWindowEnd, revealStart, end: revealStart === null ? null : revealStart + t2 };
    const rowOf = (changes: Partial<SequenceView>) => decide(viewAt(block, { round, marginBlocks: 0, ...changes })).row;

    const ours = { own: 'open', ownRound: start } as const;
    expect(rowOf({ own: 'none' }) === 13).toBe(edge.mayCommit);
    expect(rowOf(ours) === 16).toBe(edge.mayReveal);
    expect(rowOf(ours) === 10).toBe(edge.failed);
    expect(rowOf({ ...ours, finalProofStored: false }) === 11).toBe(edge.mayTakeBack);
  });
});

describe('decide, for every view', () => {
  it('gives exactly one decision', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { row } = decide(view);
        expect(row).toBeGreaterThanOrEqual(1);
        expect(row).toBeLessThanOrEqual(17);
      }),
    );
  });

  it('reveals only an own open or late hash with the very proof behind it, in its window', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const decision = decide(view);
        if (decision.action !== 'reveal') return;
        expect(view.finalProofStored && view.storedProofMatchesOwnHash).toBe(true);
        const next = view.head.number + 1;
        const { revealStart, end } = view.round ?? { revealStart: null, end: null };
        if (view.accepted === 'other') {
          expect(decision.late).toBe(view.round === null || (end !== null && next >= end));
          return expect(view.own).toBe('late');
        }
        expect(decision.late).toBe(false);
        expect(view.own).toBe('open');
        expect(revealStart !== null && revealStart <= next && end !== null && next < end).toBe(true);
      }),
    );
  });

  it('commits only without an own hash in the round, before R, with stake, a good proof and terms within limits', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const decision = decide(view);
        if (decision.action !== 'commit') return;
        const next = view.head.number + 1;
        const { round, limits, offer } = view;
        const lapsed = !round || (round.end !== null && next >= round.end);
        const open = round !== null && (round.revealStart === null || next < round.revealStart);
        expect(lapsed || (open && view.own === 'none')).toBe(true);
        expect(view.accepted).toBe('none');
        expect(view.paused === 'no' || (view.paused === 'contract' && !lapsed)).toBe(true);
        expect(view.verifierSays).not.toBe('no');
        expect(view.typeTrusted).toBe(true);
        expect(BigInt(view.freeStakeWei)).toBeGreaterThanOrEqual(BigInt(view.reserveWei));
        expect(decision).toMatchObject({ termsVersion: view.termsVersion, reserveWei: view.reserveWei });
        expect(Number(offer.lossWei)).toBeLessThanOrEqual(Number(limits.largestLossWei ?? Infinity));
        expect(offer.t2Blocks).toBeGreaterThanOrEqual(limits.shortestT2Blocks ?? 0);
        if (limits.waitsForChanges && decision.row === 10 && view.settingsBlock !== null)
          expect(view.settingsBlock).toBeGreaterThan(next);
        if (limits.waitsForChanges && view.rollbackBlock !== null)
          expect(view.rollbackBlock).toBeGreaterThan(round?.revealStart ?? next);
        expect(view.openCommitments).toBeLessThan(view.maximumOpenCommitments);
      }),
    );
  });

  it('starts nothing while a step is under way, and never cancels a reveal that can still land', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        fc.pre(view.inFlight !== null && !view.stale && view.posted);
        const decision = decide(view);
        expect(['wait-for-step', 'cancel-step']).toContain(decision.action);
        const next = view.head.number + 1;
        const canLand = view.round?.end !== null && view.round !== null && next < view.round.end;
        if (view.inFlight?.step === 'reveal' && view.inFlight.round === view.round?.start && canLand)
          expect(decision.action).toBe('wait-for-step');
      }),
    );
  });
});

describe('the fingerprint of a view', () => {
  const changed = (changes: Partial<SequenceView>) =>
    viewFingerprint(viewAt(S, changes)) !== viewFingerprint(viewAt(S));

  it('stays the same while amounts change that lead to nothing else', () => {
    expect(changed({ freeStakeWei: '11' })).toBe(false);
    expect(changed({ offer: { ...OFFER, gasCostWei: '51', rewardWei: '7' } })).toBe(false);
  });

  it('changes with what they lead to', () => {
    expect(changed({ freeStakeWei: '9' })).toBe(true);
    expect(changed({ typeTrusted: false })).toBe(true);
    expect(changed({ rollbackBlock: 50 })).toBe(true);
    const limits = { ...NO_LIMITS, leastRewardPerGasCost: 1 };
    const at = (gasCostWei: string) => viewFingerprint(viewAt(S, { limits, offer: { ...OFFER, gasCostWei } }));
    expect(at('100')).toBe(at('50'));
    expect(at('101')).not.toBe(at('50'));
  });
});
