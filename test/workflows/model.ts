import { Context } from '@temporalio/activity';
import { EventEmitter, once } from 'node:events';
import type { ChainActivities } from '../../domain/chain-activities.js';
import type { ProofGeneratorActivities, ProverActivities } from '../../domain/proof-generator-activities.js';
import type { SenderActivities, StepOutcome } from '../../domain/sender-activities.js';
import type { AcceptedProof, ProofTask } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { viewFingerprint, type SequenceView } from '../../domain/sequence-view.js';
import { roundOf, viewAt } from './views.js';

export const MINER = '0x00000000000000000000000000000000000000aa';

export function sequenceOf(firstBatch: number, lastBatch: number): SequenceIdentity {
  return {
    chainId: 1,
    rollup: '0x00000000000000000000000000000000000000bb',
    firstBatch,
    lastBatch,
    accInputHash: '0xcafe',
  };
}

/**
 * What a workflow sees of the world, small enough to be steered by a test: one sequence, one miner, blocks that pass
 * when they are waited for. The real chain, database and provers have tests of their own.
 */
export class Model {
  next = 10;
  state: Partial<SequenceView> = { finalProofStored: false };
  private readonly changes = new EventEmitter();
  /** Names of what was done, in order. */
  readonly done: string[] = [];
  readonly proved: string[] = [];
  /** Steps of the test that happen when the chain is next waited for. */
  private readonly surprises: (() => void)[] = [];
  /** Replaces the behaviour of the prover for chosen tasks. */
  prove: (task: ProofTask) => Promise<void> = async () => {};
  accept: (task: ProofTask) => string | null = () => null;

  surprise(...steps: (() => void)[]): void {
    this.surprises.push(...steps);
  }

  get view(): SequenceView {
    return viewAt(this.next, this.state);
  }

  set(changes: Partial<SequenceView>): void {
    this.state = { ...this.state, ...changes };
    this.changes.emit('change');
  }

  readonly chain: ChainActivities = {
    describeRollup: async () => {
      const stage = { hardwareClass: 'cpu', timeoutMs: 60_000, attempts: 2 } as const;
      return {
        rollupType: 'model',
        proofSystem: 'simulated',
        stages: { batch: stage, aggregate: stage, final: stage },
      };
    },
    waitForSequences: async () => this.waitUntilCancelled(),
    readSequenceView: async () => this.view,
    expectedTimeUntilBlock: async ({ block }) => {
      if (this.next >= block) return { head: this.next - 1, timeMs: 0 };
      this.next = block;
      return { head: block - 1, timeMs: 1 };
    },
    waitForChange: async ({ fingerprint, untilBlock }) => {
      if (viewFingerprint(this.view) !== fingerprint) return;
      const surprise = this.surprises.shift();
      if (surprise) return surprise();
      if (untilBlock !== null) return void (this.next = Math.max(this.next, untilBlock));
      // As the chain's reader does: a change that no decision hangs on wakes nobody.
      while (viewFingerprint(this.view) === fingerprint) await this.untilCancelledOr(once(this.changes, 'change'));
    },
  };

  readonly generator: ProofGeneratorActivities = {
    planBatchProofs: async ({ firstBatch, lastBatch }) =>
      Array.from({ length: lastBatch - firstBatch + 1 }, (_, index) => ({
        task: taskOf('batch', firstBatch + index, firstBatch + index),
        accepted: null,
      })),
    planAggregateProof: async ({ left, right }) => ({
      task: taskOf('aggregate', left.firstBatch, right.lastBatch),
      accepted: null,
    }),
    planFinalProof: async ({ sequence, replaces }) => ({
      task: { ...taskOf('final', sequence.firstBatch, sequence.lastBatch), taskId: `final ${replaces}` },
      accepted: null,
    }),
    acceptProof: async ({ task, proven }) => {
      const reason = this.accept(task);
      if (reason) return { accepted: null, reason, prover: proven.prover };
      if (task.kind === 'final') this.set({ finalProofStored: true });
      return { accepted: acceptedOf(task, proven.seconds) };
    },
  };

  readonly prover: ProverActivities = {
    prove: async (task) => {
      await this.prove(task);
      this.proved.push(task.taskId);
      return { taskId: task.taskId, proofDigest: `digest of ${task.taskId}`, seconds: 1, prover: 'model' };
    },
  };

  readonly sender: SenderActivities = {
    submitProofHash: async ({ tryNumber }) => {
      this.note(`commit ${tryNumber}`);
      this.set({ round: roundOf(this.next, 0), own: 'open', ownRound: this.next, nextTry: tryNumber + 1 });
      return this.mined();
    },
    submitProof: async ({ round }) => {
      this.note(`reveal ${round}`);
      if (this.state.accepted === 'other') this.set({ own: 'accepted', acceptedFinal: true });
      else this.set({ accepted: 'own', own: 'accepted', acceptedFinal: true });
      return this.mined();
    },
    settleRound: async ({ round }) => {
      this.note(`settle ${round}`);
      this.set({ unsettledRounds: (this.state.unsettledRounds ?? []).filter((start) => start !== round) });
      return this.mined();
    },
    takeBackProofHash: async ({ round }) => {
      this.note(`take back ${round}`);
      this.set({ own: 'taken-back' });
      return this.mined();
    },
    cancelStep: async ({ step }) => {
      this.note(`cancel ${step.step}`);
      this.set({ inFlight: null });
      return this.mined();
    },
  };

  note(what: string): void {
    this.done.push(`${what} @${this.next}`);
  }

  private mined(): StepOutcome {
    const blockNumber = this.next;
    this.next += 1;
    return { result: 'mined', transactionHash: '0x01', blockNumber, gasUsed: '1' };
  }

  /** An activity that goes on until it is cancelled. */
  waitUntilCancelled(): Promise<never> {
    return this.untilCancelledOr(new Promise<never>(() => undefined));
  }

  private async untilCancelledOr<T>(end: Promise<T>): Promise<T> {
    const heartbeat = setInterval(() => Context.current().heartbeat(), 200);
    try {
      return await Promise.race([end, Context.current().cancelled]);
    } finally {
      clearInterval(heartbeat);
    }
  }
}

function taskOf(kind: ProofTask['kind'], firstBatch: number, lastBatch: number): ProofTask {
  const taskId = `${kind} ${firstBatch}-${lastBatch}`;
  return { taskId, kind, rollupType: 'model', firstBatch, lastBatch, inputDigest: '' };
}

/** The accepted proof of a task. */
export function acceptedOf({ taskId, kind, firstBatch, lastBatch }: ProofTask, seconds: number): AcceptedProof {
  return { taskId, kind, firstBatch, lastBatch, proofDigest: `digest of ${taskId}`, seconds };
}
