import { expect, test } from 'vitest';
import { runScript } from '../scripts/run-script.js';

test('a prover for an unknown rollup type and class: both are named, with what there is', async () => {
  const args = ['prover', '--rollup-type', 'nonsense', '--class', 'tpu', '--backend', 'abacus'];
  const { code, stderr } = await runScript('workers/main.ts', args, { ZKPOW_HOME: '/nonexistent' });
  expect(code).toBe(2);
  expect(stderr).toMatch(/ZKPOW_ROLLUP_TYPE: .*"nonsense".*transfers/);
  expect(stderr).toMatch(/ZKPOW_HARDWARE_CLASS is "tpu": expected cpu or gpu/);
  expect(stderr).toMatch(/ZKPOW_PROVER is "abacus": expected noir, simulated, command or zkevm-prover/);
}, 60_000);
