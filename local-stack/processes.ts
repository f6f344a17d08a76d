import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { lastLines } from './log-file.js';
import { processStartTime } from './process-identity.js';

export interface ProcessOptions {
  /** Names its pid file and, unless `logFile` is given, its log: one live process a name. */
  name: string;
  command: string;
  args: readonly string[];
  /** The whole environment of the process. */
  env: NodeJS.ProcessEnv;
  /** Directory of pid files. */
  runDirectory: string;
  logFile: string;
  workingDirectory?: string;
  /** Parts (servers) are ended after all others, so that these can still finish what they do. */
  role?: 'part' | 'worker';
  /** What asks the process to end. Default SIGTERM. */
  stopSignal?: 'SIGTERM' | 'SIGINT';
  /** Run as this user; only root can. */
  user?: { uid: number; gid: number };
}

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface StartedProcess {
  name: string;
  pid: number;
  logFile: string;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  exited: Promise<ProcessExit>;
  /** Undefined while it runs. */
  exit(): ProcessExit | undefined;
  stop(): Promise<void>;
}

const processRecord = z.object({
  name: z.string(),
  pid: z.number().int().positive(),
  startTime: z.string(),
  role: z.enum(['part', 'worker']),
  stopSignal: z.enum(['SIGTERM', 'SIGINT']),
});
export type ProcessRecord = z.infer<typeof processRecord>;

const STOP_GRACE_MS = 10_000;
const POLL_MS = 25;

/**
 * Starts a process that outlives this one: in a process group of its own (a Ctrl-C at the terminal reaches only this
 * process, which then ends the others in order), its output in a file, its identity in a pid file.
 */
export async function startProcess(options: ProcessOptions): Promise<StartedProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(options.command, options.args, {
    env: options.env,
    detached: true,
    stdio: ['ignore', log, log],
    ...(options.workingDirectory === undefined ? {} : { cwd: options.workingDirectory }),
    ...options.user,
  });
  closeSync(log);

  let exit: ProcessExit | undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => resolve((exit = { code, signal })));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new Error(`cannot start ${options.name} (${options.command}): ${error.message}`)),
    );
  });
  child.unref();
  const pid = child.pid;
  if (pid === undefined)
    throw new Error(`cannot start ${options.name} (${options.command}): the system gave no process id`);

  const record: ProcessRecord = {
    name: options.name,
    pid,
    startTime: processStartTime(pid) ?? '',
    role: options.role ?? 'worker',
    stopSignal: options.stopSignal ?? 'SIGTERM',
  };
  writeRecord(options.runDirectory, record);
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    exited,
    exit: () => exit,
    stop: () => stopRecorded(options.runDirectory, record),
  };
}

/** What to tell about a process that should still run: how it ended, the end of its log, and where the rest is. */
export function describeExit(process: StartedProcess): string {
  const exit = process.exit();
  const how =
    exit === undefined ? 'still runs' : exit.signal ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`;
  return `${process.name} ${how}. The last lines of ${process.logFile}:\n${lastLines(process.logFile)}`;
}

/** The processes of a stack that live, from their pid files; pid files of processes long gone are removed. */
export function livingProcesses(runDirectory: string): ProcessRecord[] {
  return readRecords(runDirectory).filter((record) => processStartTime(record.pid) === record.startTime);
}

/**
 * Ends every process that pid files name, whoever started it: first the workers, then the parts they use.
 *
 * @returns the names of those that still ran
 */
export async function stopAll(runDirectory: string): Promise<string[]> {
  const living = livingProcesses(runDirectory).map((record) => record.name);
  const records = readRecords(runDirectory);
  for (const role of ['worker', 'part'] as const) {
    await Promise.all(records.filter((r) => r.role === role).map((record) => stopRecorded(runDirectory, record)));
  }
  return living;
}

/** Kills every process that pid files name, with its group, and waits for nothing. */
export function killAll(runDirectory: string): void {
  for (const record of livingProcesses(runDirectory)) signal(-record.pid, 'SIGKILL');
}

/** Asks the process to end, waits for it for a bounded time, then kills what is left of its process group. */
async function stopRecorded(runDirectory: string, record: ProcessRecord): Promise<void> {
  const lives = () => processStartTime(record.pid) === record.startTime;
  // Another process under this id means that the whole group is gone: the system gives no id away that a group has.
  const groupMayLive = () => lives() || processStartTime(record.pid) === undefined;
  if (lives()) {
    signal(record.pid, record.stopSignal);
    for (const end = Date.now() + STOP_GRACE_MS; lives() && Date.now() < end;) await delay(POLL_MS);
  }
  if (groupMayLive()) signal(-record.pid, 'SIGKILL');
  while (lives()) await delay(POLL_MS);
  removeRecord(runDirectory, record);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it ended by itself in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function recordPath(runDirectory: string, name: string): string {
  return join(runDirectory, `${name}.pid`);
}

function writeRecord(runDirectory: string, record: ProcessRecord): void {
  const path = recordPath(runDirectory, record.name);
  writeFileSync(`${path}.new`, JSON.stringify(record) + '\n');
  renameSync(`${path}.new`, path);
}

/** Removes the pid file, unless a later process of the same name has written its own. */
function removeRecord(runDirectory: string, record: ProcessRecord): void {
  const current = readRecord(recordPath(runDirectory, record.name));
  if (current?.pid === record.pid) rmSync(recordPath(runDirectory, record.name), { force: true });
}

function readRecords(runDirectory: string): ProcessRecord[] {
  if (!existsSync(runDirectory)) return [];
  return readdirSync(runDirectory)
    .filter((name) => name.endsWith('.pid'))
    .flatMap((name) => readRecord(join(runDirectory, name)) ?? []);
}

function readRecord(path: string): ProcessRecord | undefined {
  try {
    return processRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Gone in the meantime, or cut off by a full disk: there is nothing in it to act on.
    return undefined;
  }
}
