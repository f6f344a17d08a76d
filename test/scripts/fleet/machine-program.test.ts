import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCommandBackend } from '../../../provers/backends/command/command-backend.js';
import { readCommandSettings } from '../../../provers/backends/command/command-settings.js';
import type { ProofRequest, ProverBackend } from '../../../domain/prover-backend.js';
import { createSimulatedBackend } from '../../../provers/backends/simulated/simulated-backend.js';
import { createMachineProgram, type Fault, type MachineProgram } from '../../../lab/scenarios/fleet/machine-program.js';
import { MINER, quietly } from '../../provers/support.js';
import { ROLLUP, word } from '../../transfers/support.js';

const statement = {
  ...{ ...ROLLUP, firstBatch: 3, lastBatch: 3, oldStateRoot: word(1n), newStateRoot: word(2n) },
  ...{ oldAccInputHash: word(3n), newAccInputHash: word(4n) },
};
const batch: ProofRequest = { kind: 'batch', statement, input: randomBytes(8) };
const everywhere = { kinds: null, batch: null };

let directory: string;
let program: MachineProgram;
let backend: ProverBackend;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'zkpow-fleet-'));
  program = createMachineProgram('m1', directory, {
    secondsByKind: { batch: 0, aggregate: 0, final: 0 },
    faults: [],
  });
  backend = await createCommandBackend(await readCommandSettings(program.descriptionFile));
});
afterEach(async () => {
  await backend.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("the program of a scenario's machine", () => {
  test('makes proofs that the simulated proof system takes, and notes what it does', async () => {
    const simulated = createSimulatedBackend();
    const proof = await backend.prove(batch, quietly());
    expect(await simulated.verify({ kind: 'batch', statement, proof })).toBe(true);
    const final = await backend.prove(
      { kind: 'final', statement, miner: MINER, child: { kind: 'batch', statement, proof } },
      quietly(),
    );
    expect(await simulated.verify({ kind: 'final', statement, miner: MINER, proof: final })).toBe(true);
    expect(program.ledger()).toMatchObject([
      { event: 'begun', machine: 'm1', kind: 'batch', firstBatch: 3, lastBatch: 3 },
      { event: 'made', kind: 'batch' },
      { event: 'begun', kind: 'final' },
      { event: 'made', kind: 'final' },
    ]);
  });

  test.each<Fault['does']>(['rubbish', 'proof of another batch'])('%s does not verify', async (does) => {
    program.set({ faults: [{ does, ...everywhere }] });
    const proof = await backend.prove(batch, quietly());
    expect(await createSimulatedBackend().verify({ kind: 'batch', statement, proof })).toBe(false);
  });

  test.each<[Fault['does'], string]>([
    ['no memory', 'OutOfMemoryError'],
    ['killed for its memory', 'OutOfMemoryError'],
    ['bad input', 'BadInputError'],
    ['fails', 'ProverUnavailableError'],
  ])('%s is told as %s', async (does, name) => {
    program.set({ faults: [{ does, words: 'why', ...everywhere }] });
    await expect(backend.prove(batch, quietly())).rejects.toMatchObject({ name });
  });

  test('a fault of other tasks leaves this one alone', async () => {
    program.set({
      faults: [
        { does: 'fails', kinds: ['final'], batch: null },
        { does: 'fails', kinds: null, batch: 4 },
      ],
    });
    await expect(backend.prove(batch, quietly())).resolves.toHaveLength(64);
  });

  test('one that hangs ends by force when nobody waits for it any more', async () => {
    program.set({ faults: [{ does: 'hangs', ...everywhere }] });
    const giveUp = new AbortController();
    const proving = backend.prove(batch, { signal: giveUp.signal, progress: () => undefined });
    const ended = expect(proving).rejects.toThrow('enough');
    await expect.poll(() => program.ledger()).toHaveLength(1);
    giveUp.abort(new Error('enough'));
    await ended;
    expect(() => process.kill(program.ledger()[0]?.pid ?? 0, 0)).toThrow('ESRCH');
  });
});
