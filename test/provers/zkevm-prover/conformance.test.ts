import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BadInputError } from '../../../domain/prover-errors.js';
import {
  decodeBatchInput,
  encodeBatchInput,
  type ZkevmBatchInput,
} from '../../../provers/gateways/polygon-zkevm/batch-input.js';
import { findMismatch, readRecursiveProof } from '../../../provers/gateways/polygon-zkevm/recursive-proof.js';
import { madeWithGo } from '../../support/made-with-go.js';
import { buildProverProgram, familySources } from './build-prover-program.js';
import { ROLLUP } from './support.js';

const PROTO = fileURLToPath(new URL('../../../provers/gateways/polygon-zkevm/aggregator.proto', import.meta.url));

/** By message and enum: kind and number of each member. */
const described = z.record(z.string(), z.record(z.string(), z.string()));
type Described = z.infer<typeof described>;

const enumType = z.object({
  name: z.string(),
  value: z.array(z.object({ name: z.string(), number: z.number() })),
});
const messageType = z.object({
  name: z.string(),
  field: z.array(z.object({ name: z.string(), number: z.number(), label: z.string(), type: z.string() })),
  enumType: z.array(enumType),
});

/** What our proto file says, as the family's own messages are described. */
function describeProto(): Described {
  const ours: Described = {};
  const addEnum = (parent: string, { name, value }: z.infer<typeof enumType>): void => {
    ours[`${parent}.${name}`] = Object.fromEntries(value.map((member) => [member.name, String(member.number)]));
  };
  for (const definition of Object.values(loadSync(PROTO, { keepCase: true }))) {
    if (!('type' in definition)) continue;
    const topEnum = enumType.safeParse(definition.type);
    if (topEnum.success) {
      addEnum('v1', topEnum.data);
      continue;
    }
    const { name, field, enumType: enums } = messageType.parse(definition.type);
    const lower = (text: string): string => text.replace(/^(LABEL|TYPE)_/, '').toLowerCase();
    ours[name] = Object.fromEntries(
      field.map(({ name: fieldName, label, type, number }) => [fieldName, `${lower(label)} ${lower(type)} ${number}`]),
    );
    enums.forEach((one) => addEnum(name, one));
  }
  return ours;
}

describe("the family's protocol", () => {
  const builtProgram = madeWithGo(buildProverProgram);

  test("has in our proto file the names, types and numbers of the family's own", ({ skip }) => {
    const printed = execFileSync(builtProgram({ skip }), ['-describe'], { encoding: 'utf8' });
    const { Version: _unused, ...theirs } = described.parse(JSON.parse(printed));
    expect(describeProto()).toEqual(theirs);
  });
});

describe('recursive proofs of a real prover', () => {
  const sources = madeWithGo(familySources);
  let proofs: Uint8Array[];
  beforeEach((context) => {
    const directory = join(sources(context), 'test', 'vectors', 'proofs');
    proofs = [1871, 1872, 1873, 1874].map((batch) => readFileSync(join(directory, `${batch}.json`)));
  });

  test('say which batch they are of, and each begins where the one before ends', () => {
    const claims = proofs.map((proof) => readRecursiveProof(proof).claims);
    expect(claims.map(({ firstBatch, lastBatch, forkId }) => [firstBatch, lastBatch, forkId])).toEqual(
      [1871, 1872, 1873, 1874].map((batch) => [batch, batch, 9]),
    );
    expect(claims[0]?.newStateRoot).toBe('0x0ed594d8bc0bb38f3190ff25fb1e5b4fe1baf0e2e0c1d7bf3307f07a55d3a60f');
    expect(claims.slice(1).map((claim) => [claim.oldStateRoot, claim.oldAccInputHash])).toEqual(
      claims.slice(0, -1).map((claim) => [claim.newStateRoot, claim.newAccInputHash]),
    );
  });

  test('are found out when they are of something else', () => {
    const [claims, other] = proofs.map((proof) => readRecursiveProof(proof).claims);
    if (!claims || !other) throw new Error('there are four proofs');
    const statement = { ...ROLLUP, ...claims };
    expect(findMismatch(claims, statement, 9)).toBeNull();
    expect(findMismatch(claims, statement, 12)).toMatchObject({ claim: 'forkId' });
    expect(findMismatch(claims, { ...statement, ...other }, 9)).toMatchObject({ claim: 'firstBatch' });
    for (const claim of ['oldStateRoot', 'oldAccInputHash', 'newAccInputHash', 'newStateRoot'] as const) {
      expect(findMismatch(claims, { ...statement, [claim]: other[claim] }, 9)).toMatchObject({ claim });
    }
  });

  test('are refused when they are cut short, have too few public values, or words that are too large', () => {
    const [proof] = proofs;
    if (!proof) throw new Error('there are four proofs');
    expect(() => readRecursiveProof(proof.subarray(0, -1))).toThrow(BadInputError);
    const { publics } = z
      .looseObject({ publics: z.array(z.string()) })
      .parse(JSON.parse(Buffer.from(proof).toString()));
    const withPublics = (values: string[]) => Buffer.from(JSON.stringify({ publics: values }));
    expect(() => readRecursiveProof(withPublics(publics.slice(1)))).toThrow(BadInputError);
    const wrapped = publics.with(0, String(BigInt(publics[0] ?? 0) + 2n ** 32n));
    expect(() => readRecursiveProof(withPublics(wrapped))).toThrow(/over 32 bits/);
  });
});

describe('the input of a batch', () => {
  const word = `0x${'00'.repeat(32)}`;
  const input: ZkevmBatchInput = {
    ...{ chainId: 4242, batchL2Data: '0x0b', l1InfoRoot: word, timestampLimit: 1, forcedBlockhashL1: word },
    ...{ sequencerAddress: `0x${'11'.repeat(20)}`, l1InfoTreeData: {} },
  };

  test('comes back as it was written', () => {
    const decoded = decodeBatchInput(encodeBatchInput({ ...input, l1InfoTreeData: { '7': leaf() } }));
    expect(decoded).toMatchObject({ chainId: 4242, db: {}, contractsBytecode: {} });
    expect(Buffer.from(decoded.batchL2Data).toString('hex')).toBe('0b');
    expect(decoded.l1InfoTreeData['7']?.smtProof).toHaveLength(32);
  });

  function leaf() {
    return { globalExitRoot: word, blockhashL1: word, minTimestamp: 5, smtProof: Array<string>(32).fill(word) };
  }

  test.each<[string, object]>([
    ['no chain id', { chainId: 0 }],
    ['more data than provers take', { batchL2Data: `0x${'00'.repeat(120_001)}` }],
    ['a root of more than 32 bytes', { l1InfoRoot: `${word}00` }],
    ['no address', { sequencerAddress: '0x11' }],
    ['half a byte', { batchL2Data: '0x0' }],
    ['state that is no whole words', { db: { ab: '00' } }],
    ['fields that nobody knows', { forkId: 9 }],
  ])('with %s is refused before a prover sees it', (_what, change) => {
    const content = Buffer.from(JSON.stringify({ ...input, ...change }));
    expect(() => decodeBatchInput(content)).toThrow(BadInputError);
  });

  test('that is no JSON is refused', () => {
    expect(() => decodeBatchInput(Buffer.from('{'))).toThrow(BadInputError);
  });
});
