import type { RollupType } from '../domain/rollup-type.js';
import { checkManifest } from './check-manifest.js';
import type { InstalledType } from './installed-type.js';
import { transfers } from './transfers/transfers.js';

/** The rollup types of this installation. A new type is added here and nowhere else. */
const INSTALLED: readonly InstalledType[] = [transfers];

/** The type of the demo, the local stack, scenarios and benchmarks. */
export const demoType = transfers;

/** A rollup is of a type that this installation does not know: it has to be changed before the rollup can be proved. */
export class UnknownRollupTypeError extends Error {
  override readonly name = 'UnknownRollupTypeError';
}

/**
 * @throws UnknownRollupTypeError naming the known types if `name` is none of them
 * @throws ManifestError if the type does not say how its stages are to be proved
 */
export function findRollupType(name: string): RollupType {
  return findInstalledType(name).type;
}

/** As `findRollupType`, with what the type brings besides. */
export function findInstalledType(name: string): InstalledType {
  const installed = INSTALLED.find(({ type }) => type.name === name);
  if (!installed) {
    const known = INSTALLED.map(({ type }) => type.name).join(', ');
    throw new UnknownRollupTypeError(
      `Unknown rollup type "${name}", known: ${known}. Add it to rollup-types/registry.ts ` +
        '(docs/rollup-types.md says how), or follow another rollup',
    );
  }
  checkManifest(name, installed.type.manifest);
  return installed;
}
