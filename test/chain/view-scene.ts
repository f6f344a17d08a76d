import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import { sha256Hex } from '../../activities/storage/artifact-store.js';
import type { FinalProofFile } from '../../activities/storage/final-proof-files.js';
import type { LaunchOptions } from '../../contracts/launch-options.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import type { Statement } from '../../domain/proof.js';
import type { BlockRef, SequenceView } from '../../domain/sequence-view.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { word32 } from '../support/proof-samples.js';
import { openTestChain, runActivity, type TestChain } from '../support/test-chain.js';
import { startTestRollup, type TestRollup } from '../support/test-rollup.js';

/** A rollup on a chain, and its reader over an empty database; both fresh for every test. */
export interface ViewScene {
  rollup: TestRollup;
  chain: TestChain;
  database: TestDatabase;
}

/** Sets the scene for the tests of a file; what it returns is filled in before each. */
export function setViewScene(options: Partial<LaunchOptions> = {}): ViewScene {
  const scene: Partial<ViewScene> = {};
  let clean: unknown;
  const given = <Name extends keyof ViewScene>(name: Name): ViewScene[Name] => {
    const part: ViewScene[Name] | undefined = scene[name];
    if (!part) throw new Error(`no ${name} yet`);
    return part;
  };
  beforeAll(async () => {
    scene.rollup = await startTestRollup(options);
    await scene.rollup.deposit(scene.rollup.owner, '100');
  });
  afterAll(() => given('rollup').close());
  beforeEach(async () => {
    clean = await given('rollup').provider.send('evm_snapshot', []);
    scene.database = await openTestDatabase();
    scene.chain = openTestChain(scene.database, given('rollup').rpcUrl);
  });
  afterEach(async () => {
    await given('chain').close();
    await given('database').close();
    await given('rollup').provider.send('evm_revert', [clean]);
  });
  return {
    get rollup() {
      return given('rollup');
    },
    get chain() {
      return given('chain');
    },
    get database() {
      return given('database');
    },
  };
}

const backend = createSimulatedBackend({ secondsByKind: { final: 0, batch: 0 } });

/** What a proof of this sequence says: the toy state is a sum. */
export function statementOf(
  sequence: SequenceIdentity,
  from: number,
  to: number,
  before: SequenceIdentity | null,
): Statement {
  const { chainId, rollup: address, firstBatch, lastBatch, accInputHash } = sequence;
  return {
    ...{ chainId, rollup: address, firstBatch, lastBatch },
    ...{ oldStateRoot: word32(from), newStateRoot: word32(to) },
    ...{ oldAccInputHash: before?.accInputHash ?? word32(0), newAccInputHash: accInputHash },
  };
}

/** A final proof of the statement, made for a miner. */
export async function proveFor(miner: string, statement: Statement): Promise<Uint8Array> {
  const context = { signal: new AbortController().signal, progress: () => {} };
  const batch = { kind: 'batch', statement } as const;
  const child = { ...batch, proof: await backend.prove({ ...batch, input: new Uint8Array() }, context) };
  return backend.prove({ kind: 'final', statement, miner, child }, context);
}

/** A final proof of the scene's miner, as it is stored. */
export function finalProof(
  { rollup }: ViewScene,
  sequence: SequenceIdentity,
  statement: Statement,
  proof: Uint8Array,
): FinalProofFile {
  const miner = rollup.miner.address;
  const proofDigest = sha256Hex(proof);
  const taskId = sha256Hex(`task ${proofDigest}`);
  return { proofDigest, taskId, sequence, miner, statement, proofHash: proofHashOf(proof, miner), seconds: 1, proof };
}

/** Posts a sequence of one batch and stores a final proof of it. */
export async function postAndProve(
  scene: ViewScene,
): Promise<{ sequence: SequenceIdentity; statement: Statement; final: FinalProofFile }> {
  const { rollup, chain } = scene;
  const sequence = await rollup.post('0x05');
  const statement = statementOf(sequence, 10, 15, null);
  const final = finalProof(scene, sequence, statement, await proveFor(rollup.miner.address, statement));
  await chain.finals.add(final);
  return { sequence, statement, final };
}

/** The view that a workflow would get now. */
export function readView(
  { rollup, chain }: ViewScene,
  sequence: SequenceIdentity,
  lastUsed: BlockRef | null = null,
): Promise<SequenceView> {
  const request = { sequence, miner: rollup.miner.address, lastUsed };
  return runActivity(() => chain.activities.readSequenceView(request));
}
