import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from './cache.js';
import type { Home } from './home.js';
import { lastLines } from './log-file.js';
import { nodeProgram } from './node-program.js';
import { startProcess, type ProcessExit } from './processes.js';

/** The newest tag whose module file holds no `replace` lines, which a build of another module would leave out. Server 1.29.1. */
const CLI_VERSION = 'v1.5.1';
/**
 * Newer than the CLI asks for: with its own v1.34.1 a connection to the database whose query ran into its time limit, as
 * on a busy machine, stays in use, and every query fails with `interrupted (9)` from then on.
 */
const SQLITE_DRIVER_VERSION = 'v1.51.0';
const MINIMUM_SERVER = { major: 1, minor: 29 };
const CACHE_NAME = `temporal-cli-${CLI_VERSION}-sqlite-${SQLITE_DRIVER_VERSION}`;
/** Go takes the lowest versions that all of these allow, so they fix every other one. */
const GO_MODULE = `module zkpow.invalid/temporal

go 1.25.0

require (
	github.com/temporalio/cli ${CLI_VERSION}
	modernc.org/sqlite ${SQLITE_DRIVER_VERSION}
)
`;
const DOWNLOAD_LIMIT_MS = 180_000;
const PROGRESS_MS = 15_000;

export interface FindTemporalOptions {
  home: Home;
  cache: string;
  env: NodeJS.ProcessEnv;
  /** Told in words what takes long. */
  report: (line: string) => void;
}

/**
 * The `temporal` program: the one on the PATH, else the one in the cache, which is downloaded by the SDK or, where the
 * network keeps that away, built with Go; both only once.
 */
export async function findTemporal(options: FindTemporalOptions): Promise<string> {
  const onPath = serverVersion('temporal', options.env);
  if (onPath !== undefined && isNewEnough(onPath)) return 'temporal';
  if (onPath !== undefined) {
    options.report(`The temporal program on the PATH has server ${onPath}; 1.29 or newer is needed: using another one`);
  }
  const directory = await cachedDirectory(
    options.cache,
    CACHE_NAME,
    (unfinished) => makeTemporal(unfinished, options),
    () => options.report('Waiting for another process that makes the Temporal server'),
  );
  return join(directory, 'temporal');
}

/** The version of the server inside a `temporal` program, undefined where there is no such program. */
function serverVersion(program: string, env: NodeJS.ProcessEnv): string | undefined {
  const result = spawnSync(program, ['--version'], { encoding: 'utf8', env });
  return result.error ? undefined : /Server (\d+\.\d+[\w.-]*)/.exec(result.stdout)?.[1];
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MINIMUM_SERVER.major || (major === MINIMUM_SERVER.major && minor >= MINIMUM_SERVER.minor);
}

async function makeTemporal(directory: string, options: FindTemporalOptions): Promise<void> {
  const program = join(directory, 'temporal');
  options.report(`Downloading the Temporal server (CLI ${CLI_VERSION})`);
  const downloaded = await downloadTemporal(program, options);
  if (!downloaded.ok) {
    options.report(`The download failed (${downloaded.reason}); building it with Go instead, once: about 5 minutes`);
    await buildTemporal(program, options, downloaded.reason);
  }
  if (serverVersion(program, options.env) === undefined) throw new Error(`${program} does not run (tried --version)`);
}

async function downloadTemporal(
  program: string,
  { home, env }: FindTemporalOptions,
): Promise<{ ok: true } | { ok: false; reason: string }> {
  const directory = `${program}-download`;
  mkdirSync(directory);
  const logFile = join(home.logs, 'temporal-download.log');
  rmSync(logFile, { force: true });
  const script = fileURLToPath(new URL('./download-temporal.ts', import.meta.url));
  const { command, args } = nodeProgram(script, [CLI_VERSION, directory]);
  const download = await startProcess({
    name: 'temporal-download',
    command,
    args,
    env,
    runDirectory: home.run,
    logFile,
  });
  const tooLong = setTimeout(() => void download.stop(), DOWNLOAD_LIMIT_MS);
  const exit = await download.exited;
  clearTimeout(tooLong);
  await download.stop();
  // Whether the server also started in time does not matter here.
  const file = readdirSync(directory).find((name) => serverVersion(join(directory, name), env) !== undefined);
  if (file !== undefined) renameSync(join(directory, file), program);
  rmSync(directory, { recursive: true, force: true });
  if (file !== undefined) return { ok: true };
  const reason = exit.signal ? `none after ${DOWNLOAD_LIMIT_MS / 1000} s` : downloadError(lastLines(logFile, 40));
  return { ok: false, reason };
}

/** The innermost cause in the SDK's message, which says the same several times over. */
function downloadError(log: string): string {
  const message = /Failed to start ephemeral server: (.*)/.exec(log)?.[1] ?? log;
  return (message.split(': ').at(-1) ?? message).replace(/[^\w)]+$/, '');
}

async function buildTemporal(program: string, options: FindTemporalOptions, downloadReason: string): Promise<void> {
  const { home, env, report } = options;
  const go = spawnSync('go', ['version'], { encoding: 'utf8', env });
  if (go.error) {
    throw new Error(
      `There is no Temporal server: none on the PATH, its download failed (${downloadReason}), and there is no Go to build it.\n` +
        'Do one of these: install the Temporal CLI (https://docs.temporal.io/cli), install Go (https://go.dev/dl), ' +
        'or set TEMPORAL_ADDRESS to a running server.',
    );
  }
  const logFile = join(home.logs, 'temporal-build.log');
  rmSync(logFile, { force: true });
  const workingDirectory = `${program}-build`;
  mkdirSync(workingDirectory);
  writeFileSync(join(workingDirectory, 'go.mod'), GO_MODULE);
  const build = await startProcess({
    name: 'temporal-build',
    command: 'go',
    args: ['build', '-mod=mod', '-ldflags', '-s -w', '-o', program, 'github.com/temporalio/cli/cmd/temporal'],
    env,
    workingDirectory,
    runDirectory: home.run,
    logFile,
  });
  const exit = await waitReporting(build.exited, (seconds) =>
    report(`Building the Temporal server: ${seconds} s so far`),
  );
  await build.stop();
  rmSync(workingDirectory, { recursive: true, force: true });
  if (exit.code !== 0 || !existsSync(program)) {
    throw new Error(
      `Building the Temporal server failed (${go.stdout.trim()}). The last lines of ${logFile}:\n${lastLines(logFile)}\n` +
        'Install the Temporal CLI (https://docs.temporal.io/cli) or set TEMPORAL_ADDRESS to a running server.',
    );
  }
}

async function waitReporting(exited: Promise<ProcessExit>, report: (seconds: number) => void): Promise<ProcessExit> {
  const start = Date.now();
  const timer = setInterval(() => report(Math.round((Date.now() - start) / 1000)), PROGRESS_MS);
  try {
    return await exited;
  } finally {
    clearInterval(timer);
  }
}
