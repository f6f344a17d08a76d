import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { settings } from '../../platform/settings/settings-table.js';
import { infoOf } from '../../platform/settings/settings.js';
import { readProverSettings } from '../../workers/prover.js';
import { projectFileExists, readCompose, readProjectFile, variablesIn, type ComposeService } from './project-files.js';

const COMPOSE = 'docker-compose.yml';
const compose = readCompose(COMPOSE);
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build);
const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readProjectFile('package.json')));
const WORKERS = ['aggregator', 'sender', 'prover', 'gateway'];

function dependenciesOf({ depends_on: names }: ComposeService): string[] {
  return Array.isArray(names) ? names : Object.keys(names);
}

describe('docker-compose.yml', () => {
  test('has every part of a miner', () => {
    const parts = ['postgres', 'temporal', 'temporal-ui', 'prometheus', 'grafana', 'tools', 'set-up', ...WORKERS];
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(parts));
  });

  test('refers only to services, networks, volumes and secrets that it defines, and defines none in vain', () => {
    const used = { networks: new Set<string>(), volumes: new Set<string>(), secrets: new Set<string>() };
    for (const [name, service] of services) {
      expect(Object.keys(compose.services), name).toEqual(expect.arrayContaining(dependenciesOf(service)));
      service.networks.forEach((network) => used.networks.add(network));
      service.secrets.forEach((secret) => used.secrets.add(secret));
      for (const volume of service.volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) expect(projectFileExists(source), `${name}: ${source}`).toBe(true);
        else used.volumes.add(source);
      }
    }
    for (const kind of ['networks', 'volumes', 'secrets'] as const) {
      expect([...used[kind]].sort(), kind).toEqual(Object.keys(compose[kind]).sort());
    }
  });

  test('names an exact version of every image that is not built here', () => {
    for (const [name, { image, build }] of services) {
      if (!build) expect(image, name).toMatch(/^[\w./-]+:v?\d+\.\d+(\.\d+)?[\w.-]*$/);
    }
  });

  test('builds targets that the Dockerfile has, and runs commands that there are', () => {
    const stages = [...readProjectFile('Dockerfile').matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage);
    for (const [name, { build, command }] of ours) {
      expect(stages, name).toContain(build?.target);
      const [script] = command ?? [];
      if (build?.target === 'tools' && script) expect(Object.keys(scripts.scripts)).toContain(script);
    }
    expect(stages).toEqual(expect.arrayContaining([...WORKERS, 'tools']));
  });

  test('holds no secret: keys and passwords come from files that git does not see', () => {
    const ignored = readProjectFile('.gitignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env', 'deploy/secrets/']));
    const secretNames = Object.entries(settings.shape)
      .map(([name, schema]) => infoOf(name, schema))
      .flatMap(({ env, secret }) => (secret ? [env] : []));
    for (const [name, { environment }] of services) {
      for (const [variable, value] of Object.entries(environment)) {
        expect(secretNames, name).not.toContain(variable);
        if (/PASSWORD|KEY|SECRET|DATABASE_URL|RPC_URL/.test(variable)) expect(value, variable).toMatch(/^\/run\//);
      }
    }
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/deploy\/secrets\/\w+$/);
    expect(readProjectFile(COMPOSE)).not.toMatch(/0x[0-9a-f]{40,}/i);
  });

  test('has every secret made or asked for by deploy/make-secrets.sh', () => {
    const script = readProjectFile('deploy/make-secrets.sh');
    for (const name of Object.keys(compose.secrets)) expect(script).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test('gives our processes only variables that mean something to them', () => {
    const known = new Set(Object.entries(settings.shape).map(([name, schema]) => infoOf(name, schema).env));
    for (const [name, { environment }] of ours) {
      for (const variable of Object.keys(environment)) {
        const meant = known.has(variable) || known.has(variable.replace(/_FILE$/, '')) || /^TEMPORAL_/.test(variable);
        expect(meant, `${name}: ${variable}`).toBe(true);
      }
    }
  });

  test('explains every variable in deploy/example.env, which explains no other', () => {
    const explained = [...readProjectFile('deploy/example.env').matchAll(/^(?:# )?([A-Z_0-9]+)=/gm)];
    expect(explained.map(([, name]) => name).sort()).toEqual([...variablesIn(readProjectFile(COMPOSE))].sort());
  });

  test('publishes ports on the loopback interface unless told otherwise, each once', () => {
    const published = services.flatMap(([, { ports }]) => ports);
    for (const port of published)
      expect(port).toMatch(/^(127\.0\.0\.1|\$\{ZKPOW_PUBLISH_ADDRESS:-127\.0\.0\.1\}):\d+:\d+$/);
    const numbers = published.map((port) => port.split(':').at(-2));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("keeps the miner's key and database from provers", () => {
    for (const name of ['prover', 'gateway']) {
      const service = compose.services[name];
      expect(service?.secrets).toEqual([]);
      expect(service?.environment['DATABASE_URL_FILE']).toBe('/run/prover/database-url');
    }
    const holders = services.flatMap(([name, { secrets }]) => (secrets.includes('keystore') ? [name] : []));
    expect(holders.sort()).toEqual(['sender', 'tools']);
  });

  test('leaves provers the time to finish the proof in hand', () => {
    for (const name of ['prover', 'gateway']) expect(compose.services[name]?.stop_grace_period).toBe('16m');
  });
});

test('the gateway has a login of its own: a bad proof of it must not set the provers of this machine aside', () => {
  const loginOf = (name: string) => compose.services[name]?.volumes.find((volume) => volume.includes(':/run/prover'));
  expect(loginOf('prover')).toBe('prover-login:/run/prover:ro');
  expect(loginOf('gateway')).toBe('gateway-login:/run/prover:ro');
  expect(loginOf('set-up-gateway')).toBe('gateway-login:/run/prover');
  const nameIn = (service: string) => compose.services[service]?.command?.[3];
  expect(nameIn('set-up-gateway')).not.toBe(nameIn('set-up'));
});

test('every service is started again by itself, but for the command line', () => {
  for (const [name, { restart }] of Object.entries(compose.services)) {
    if (name === 'tools') continue;
    const endsByItself = ['temporal-schema', 'set-up', 'set-up-gateway'].includes(name);
    expect(restart, name).toBe(endsByItself ? 'on-failure' : 'unless-stopped');
  }
});

test('a prover finds out its class and slots itself unless it is told', async () => {
  expect(compose.services['prover']?.environment).toMatchObject({
    ZKPOW_SLOTS: '${ZKPOW_SLOTS:-}',
    ZKPOW_HARDWARE_CLASS: '${ZKPOW_HARDWARE_CLASS:-}',
  });
  const { given } = await readProverSettings({
    ...{ ZKPOW_SLOTS: '', ZKPOW_HARDWARE_CLASS: '', ZKPOW_PROVER_COMMAND: '', PATH: '' },
    ...{ DATABASE_URL: 'postgresql://host/zkpow', TEMPORAL_ADDRESS: 'host:7233' },
  });
  const { slots, hardwareClass } = given;
  expect({ slots, hardwareClass }).toEqual({ slots: 1, hardwareClass: 'cpu' });
});

test('what each kind of proof system needs reaches those who ask for it; the gateway has no rollup type by default', () => {
  const environmentOf = (name: string) => compose.services[name]?.environment ?? {};
  for (const name of ['aggregator', 'prover', 'gateway']) {
    expect(environmentOf(name), name).toHaveProperty('ZKPOW_PROVER_COMMAND', '${ZKPOW_PROVER_COMMAND:-}');
    expect(compose.services[name]?.volumes).toContain('./deploy/prover-command:/etc/zkpow/prover-command:ro');
  }
  for (const name of ['aggregator', 'gateway']) {
    expect(environmentOf(name), name).toHaveProperty('ZKPOW_FORK_ID', '${ZKPOW_FORK_ID:-}');
  }
  expect(environmentOf('gateway')['ZKPOW_ROLLUP_TYPE']).toBe('${ZKPOW_ROLLUP_TYPE:-}');
});

test('the points of the trusted set-up, fetched once, outlive the container', () => {
  for (const name of ['aggregator', 'prover']) {
    expect(compose.services[name]?.volumes).toContain('trusted-setup:/home/node/.bb-crs');
  }
  expect(readProjectFile('Dockerfile')).toContain('/home/node/.bb-crs\n');
});

test('deploy/compose.gpu.yml hands graphics cards to the prover and changes nothing else', () => {
  expect(parse(readProjectFile('deploy/compose.gpu.yml'))).toEqual({
    services: {
      prover: {
        deploy: {
          resources: { reservations: { devices: [{ driver: 'nvidia', count: 'all', capabilities: ['gpu'] }] } },
        },
      },
    },
  });
});

describe('deploy/compose.remote.yml', () => {
  const text = readProjectFile('deploy/compose.remote.yml');
  const overlay = z.looseObject({
    volumes: z.array(z.string()).default([]),
    ports: z.array(z.string()).default([]),
  });
  const remote = z.object({ services: z.record(z.string(), overlay) }).parse(parse(text, { merge: true })).services;
  const keysOf = (name: string): string[] =>
    (remote[name]?.volumes ?? []).flatMap((volume) => /^\.\/deploy\/tls\/([^:]*\.key):/.exec(volume)?.[1] ?? []);

  test('turns TLS on for services that there are, and publishes nothing but the database', () => {
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(remote)));
    expect(Object.keys(remote)).toEqual(
      expect.arrayContaining(['postgres', 'temporal', ...ours.map(([name]) => name)]),
    );
    expect(Object.values(remote).flatMap(({ ports }) => ports)).toEqual([
      '${ZKPOW_PUBLISH_ADDRESS:-127.0.0.1}:5432:5432',
    ]);
    expect([...variablesIn(readProjectFile(COMPOSE))]).toEqual(expect.arrayContaining([...variablesIn(text)]));
  });

  test('gives each server its own key, and nobody a folder of keys or that of the authority', () => {
    for (const [name, { volumes }] of Object.entries(remote)) {
      for (const volume of volumes) {
        expect(volume, name).toMatch(/^\.\/deploy\/(tls|postgres)\/[\w-]+\.(crt|key|sh|conf):\/[\w/.-]+:ro$/);
        expect(volume).not.toContain('ca.key');
      }
      const own = name === 'postgres' || name === 'temporal' ? name : 'miner';
      expect(keysOf(name), name).toEqual([`${own}.key`]);
    }
  });
});

describe('Dockerfile', () => {
  const lines = readProjectFile('Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const copied = lines.flatMap((line) => /^COPY (.+) \S+$/.exec(line)?.[1]?.split(' ') ?? []);

  test('copies only what is there and what .dockerignore lets through', () => {
    const allowed = [...readProjectFile('.dockerignore').matchAll(/^!(\S+)$/gm)].map(([, path]) => path);
    expect(copied.length).toBeGreaterThan(5);
    for (const source of copied) {
      expect(projectFileExists(source), source).toBe(true);
      expect(allowed, source).toContain(source);
    }
    expect([...copied].sort()).toEqual([...allowed].sort());
  });

  test('copies every folder of sources that a worker or a command loads', () => {
    expect(copied).toEqual(
      expect.arrayContaining([
        ...['domain', 'platform', 'workflows', 'activities', 'contracts', 'rollup-types', 'provers', 'workers'],
        ...['scripts', 'local-stack'],
      ]),
    );
  });

  test('names an exact Node version that the project accepts, and runs as nobody special', () => {
    const version = /^FROM node:(\d+)\.(\d+)\.\d+-\w+-slim AS project$/m.exec(lines.join('\n'));
    expect(Number(version?.[1]) * 100 + Number(version?.[2])).toBeGreaterThanOrEqual(2019);
    expect(lines).toContain('USER node');
    expect(lines.join('\n')).not.toMatch(/^ADD |^USER root/m);
  });

  test('starts workers by the command that package.json has, without a shell that would keep signals from them', () => {
    expect(scripts.scripts['worker']).toBe('tsx workers/main.ts');
    expect(lines).toContain('ENTRYPOINT ["node", "--import", "tsx", "workers/main.ts"]');
    for (const role of WORKERS) expect(lines).toContain(`CMD ["${role}"]`);
  });
});
