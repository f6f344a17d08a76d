import { readFileSync } from 'node:fs';
import { Noir, type CompiledCircuit } from '@noir-lang/noir_js';
import { sha256 } from 'ethers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { numberBatches } from '../../activities/chain/posted-batches.js';
import type { BatchWork } from '../../domain/rollup-type.js';
import { encodeRecord, joinRecords } from '../../rollup-types/transfers/record.js';
import { openTransfersReplay } from '../../rollup-types/transfers/replay.js';
import { hex } from '../../activities/storage/database.js';
import { defaultCacheDirectory, openArtifactCache } from '../../platform/artifact-cache.js';
import { batchInputMap } from '../../rollup-types/transfers/batch-input.js';
import { compileCircuit } from '../../provers/backends/noir/compile-circuit.js';
import { statementInput } from '../../provers/backends/noir/statement-inputs.js';
import type { Statement } from '../../domain/proof.js';
import { REFUSED_TRANSFERS } from './refused-transfers.js';
import { COINBASE, GENESIS_ACCOUNTS, genesisOf, ROLLUP, signedTransfer, word, ZERO_HASH } from './support.js';
import { accumulateTransfers } from '../../rollup-types/transfers/accumulate.js';
import { transfersCircuits } from '../../rollup-types/transfers/noir-circuits.js';

const compiled = z.custom<CompiledCircuit>(
  (value) => z.object({ abi: z.object(), bytecode: z.string() }).safeParse(value).success,
);

const statement = z.object({
  ...{ chainId: z.number(), rollup: z.string(), firstBatch: z.number(), lastBatch: z.number() },
  ...{ oldStateRoot: hex, newStateRoot: hex, oldAccInputHash: hex, newAccInputHash: hex },
});
const vectors = z
  .object({
    state: z.object({ genesisStateRoot: hex, genesisData: hex }),
    batches: z.object({
      ...{ chainId: z.number(), rollup: z.string() },
      batches: z.array(
        z.object({
          ...{ batchNumber: z.number(), transactions: hex, globalExitRoot: hex, timestamp: z.number() },
          ...{ l2Coinbase: z.string(), accInputHash: hex, statement, inputSha256: hex },
        }),
      ),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('../vectors/transfers.json', import.meta.url), 'utf8')));

/** Work of a batch that holds these records, the first of its rollup. */
async function workOf(records: Uint8Array[]): Promise<BatchWork> {
  const content = {
    transactions: joinRecords(records),
    globalExitRoot: word(7n),
    timestamp: 1_700_000_000,
    l2Coinbase: COINBASE,
  };
  const place = { firstBatch: 1, previousAccInputHash: ZERO_HASH, accumulate: accumulateTransfers };
  const [batch] = numberBatches([content], place);
  if (!batch) throw new Error('No batch');
  return openTransfersReplay(ROLLUP, genesisOf(GENESIS_ACCOUNTS)).apply(batch);
}

// Proofs are made elsewhere; a witness is found if and only if the circuit agrees with the statement.
describe('the batch circuit', () => {
  let circuit: Noir;
  const agrees = async ({ statement, input }: BatchWork, changes: Partial<Statement> = {}): Promise<boolean> => {
    const inputs = {
      statement: statementInput({ ...statement, ...changes }),
      _aggregate_key_hash: '0',
      ...batchInputMap(input),
    };
    return circuit.execute(inputs).then(
      () => true,
      () => false,
    );
  };

  beforeAll(async () => {
    const cache = openArtifactCache(defaultCacheDirectory(), () => {});
    circuit = new Noir(
      compiled.parse(JSON.parse(await compileCircuit(transfersCircuits.sources, 'batch', {}, cache, () => {}))),
    );
  });

  test('comes to the state root and the input hash of the replay, and to no other', async () => {
    const work = await workOf([signedTransfer(0, 1), signedTransfer(1, 3), signedTransfer(3, 2)].map(encodeRecord));
    expect(work.statement.newStateRoot).not.toBe(work.statement.oldStateRoot);
    expect(await agrees(work)).toBe(true);
    for (const field of ['oldStateRoot', 'newStateRoot', 'oldAccInputHash', 'newAccInputHash'] as const) {
      expect(await agrees(work, { [field]: word(1n) }), field).toBe(false);
    }
    expect(await agrees(work, { newStateRoot: work.statement.oldStateRoot })).toBe(false);
    expect(await agrees(work, { chainId: 1 })).toBe(false);
    expect(await agrees(work, { rollup: COINBASE })).toBe(false);
  });

  test.each([0, 8])('takes every transfer that breaks a rule for a no-op (from %i on)', async (first) => {
    const refused = REFUSED_TRANSFERS.slice(first, first + 8);
    expect(refused).toHaveLength(8);
    const work = await workOf(refused.map(({ record }) => encodeRecord(record)));
    expect(work.statement.newStateRoot).toBe(work.statement.oldStateRoot);
    expect(await agrees(work)).toBe(true);
  });

  test('comes to the roots and the input hashes of the shared vectors', async () => {
    const { state, batches: posted } = vectors;
    const genesis = { stateRoot: state.genesisStateRoot, accInputHash: ZERO_HASH, data: state.genesisData };
    const replay = openTransfersReplay({ chainId: posted.chainId, rollup: posted.rollup }, genesis);
    expect(posted.batches).toHaveLength(5);
    for (const { statement, inputSha256, ...batch } of posted.batches) {
      const { input } = await replay.apply(batch);
      expect(sha256(input)).toBe(inputSha256);
      expect(await agrees({ statement, input }), `batch ${batch.batchNumber}`).toBe(true);
      expect(await agrees({ statement, input }, { newStateRoot: word(1n) }), `batch ${batch.batchNumber}`).toBe(false);
    }
  });

  test('can be satisfied whatever was posted', async () => {
    const anyRecord = fc.uint8Array({ minLength: 160, maxLength: 160 });
    const nearlyValid = fc
      .tuple(fc.nat(3), fc.nat(3), fc.bigInt({ min: 0n, max: 1001n }), fc.bigInt({ min: 0n, max: 1n }))
      .map(([from, to, amount, nonce]) => encodeRecord(signedTransfer(from, to, { amount, nonce })));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(anyRecord, nearlyValid), { maxLength: 8 }), async (records) => {
        expect(await agrees(await workOf(records))).toBe(true);
      }),
      { numRuns: 6 },
    );
  });
});
