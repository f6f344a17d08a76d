import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defaultClass, findMachine, type Machine } from '../../activities/proving/slots/machine.js';
import { withMachineDefaults } from '../../workers/settings/prover-defaults.js';

const GIB = 2 ** 30;
const MACHINE: Machine = { cores: 16, memoryBytes: 64 * GIB, gpus: [], gpuTroubles: [] };
const GPU = { name: 'NVIDIA L4', memoryMib: 23_034 };

/** Makes a directory that is gone after the test. */
function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'zkpow-machine-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('a machine', () => {
  test('has cores and memory, and no GPUs where nvidia-smi is missing', async () => {
    const machine = await findMachine({ PATH: directory() });
    expect(machine).toMatchObject({ gpus: [], gpuTroubles: [] });
    expect(machine.cores).toBeGreaterThan(0);
    expect(machine.memoryBytes).toBeGreaterThan(0);
  });

  test('proves with its GPUs only what is meant for them', () => {
    const withGpu = { ...MACHINE, gpus: [GPU] };
    expect(defaultClass(withGpu, ['gpu', 'cpu'])).toBe('gpu');
    expect(defaultClass(withGpu, ['cpu'])).toBe('cpu');
    expect(defaultClass(MACHINE, ['gpu'])).toBe('cpu');
  });
});

describe('class and slots of a prover', () => {
  const read = (env: NodeJS.ProcessEnv, machine = MACHINE) => {
    const { ZKPOW_HARDWARE_CLASS, ZKPOW_SLOTS } = withMachineDefaults(env, machine);
    return [ZKPOW_HARDWARE_CLASS, ZKPOW_SLOTS];
  };

  test('are those of the settings where they are set', () => {
    expect(read({ ZKPOW_HARDWARE_CLASS: 'gpu', ZKPOW_SLOTS: '7' })).toEqual(['gpu', '7']);
    // What is wrong is told by whoever reads it.
    expect(read({ ZKPOW_HARDWARE_CLASS: 'tpu' })).toEqual(['tpu', '1']);
  });

  test('are one a GPU in class gpu, and one for the whole machine in class cpu or with noir', () => {
    const withGpus = { ...MACHINE, gpus: [GPU, GPU, GPU] };
    const simulated = { ZKPOW_PROVER: 'simulated', ZKPOW_HARDWARE_CLASS: 'gpu' };
    expect(read(simulated, withGpus)).toEqual(['gpu', '3']);
    expect(read({ ...simulated, ZKPOW_PROVER: 'noir' }, withGpus)).toEqual(['gpu', '1']);
    expect(read({ ZKPOW_HARDWARE_CLASS: 'gpu' }, withGpus)).toEqual(['gpu', '1']);
    expect(read({}, withGpus)).toEqual(['cpu', '1']);
    expect(read({ ZKPOW_HARDWARE_CLASS: 'gpu' })).toEqual(['gpu', '1']);
  });

  test('are as many as there is room for where a prover command says what a proof takes', () => {
    const path = join(directory(), 'command.json');
    const env = { ZKPOW_PROVER: 'command', ZKPOW_PROVER_COMMAND: path };
    expect(read(env)).toEqual(['cpu', '1']);
    writeFileSync(path, JSON.stringify({ proofSystem: 'x', coresPerProof: 2 }));
    expect(read(env)).toEqual(['cpu', '8']);
    writeFileSync(path, JSON.stringify({ proofSystem: 'x', coresPerProof: 2, memoryGiBPerProof: 24 }));
    expect(read(env)).toEqual(['cpu', '2']);
    writeFileSync(path, JSON.stringify({ proofSystem: 'x', memoryGiBPerProof: 24 }));
    expect(read(env)).toEqual(['cpu', '1']);
  });
});
