import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { acvm, Noir, type CompiledCircuit, type InputMap } from '@noir-lang/noir_js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { BatchWork } from '../../domain/rollup-type.js';
import { defaultCacheDirectory, openArtifactCache } from '../../platform/artifact-cache.js';
import { BarretenbergProcess } from '../../provers/backends/noir/barretenberg-process.js';
import { batchInputMap } from '../../rollup-types/transfers/batch-input.js';
import { openCircuits, type Circuit, type Circuits } from '../../provers/backends/noir/circuits.js';
import { hex, statementInput } from '../../provers/backends/noir/statement-inputs.js';
import { openTrustedSetup } from '../../provers/backends/noir/trusted-setup.js';
import { runOnThread } from '../../provers/backends/noir/worker-thread.js';
import type { Statement } from '../../domain/proof.js';
import { signedTransfer, word } from '../transfers/support.js';
import { MINER, nth, worksOf } from './support.js';
import { transfersCircuits } from '../../rollup-types/transfers/noir-circuits.js';

const log = (line: string): void => console.log(line);
/** Witnesses of the batch circuit before its transfers: 10 of the statement, the key hash, 32 + 8 + 20 bytes. */
const FIRST_TRANSFER = 71;
const RECORD_BYTES = 160;

// What a dishonest prover may do who writes witnesses by hand: `noir_js` refuses such inputs, Barretenberg's own
// constraints have to as well.
describe('a forged proof', () => {
  let bb: BarretenbergProcess;
  let circuits: Circuits;
  let work: BatchWork;

  beforeAll(async () => {
    const cache = openArtifactCache(defaultCacheDirectory(), log);
    const setup = await openTrustedSetup('development', 31337, cache, log);
    bb = new BarretenbergProcess({ binary: setup.binary, crsPath: setup.crsPath, threads: 2 });
    circuits = await openCircuits(transfersCircuits.sources, setup, bb, cache, log);
    work = nth(await worksOf([[signedTransfer(0, 1)]]), 0);
  }, 1_800_000);

  afterAll(() => bb?.close());

  /** Proves whatever witness it is given; tells whether the proof verifies, and for which public inputs. */
  async function proves(circuit: Circuit, witness: Uint8Array): Promise<{ verified: boolean; publicInputs: string[] }> {
    const { kind: name, bytecode, verificationKey, settings } = circuit;
    const input = { circuit: { name, bytecode, verificationKey }, witness: gunzipSync(witness), settings };
    const { proof, publicInputs } = await bb.run((api) => api.circuitProve(input));
    const { verified } = await bb.run((api) => api.circuitVerify({ verificationKey, publicInputs, proof, settings }));
    return { verified, publicInputs: publicInputs.map(hex) };
  }

  const batchInputs = (statement: Statement): InputMap => ({
    statement: statementInput(statement),
    _aggregate_key_hash: circuits.aggregate.keyHash,
    ...batchInputMap(work.input),
  });

  /** The honest witness with one of its values replaced. */
  async function forced(index: number, value: (honest: bigint) => bigint): Promise<Uint8Array> {
    const { witness } = await new Noir(circuits.batch.program).execute(batchInputs(work.statement));
    const stack = acvm.decompressWitnessStack(witness);
    const map = nth(stack, 0).witness;
    const honest = map.get(index);
    if (honest === undefined) throw new Error(`No witness ${index}`);
    map.set(index, word(value(BigInt(honest))));
    return acvm.compressWitnessStack(stack);
  }

  test('is told from an honest one', async () => {
    const honest = await proves(circuits.batch, await forced(0, (value) => value));
    expect(honest.verified).toBe(true);
    expect(honest.publicInputs[1]).toBe(work.statement.newStateRoot);
  });

  test.each([
    ['another new state root', 1, (value: bigint) => value + 1n],
    ['another accumulated input hash', 9, (value: bigint) => value + 1n],
    ['a larger amount than posted', FIRST_TRANSFER + 23, (value: bigint) => value + 1n],
    ['a byte that is none', FIRST_TRANSFER + 23, (value: bigint) => value + 256n],
    ['more funds than the state holds', FIRST_TRANSFER + RECORD_BYTES + 2, (value: bigint) => value + 1n],
  ])('does not verify with %s', async (_name, index, change) => {
    const { verified } = await proves(circuits.batch, await forced(index, change));
    expect(verified).toBe(false);
  });

  test('does not verify on top of a child of another circuit', async () => {
    const rogue = await rogueCircuit(circuits.batch);
    const lie = { ...work.statement, newStateRoot: word(666n) };
    const inputs = { statement: statementInput(lie), aggregate_key_hash: circuits.aggregate.keyHash, secret: '3' };
    const { witness } = await new Noir(rogue.program).execute(inputs);
    const { bytecode, settings, verificationKey } = rogue;
    const made = await bb.run((api) =>
      api.circuitProve({
        circuit: { name: 'rogue', bytecode, verificationKey },
        witness: gunzipSync(witness),
        settings,
      }),
    );
    const key = Array.from({ length: verificationKey.length / 32 }, (_, i) =>
      hex(verificationKey.subarray(32 * i, 32 * (i + 1))),
    );
    const final = new Noir(circuits.final.program);
    const child = { statement: statementInput(lie), proof: made.proof.map(hex), key };
    const finalInputs = { statement: statementInput(lie), miner: MINER };

    const openly = final.execute({ ...finalInputs, child: { ...child, key_hash: rogue.keyHash } });
    await expect(openly).rejects.toThrow('child is of another circuit');

    const disguised = { ...child, key_hash: circuits.batch.keyHash };
    const forgedWitness = await final.execute({ ...finalInputs, child: disguised });
    expect((await proves(circuits.final, forgedWitness.witness)).verified).toBe(false);
  });

  /** A circuit with a batch's public inputs that accepts any statement. */
  async function rogueCircuit({ settings }: Circuit): Promise<Omit<Circuit, 'kind' | 'id'>> {
    const directory = await mkdtemp(join(tmpdir(), 'zkpow-rogue-'));
    try {
      const common = new URL('../../rollup-types/transfers/circuits/common', import.meta.url).pathname;
      await mkdir(join(directory, 'src'));
      await writeFile(
        join(directory, 'Nargo.toml'),
        `[package]\nname = "rogue"\ntype = "bin"\nauthors = [""]\n\n[dependencies]\ncommon = { path = "${common}" }\n`,
      );
      await writeFile(
        join(directory, 'src/main.nr'),
        'use common::{poseidon::hash2, statement::Statement};\n' +
          'fn main(statement: pub Statement, aggregate_key_hash: pub Field, secret: Field) {\n' +
          '    assert(secret * secret == 9);\n' +
          '    assert(hash2(statement.old_root, secret) != aggregate_key_hash);\n}\n',
      );
      const json = await runOnThread(new URL('../../provers/backends/noir/compile-thread.ts', import.meta.url), {
        directory,
      });
      const program = z
        .custom<CompiledCircuit>((value) => z.object({ bytecode: z.string() }).safeParse(value).success)
        .parse(JSON.parse(z.string().parse(json)));
      const bytecode = gunzipSync(Buffer.from(program.bytecode, 'base64'));
      const key = await bb.run((api) => api.circuitComputeVk({ circuit: { name: 'rogue', bytecode }, settings }));
      return { settings, program, bytecode, verificationKey: key.bytes, keyHash: hex(key.hash) };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
});
