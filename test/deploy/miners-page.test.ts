import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ROOT, readProjectFile } from './project-files.js';

// What docs/miners.md tells a person to type.
const page = readProjectFile('docs/miners.md');
const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== ''),
);
const blockWith = (text: string): string[] => blocks.find((lines) => lines.some((line) => line.includes(text))) ?? [];

describe('from a bare machine to proving', () => {
  test.each(['docker run -d', 'systemctl enable'])('takes five commands (%s)', (last) => {
    const commands = blockWith(last);
    expect(commands).toHaveLength(5);
    expect(commands[3]).toMatch(/ prover --check$/);
  });

  test('no shell reads the settings: it would take the & of DATABASE_URL for its own', () => {
    for (const line of blocks.flat()) expect(line).not.toMatch(/(^|[\s;(])(\.|source) \S*\.env/);
  });

  test('the check under systemd runs as the unit does', () => {
    const check = blockWith('systemctl enable')[3] ?? '';
    const unit = readProjectFile('deploy/systemd/zkpow-prover.service');
    const valueOf = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? 'missing';
    for (const key of ['User', 'EnvironmentFile', 'WorkingDirectory', 'StateDirectory', 'CacheDirectory']) {
      expect(check).toContain(` -p ${key}=${valueOf(key)} `);
    }
    const [, ...variables] = valueOf('Environment').split(' ');
    for (const variable of variables) expect(check).toContain(` -E ${variable} `);
    expect(check.endsWith(`${valueOf('ExecStart')} --check`)).toBe(true);
  });
});

describe('the certificates', () => {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-page-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const tls = join(directory, 'tls');
  const modeOf = (path: string): number => statSync(join(tls, path)).mode & 0o777;

  test('that the page has made are all that deploy/compose.remote.yml mounts, and hold for the names used there', () => {
    const commands = blocks.flat().filter((line) => line.startsWith('deploy/make-certificates.sh'));
    expect(commands.length).toBeGreaterThanOrEqual(4);
    for (const command of new Set(commands)) {
      const args = command.replace('deploy/tls', tls).replace('HOST', 'miner.example').split(' ').slice(1);
      execFileSync(join(ROOT, 'deploy/make-certificates.sh'), args, { stdio: 'pipe' });
    }
    const mounted = readProjectFile('deploy/compose.remote.yml').matchAll(/- \.\/deploy\/tls\/([^:]+):/g);
    expect(readdirSync(tls)).toEqual(expect.arrayContaining([...mounted].map(([, file]) => file)));

    const authority = new X509Certificate(read('ca.crt'));
    for (const server of ['temporal', 'postgres']) {
      const certificate = new X509Certificate(read(`${server}.crt`));
      for (const host of [server, 'miner.example']) expect(certificate.checkHost(host)).toBe(host);
      expect(certificate.verify(authority.publicKey)).toBe(true);
    }
  });

  test('lie where only their owner comes, the key of the authority apart from all that is handed out', () => {
    expect(readdirSync(tls)).not.toContain('ca.key');
    expect(readdirSync(join(tls, 'authority'))).toEqual(['ca.key']);
    expect([modeOf('.'), modeOf('authority'), modeOf('authority/ca.key')]).toEqual([0o700, 0o700, 0o600]);
  });

  function read(name: string): Buffer {
    return readFileSync(join(tls, name));
  }
});
