import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readEnvironment, readSettings } from '../platform/settings/settings.js';
import { settings } from '../platform/settings/settings-table.js';
import { cachedDirectory } from '../local-stack/cache.js';
import { runCommand } from '../local-stack/run-command.js';

const HELP = `npm run check:deployment

Reads the deployment files with the tools of those who will: Docker Compose's loader, BuildKit's Dockerfile linter,
Prometheus' promtool (rules and their unit tests), systemd-analyze. Needs no container engine; the first three are built
with Go once, about 8 minutes, and kept in the cache. "npm test" holds the same files to what the project itself has.`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = fileURLToPath(new URL('./check-deployment/', import.meta.url));
const PROMETHEUS = join(ROOT, 'deploy/prometheus');
/** Variables without a default in docker-compose.yml: any value will do. */
const REQUIRED = { ZKPOW_MINER: `0x${'00'.repeat(20)}`, ZKPOW_CHAIN_ID: '1' };

interface Check {
  what: string;
  command: string;
  args: readonly string[];
  directory?: string;
}

await runCommand(async () => {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) return console.log(HELP);
  const { cache } = readSettings(readEnvironment(), settings.pick({ cache: true }));
  const linter = await findTool(cache, 'linter', '.');
  const promtool = await findTool(cache, 'promtool', 'github.com/prometheus/prometheus/cmd/promtool');
  const units = readdirSync(join(ROOT, 'deploy/systemd')).map((name) => join('deploy/systemd', name));
  const remote = ['docker-compose.yml', 'deploy/compose.remote.yml'];
  const prometheus = { command: promtool, directory: PROMETHEUS };
  const checks: Check[] = [
    { what: 'docker-compose.yml', command: linter, args: ['compose', 'docker-compose.yml'] },
    { what: 'docker-compose.yml with deploy/compose.remote.yml', command: linter, args: ['compose', ...remote] },
    {
      what: 'docker-compose.yml with deploy/compose.gpu.yml',
      command: linter,
      args: ['compose', 'docker-compose.yml', 'deploy/compose.gpu.yml'],
    },
    { what: 'Dockerfile', command: linter, args: ['dockerfile', 'Dockerfile'] },
    { what: 'Prometheus configuration', ...prometheus, args: ['check', 'config', '--syntax-only', 'prometheus.yml'] },
    { what: 'alert rules', ...prometheus, args: ['check', 'rules', '--lint-fatal', 'alerts.yml'] },
    { what: 'unit tests of the alert rules', ...prometheus, args: ['test', 'rules', 'alerts.test.yml'] },
    { what: 'systemd units', command: 'systemd-analyze', args: ['verify', ...units] },
  ];
  const failed = checks.filter((check) => !passes(check));
  if (failed.length > 0) throw new Error(`${failed.length} of ${checks.length} checks have failed`);
});

function passes({ what, command, args, directory = ROOT }: Check): boolean {
  const result = spawnSync(command, args, { encoding: 'utf8', cwd: directory, env: { ...process.env, ...REQUIRED } });
  const output = result.error ? `${result.error.message}: it cannot be checked here` : result.stdout + result.stderr;
  const isWell = result.status === 0;
  console.log(`${isWell ? 'ok    ' : 'wrong '} ${what}`);
  if (!isWell) console.log(output.trim().replaceAll(/^/gm, '       '));
  return isWell;
}

/** A Go program in a folder beside this file, with its versions pinned there; made once for each state of them. */
async function findTool(cache: string, name: string, packagePath: string): Promise<string> {
  const directory = join(SOURCES, name);
  const hash = createHash('sha256');
  for (const file of readdirSync(directory).sort()) hash.update(file).update(readFileSync(join(directory, file)));
  const digest = hash.digest('hex').slice(0, 16);
  const made = await cachedDirectory(cache, `check-deployment-${name}-${digest}`, async (unfinished) => {
    console.log(`Building ${name}, once`);
    const args = ['build', '-buildvcs=false', '-ldflags', '-s -w', '-o', join(unfinished, name), packagePath];
    const { status, error, stderr } = spawnSync('go', args, { cwd: directory, encoding: 'utf8' });
    if (status !== 0)
      throw new Error(`${name} cannot be built with Go (https://go.dev/dl): ${error?.message ?? stderr}`);
  });
  return join(made, name);
}
