import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkMachine } from '../../workers/check/check-machine.js';

const GIB = 2 ** 30;

/** What is said of the memory of a machine, or a container, that may have so much. */
async function memoryLine(slots: number, memoryGiB: number, description?: object) {
  const cache = mkdtempSync(join(tmpdir(), 'zkpow-check-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const proverCommand = join(cache, 'command.json');
  if (description) writeFileSync(proverCommand, JSON.stringify(description));
  const settings = { cache, slots, hardwareClass: 'cpu', prover: description ? 'command' : 'simulated' } as const;
  const machine = { cores: 64, memoryBytes: memoryGiB * GIB, gpus: [], gpuTroubles: [] };
  const lines = await checkMachine({ ...settings, proverCommand }, machine);
  return lines.find(({ subject }) => subject === 'memory');
}

test('memory is what the machine may have, not all that is built in', async () => {
  expect(await memoryLine(2, 3)).toMatchObject({ ok: true, text: '3.0 GiB, for 2 slots' });
  expect(await memoryLine(4, 3)).toMatchObject({ ok: false, text: expect.stringContaining('set ZKPOW_SLOTS to 2') });
  expect(await memoryLine(1, 1)).toMatchObject({ ok: false, text: expect.stringContaining('needs more memory') });
});

test('a proof takes as much memory as the prover command says', async () => {
  const description = { proofSystem: 'mine', memoryGiBPerProof: 24 };
  expect(await memoryLine(2, 64, description)).toMatchObject({ ok: true });
  const tooMany = await memoryLine(3, 64, description);
  expect(tooMany).toMatchObject({ ok: false, text: expect.stringMatching(/about 24 GiB each: set ZKPOW_SLOTS to 2/) });
  expect(await memoryLine(8, 2, { ...description, memoryGiBPerProof: 0.25 })).toMatchObject({ ok: true });
});
