import { describe, expect, test } from 'vitest';
import { numberBatches } from '../../activities/chain/posted-batches.js';
import { createBatchReplays, ReplayMismatchError } from '../../activities/proving/batch-replays.js';
import type { RollupDataSource } from '../../activities/proving/rollup-data.js';
import type { BatchContent, PostedBatch, RollupGenesis, RollupType } from '../../domain/rollup-type.js';
import { findRollupType } from '../../rollup-types/registry.js';
import { proverQueue } from '../../domain/names.js';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import { counterType } from './counter-type.js';

const ROLLUP = { chainId: 31337, rollup: '0x5FbDB2315678afecb367f032d93F642f64180aa3' };
const ZERO: Hex = `0x${'0'.repeat(64)}`;
const GENESIS: RollupGenesis = { stateRoot: `0x${'0'.repeat(62)}0a`, accInputHash: ZERO, data: '0x' };

/** A chain on which one rollup of the given type posted these batches. */
function chainWith(type: RollupType, data: Hex[]): { source: RollupDataSource; batches: PostedBatch[] } {
  const contents = data.map((transactions): BatchContent => ({
    transactions,
    globalExitRoot: ZERO,
    timestamp: 1,
    l2Coinbase: ROLLUP.rollup,
  }));
  const place = { firstBatch: 1, previousAccInputHash: ZERO, accumulate: type.accumulate };
  const batches = numberBatches(contents, place);
  const source: RollupDataSource = {
    describe: async () => ({ rollupType: type.name, proofSystem: 'simulated' }),
    genesis: async () => GENESIS,
    async *postedBatches({ lastBatch }, firstBatch) {
      yield* batches.slice(firstBatch - 1, lastBatch);
    },
  };
  return { source, batches };
}

function sequence(batches: PostedBatch[], firstBatch: number, lastBatch: number): SequenceIdentity {
  return { ...ROLLUP, firstBatch, lastBatch, accInputHash: batches[lastBatch - 1]?.accInputHash ?? ZERO };
}

/** The installation's own types and the toy one beside them. */
const findType = (name: string): RollupType => (name === counterType.name ? counterType : findRollupType(name));

describe('a second rollup type', () => {
  test('is planned by the same code as transfers: posted data becomes the work of each batch', async () => {
    const { source, batches } = chainWith(counterType, ['0x0102', '0x', '0xff', '0x05']);
    const replays = createBatchReplays(source, findType);
    const work = [
      ...(await replays.workOf(sequence(batches, 1, 1))),
      ...(await replays.workOf(sequence(batches, 2, 4))),
    ];
    expect(work.map(({ statement }) => [statement.firstBatch, BigInt(statement.newStateRoot)])).toEqual([
      [1, 13n],
      [2, 13n],
      [3, 268n],
      [4, 273n],
    ]);
    expect(work.map(({ input }) => Buffer.from(input).toString('hex'))).toEqual(['0102', '', 'ff', '05']);
  });

  test('has its own limit of data, and its own hash of it', () => {
    const hash = (type: RollupType) => chainWith(type, ['0x01']).batches[0]?.accInputHash;
    expect(hash(counterType)).not.toBe(hash(findRollupType('transfers')));
    expect(() => chainWith(counterType, [`0x${'01'.repeat(33)}`])).toThrow(/33 bytes, expected at most the 32/);
  });

  test('that is taken for another one is refused: its genesis is not of that type', async () => {
    const { source, batches } = chainWith(counterType, ['0x01']);
    const posing: RollupDataSource = {
      ...source,
      describe: async () => ({ rollupType: 'transfers', proofSystem: 'noir' }),
    };
    await expect(createBatchReplays(posing, findType).workOf(sequence(batches, 1, 1))).rejects.toThrow(/Genesis data/);
  });

  test('whose replay does not come to what the chain says fails, and begins anew the next time', async () => {
    const { source, batches } = chainWith(counterType, ['0x01', '0x02']);
    const replays = createBatchReplays(source, findType);
    const wrong = { ...sequence(batches, 1, 1), accInputHash: ZERO };
    await expect(replays.workOf(wrong)).rejects.toThrow(ReplayMismatchError);
    expect(await replays.workOf(sequence(batches, 1, 2))).toHaveLength(2);
  });

  test('gets queues of its own, on the class of machines its manifest wants', () => {
    const { batch, final } = counterType.manifest;
    expect(proverQueue(counterType.name, batch.hardwareClass)).toBe('prove/counter/gpu');
    expect(proverQueue(counterType.name, final.hardwareClass)).toBe('prove/counter/cpu');
  });
});
