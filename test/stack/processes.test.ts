import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Home } from '../../local-stack/home.js';
import { processStartTime } from '../../local-stack/process-identity.js';
import {
  describeExit,
  livingProcesses,
  startProcess,
  stopAll,
  type StartedProcess,
} from '../../local-stack/processes.js';
import { waitUntilReady } from '../../local-stack/ready.js';
import { temporaryHome } from './temporary-home.js';

/** Runs a piece of JavaScript as a process of the home. */
function startCode(
  home: Home,
  name: string,
  code: string,
  role: 'part' | 'worker' = 'worker',
): Promise<StartedProcess> {
  return startProcess({
    name,
    command: process.execPath,
    args: ['--eval', code],
    env: process.env,
    runDirectory: home.run,
    logFile: join(home.logs, `${name}.log`),
    role,
  });
}

const logOf = (started: StartedProcess) => readFileSync(started.logFile, 'utf8').trim();

/** Resolves when the process has written the text to its log. */
function written(started: StartedProcess, text: string): Promise<void> {
  const probe = async () => expect(await Promise.resolve(logOf(started))).toContain(text);
  return waitUntilReady(started, probe, 10_000);
}

const WAIT = 'setInterval(() => {}, 1000);';

test('a process is known by its pid file until it ends', async () => {
  const home = temporaryHome();
  const started = await startCode(home, 'waiting', WAIT);
  expect(livingProcesses(home.run).map(({ name }) => name)).toEqual(['waiting']);
  await started.stop();
  expect(livingProcesses(home.run)).toEqual([]);
  expect(processStartTime(started.pid)).toBeUndefined();
});

test('a process that ends early is told with its exit code, the end of its log and the path of it', async () => {
  const home = temporaryHome();
  const started = await startCode(home, 'failing', 'console.error("no such disk"); process.exit(3)');
  const waiting = waitUntilReady(started, () => Promise.reject(new Error('not yet')), 10_000);
  await expect(waiting).rejects.toThrow(/failing ended with code 3.*failing\.log:\nno such disk/s);
});

test('a process that never answers is told with what kept it from answering', async () => {
  const home = temporaryHome();
  const started = await startCode(home, 'silent', WAIT);
  const waiting = waitUntilReady(started, () => Promise.reject(new Error('connection refused')), 0);
  await expect(waiting).rejects.toThrow(/no answer after 0 s \(connection refused\): silent still runs/);
});

test('a program that does not exist is named', async () => {
  const home = temporaryHome();
  const options = {
    name: 'x',
    command: 'no-such-program',
    args: [],
    env: {},
    runDirectory: home.run,
    logFile: join(home.logs, 'x'),
  };
  await expect(startProcess(options)).rejects.toThrow(/cannot start x \(no-such-program\)/);
});

test('what a process started ends with it, also when the process itself was killed', async () => {
  const home = temporaryHome();
  const code = `const child = require('node:child_process').spawn(process.execPath, ['--eval', '${WAIT}']); console.log('child', child.pid); ${WAIT}`;
  const started = await startCode(home, 'parent', code);
  await written(started, 'child');
  const child = Number(logOf(started).split(' ')[1]);
  process.kill(started.pid, 'SIGKILL');
  await started.exited;
  expect(processStartTime(child)).toBeDefined();
  await stopAll(home.run);
  await expect.poll(() => processStartTime(child)).toBeUndefined();
});

test('workers end before the parts they use', async () => {
  const home = temporaryHome();
  const logsItsEnd = `process.on('SIGTERM', () => { console.log('end ' + process.hrtime.bigint()); process.exit(); }); console.log('ready'); ${WAIT}`;
  const started = [
    await startCode(home, 'server', logsItsEnd, 'part'),
    await startCode(home, 'prover', logsItsEnd),
    await startCode(home, 'sender', logsItsEnd),
  ];
  for (const one of started) await written(one, 'ready');
  await stopAll(home.run);
  const [server, prover, sender] = started.map((one) => BigInt(logOf(one).split('end ')[1] ?? 0));
  expect(server).toBeGreaterThan(prover ?? 0n);
  expect(server).toBeGreaterThan(sender ?? 0n);
});

test('a process that got the id of an ended one is left alone', async () => {
  const home = temporaryHome();
  const stranger = spawn(process.execPath, ['--eval', WAIT], { detached: true });
  await once(stranger, 'spawn');
  const record = { name: 'ended', pid: stranger.pid, startTime: 'long ago', role: 'worker', stopSignal: 'SIGTERM' };
  writeFileSync(join(home.run, 'ended.pid'), JSON.stringify(record));
  await expect(stopAll(home.run)).resolves.toEqual([]);
  expect(stranger.exitCode).toBeNull();
  expect(stranger.signalCode).toBeNull();
  stranger.kill();
  await once(stranger, 'exit');
});

test('a running process is described as such', async () => {
  const started = await startCode(temporaryHome(), 'running', WAIT);
  expect(describeExit(started)).toMatch(/^running still runs/);
});
