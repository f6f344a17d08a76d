import { setTimeout as delay } from 'node:timers/promises';
import type { Home } from './home.js';
import { livingOwner } from './owner.js';
import { processStartTime } from './process-identity.js';
import { stopAll } from './processes.js';

const OWNER_GRACE_MS = 30_000;
const POLL_MS = 50;

/**
 * Ends the stack of a home, whoever started it and whether that one still lives.
 *
 * @returns names of the processes that ran
 */
export async function stopHome(home: Home, report: (line: string) => void): Promise<string[]> {
  const owner = livingOwner(home);
  if (owner === undefined) return stopAll(home.run);
  const lives = () => processStartTime(owner.pid) === owner.startTime;
  report(`Asking process ${owner.pid} to end its stack`);
  process.kill(owner.pid, 'SIGTERM');
  for (const end = Date.now() + OWNER_GRACE_MS; lives() && Date.now() < end;) await delay(POLL_MS);
  if (lives()) {
    report(`It has not ended after ${OWNER_GRACE_MS / 1000} s: killing it`);
    process.kill(owner.pid, 'SIGKILL');
    while (lives()) await delay(POLL_MS);
  }
  return [`process ${owner.pid}`, ...(await stopAll(home.run))];
}
