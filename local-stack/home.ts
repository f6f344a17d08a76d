import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** Where everything of one stack lies. All paths are absolute. */
export interface Home {
  directory: string;
  /** Which processes run, and at which addresses. */
  run: string;
  logs: string;
  /** Databases of Temporal, Postgres and the local chain, each in a folder of its own. */
  data: string;
}

/** Marks a directory as ours: only a marked one is ever deleted. */
const MARKER = '.made-by-zkpow';

export function homeAt(directory: string): Home {
  const absolute = resolve(directory);
  return {
    directory: absolute,
    run: join(absolute, 'run'),
    logs: join(absolute, 'logs'),
    data: join(absolute, 'data'),
  };
}

/** Makes what is missing of the directories of a stack. */
export function openHome(directory: string): Home {
  const home = homeAt(directory);
  makeOwnDirectory(home.directory);
  for (const path of [home.run, home.logs, home.data]) mkdirSync(path, { recursive: true });
  return home;
}

/** Puts the logs of the last run aside, so that what is in a log is of this run. */
export function putOldLogsAside(home: Home): void {
  for (const name of readdirSync(home.logs)) {
    if (name.endsWith('.log')) renameSync(join(home.logs, name), join(home.logs, `${name}.old`));
  }
}

/** Makes a directory and marks it as ours, unless it was there before with other things in it. */
export function makeOwnDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true });
  if (isDefaultPlace(directory) || readdirSync(directory).length === 0) writeFileSync(join(directory, MARKER), '');
}

/**
 * Deletes a directory and all that is in it.
 *
 * @returns whether there was one
 * @throws Error if it was not made by this project: a mistyped setting must not delete other people's files
 */
export function deleteOwnDirectory(directory: string): boolean {
  if (!existsSync(directory)) return false;
  if (!existsSync(join(directory, MARKER))) {
    throw new Error(`${directory} was not made by zkpow (it holds no ${MARKER}): delete it by hand if you mean it`);
  }
  rmSync(directory, { recursive: true, force: true });
  return true;
}

function isDefaultPlace(directory: string): boolean {
  return basename(directory) === '.zkpow' || directory.endsWith(join('.cache', 'zkpow'));
}
