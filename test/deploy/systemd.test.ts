import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, projectFileExists, readProjectFile } from './project-files.js';

const DIRECTORY = 'deploy/systemd';
const units = readdirSync(join(ROOT, DIRECTORY)).filter((name) => name.endsWith('.service'));
const hasSystemd = !spawnSync('systemd-analyze', ['--version']).error;

function valuesOf(unit: string, key: string): string[] {
  return readProjectFile(join(DIRECTORY, unit))
    .split('\n')
    .flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
}

test('there is a unit for each kind of worker', () => {
  const roles = ['aggregator', 'gateway', 'prover', 'sender'];
  expect(units.sort()).toEqual(roles.map((role) => `zkpow-${role}.service`));
});

describe.each(units)('%s', (unit) => {
  const role = unit.replace(/^zkpow-|\.service$/g, '');

  // Where systemd is not, its lines are held to the same rules as below and to nothing more.
  test.skipIf(!hasSystemd)('is taken by systemd without a word', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(ROOT, DIRECTORY, unit)], {
      encoding: 'utf8',
    });
    expect(stderr).not.toContain(unit);
    expect(status).toBe(0);
  });

  test('runs its own role, in place of a shell, as a user of its own', () => {
    expect(valuesOf(unit, 'ExecStart')).toEqual([`/usr/bin/env node --import tsx workers/main.ts ${role}`]);
    expect(projectFileExists('workers/main.ts')).toBe(true);
    expect(valuesOf(unit, 'User')).toEqual(['zkpow']);
    expect(valuesOf(unit, 'EnvironmentFile')).toEqual([`/etc/zkpow/${role}.env`]);
    expect(valuesOf(unit, 'LoadCredential')).toContain(`settings:/etc/zkpow/${role}.env`);
    expect(valuesOf(unit, 'Environment')).toContain('ZKPOW_ENV_FILE=%d/settings');
  });

  test('drains: SIGTERM for the worker alone, and time enough for what it has in hand', () => {
    expect(valuesOf(unit, 'KillSignal')).toEqual(['SIGTERM']);
    expect(valuesOf(unit, 'KillMode')).toEqual(['mixed']);
    const longest = ['prover', 'gateway'].includes(role) ? '16min' : '60s';
    expect(valuesOf(unit, 'TimeoutStopSec')).toEqual([longest]);
  });

  test('starts again by itself for as long as it takes, but not with wrong settings', () => {
    expect(valuesOf(unit, 'Restart')).toEqual(['always']);
    expect(valuesOf(unit, 'RestartPreventExitStatus')).toEqual(['2']);
    // With a limit, a server that is away for minutes leaves the unit failed for good.
    expect(valuesOf(unit, 'StartLimitIntervalSec')).toEqual(['0']);
    expect(valuesOf(unit, 'StartLimitBurst')).toEqual([]);
    expect(valuesOf(unit, 'RestartSec')).toEqual(['10s']);
  });

  test('lets Node run: V8 makes memory protection keys, and a call that is refused is no crash', () => {
    expect(valuesOf(unit, 'SystemCallFilter')).toEqual(['@system-service @pkey']);
    expect(valuesOf(unit, 'SystemCallErrorNumber')).toEqual(['EPERM']);
  });

  test('is kept from the rest of the machine', () => {
    for (const key of ['NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'RestrictNamespaces', 'ProtectKernelModules']) {
      expect(valuesOf(unit, key), key).toEqual(['yes']);
    }
    expect(valuesOf(unit, 'ProtectSystem')).toEqual(['strict']);
    expect(valuesOf(unit, 'CapabilityBoundingSet')).toEqual(['']);
    // A GPU is a device.
    expect(valuesOf(unit, 'PrivateDevices')).toEqual(role === 'prover' ? [] : ['yes']);
  });
});

test('only the sender is given the key of the wallet', () => {
  for (const unit of units) {
    const credentials = valuesOf(unit, 'LoadCredential').filter((value) => !value.startsWith('settings:'));
    expect(credentials).toHaveLength(unit === 'zkpow-sender.service' ? 2 : 0);
  }
});
