import type { ProofKind } from '../../domain/proof.js';
import { outcomeText } from '../../domain/sequence-progress.js';
import { inCoins } from '../miner/asset.js';
import { NO_REWARD } from '../miner/miner-status-text.js';
import { trustedSetupText } from '../../local-stack/mining/deployment-file.js';
import type { Phase } from '../../local-stack/mining/stopwatch.js';
import type { DemoReport, ProofReport, SequenceReport } from './demo-report.js';
import { batchesName, duration } from './progress-text.js';

const KINDS: ProofKind[] = ['batch', 'aggregate', 'final'];

/** The report as a person reads it. */
export function reportText(report: DemoReport): string {
  const batches = report.sequences.reduce((sum, { firstBatch, lastBatch }) => sum + lastBatch - firstBatch + 1, 0);
  const allMatch = report.sequences.every(({ stateRoot, replayedStateRoot }) => stateRoot === replayedStateRoot);
  return [
    '',
    ...report.sequences.flatMap(sequenceLines),
    ...timeLines({ ...report, proofSeconds: proofSecondsOf(report) }),
    '',
    `${batches} batches in ${report.sequences.length} sequences, proved (${report.prover}) and verified by ` +
      `${report.rule} on chain ${report.chainId} in ${duration(report.seconds)}.`,
    `Proofs and verifier: ${trustedSetupText(report.trustedSetup)}.`,
    allMatch
      ? 'Every state root on the chain equals the one from a replay of the posted data.'
      : 'A STATE ROOT ON THE CHAIN DIFFERS FROM THE REPLAY.',
  ].join('\n');
}

/** Where to look while all of it is left running. */
export function addressesText(report: DemoReport): string {
  const ui = report.temporalUi && `${report.temporalUi}/namespaces/${report.temporalNamespace}/workflows`;
  return [
    '',
    `Web UI      ${ui ?? `at ${report.temporalAddress}, namespace ${report.temporalNamespace}`}`,
    `RPC         ${report.rpcUrl}  (chain id ${report.chainId})`,
    `Database    ${report.databaseUrl}`,
    `Rollup      ${report.rollup}`,
    'Everything is left running; "npm run stop" ends it.',
  ].join('\n');
}

function sequenceLines(sequence: SequenceReport): string[] {
  const { roundBlock, revealStart, revealEnd, hashBlock, proofBlock, stateRoot, replayedStateRoot, proofs } = sequence;
  const rows = [
    ['proofs', KINDS.flatMap((kind) => proofsOfKind(proofs, kind) ?? []).join(' · ')],
    [
      'round',
      `S = ${roundBlock}, proofHashes in [${roundBlock}, ${revealStart}), proofs in [${revealStart}, ${revealEnd})`,
    ],
    ['proofHash', `block ${hashBlock}, ${gas(sequence.hashGasUsed)} gas, ${sequence.hashTx}`],
    ['proof', `block ${proofBlock}, ${gas(sequence.proofGasUsed)} gas, ${sequence.proofTx}`],
    [
      'state root',
      stateRoot === replayedStateRoot
        ? `${stateRoot} on the chain, the same in the replay`
        : `${stateRoot} ON THE CHAIN, BUT ${replayedStateRoot} IN THE REPLAY`,
    ],
  ];
  const name = batchesName(sequence);
  return [
    `${name[0]?.toUpperCase()}${name.slice(1)}: ${outcomeText(sequence.outcome)}, ${rewardText(sequence.rewardWei)}`,
    ...rows.map(([label = '', text = '']) => `  ${label.padEnd(12)}${text}`),
    '',
  ];
}

function rewardText(rewardWei: string): string {
  return rewardWei === '0' ? NO_REWARD : `reward ${inCoins(BigInt(rewardWei))}`;
}

function proofsOfKind(proofs: readonly ProofReport[], kind: ProofKind): string | null {
  const seconds = proofs.filter((proof) => proof.kind === kind).map((proof) => proof.seconds.toFixed(1));
  return seconds.length === 0 ? null : `${kind} ${seconds.join(' + ')} s`;
}

/** A table of where the time of a run went. */
export function timeLines({
  phases,
  proofSeconds,
  seconds,
}: {
  phases: readonly Phase[];
  /** Machine time in provers, by kind of proof. */
  proofSeconds: Record<string, number>;
  seconds: number;
}): string[] {
  const rows = [...phases, { name: 'total', seconds }];
  const width = Math.max(...rows.map(({ name }) => name.length));
  const inProvers = Object.entries(proofSeconds).map(([kind, sum]) => `${kind} ${sum.toFixed(0)} s`);
  return [
    'Where the time went',
    ...rows.map((row) => `  ${row.name.padEnd(width)}  ${row.seconds.toFixed(1).padStart(6)} s`),
    `  of these in provers: ${inProvers.join(', ')}`,
  ];
}

/** Machine time of all proofs, by kind. */
export function proofSecondsOf(report: DemoReport): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { kind, seconds } of report.sequences.flatMap(({ proofs }) => proofs)) {
    sums[kind] = (sums[kind] ?? 0) + seconds;
  }
  return sums;
}

function gas(amount: string): string {
  return Number(amount).toLocaleString('en-US');
}
