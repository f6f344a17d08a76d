import { describe, expect, it } from 'vitest';
import { parseWorkerCommand, type Role } from '../../workers/command-line.js';

const PROVER: Role = {
  name: 'prover',
  summary: 'Makes proofs',
  settingsOf: 'prover',
  flags: { slots: { value: 'N', env: 'ZKPOW_SLOTS', description: 'proofs at a time' } },
};
const ROLES: Role[] = [PROVER, { name: 'sender', summary: 'Sends', settingsOf: 'sender', flags: {} }];

describe('parseWorkerCommand', () => {
  it('gives a flag the same meaning as its setting, and more weight', () => {
    const command = parseWorkerCommand(['prover', '--slots', '4'], ROLES, { ZKPOW_SLOTS: '1', OTHER: 'kept' });
    expect(command).toEqual({ role: PROVER, env: { ZKPOW_SLOTS: '4', OTHER: 'kept' } });
  });

  it('lists the roles where none is named', () => {
    expect(parseWorkerCommand([], ROLES, {})).toMatchObject({ help: expect.stringMatching(/prover[\s\S]*sender/) });
  });

  it("shows a role's flags and the settings it reads, with their defaults", () => {
    const command = parseWorkerCommand(['prover', '--help'], ROLES, {});
    expect(command).toMatchObject({ help: expect.stringContaining('--slots N') });
    expect(command).toMatchObject({
      help: expect.stringMatching(/DATABASE_URL[\s\S]*ZKPOW_HARDWARE_CLASS.*Default: cpu/),
    });
  });

  it("does not show a prover the setting of the miner's key", () => {
    expect(JSON.stringify(parseWorkerCommand(['prover', '--help'], ROLES, {}))).not.toContain('ZKPOW_PRIVATE_KEY');
    expect(JSON.stringify(parseWorkerCommand(['sender', '--help'], ROLES, {}))).toContain('ZKPOW_PRIVATE_KEY');
  });

  it('leaves no key in the environment of a worker that has no use for it', () => {
    const wallet = { ZKPOW_PRIVATE_KEY: '1', ZKPOW_KEYSTORE: '2', ZKPOW_KEYSTORE_PASSWORD_FILE: '3' };
    const env = { ...wallet, ZKPOW_SEQUENCER_KEY: '4', OTHER: 'kept' };
    expect(parseWorkerCommand(['prover'], ROLES, env)).toEqual({ role: PROVER, env: { OTHER: 'kept' } });
    expect(parseWorkerCommand(['sender'], ROLES, env)).toEqual({ role: ROLES[1], env: { ...wallet, OTHER: 'kept' } });
  });

  it('refuses an unknown role or option and names the known ones', () => {
    expect(() => parseWorkerCommand(['miner'], ROLES, {})).toThrow(
      'There is no worker "miner". Known: prover, sender.',
    );
    expect(() => parseWorkerCommand(['prover', '--cores', '4'], ROLES, {})).toThrow(
      /Unknown option '--cores'.*npm run worker -- prover --help/,
    );
    expect(() => parseWorkerCommand(['sender', 'now'], ROLES, {})).toThrow(/npm run worker -- sender --help/);
  });
});
