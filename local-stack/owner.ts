import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Home } from './home.js';
import { processStartTime } from './process-identity.js';

const ownerRecord = z.object({ pid: z.number().int().positive(), startTime: z.string() });
export type Owner = z.infer<typeof ownerRecord>;

/**
 * Makes this process the one that starts and ends the processes of a home. One that was killed is noticed at once.
 *
 * @returns gives the home free again
 * @throws Error if another living process has it
 */
export function takeOwnership(home: Home): () => void {
  const path = ownerPath(home);
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startTime: processStartTime(process.pid) ?? '' }));
  try {
    // A link is made by one process only; that of a dead owner is moved away first.
    while (!tryLink(mine, path)) {
      const owner = livingOwner(home);
      if (owner !== undefined) {
        throw new Error(
          `A stack of process ${owner.pid} uses ${home.directory}. End it with "npm run stop", or set ZKPOW_HOME to another directory.`,
        );
      }
      tryRename(path, `${mine}.dead`);
      rmSync(`${mine}.dead`, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (readOwner(path)?.pid === process.pid) rmSync(path, { force: true });
  };
}

/** The process that owns the home, if it lives. */
export function livingOwner(home: Home): Owner | undefined {
  const owner = readOwner(ownerPath(home));
  return owner !== undefined && processStartTime(owner.pid) === owner.startTime ? owner : undefined;
}

function ownerPath(home: Home): string {
  return join(home.run, 'owner');
}

function readOwner(path: string): Owner | undefined {
  try {
    return ownerRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function tryRename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
