import type { RollupType } from './rollup-type.js';
import { checkManifest } from './stage-manifest.js';
import { transfersType } from './transfers/transfers-type.js';

/** The rollup types this installation can prove, by name. A new type is added here and nowhere else. */
const ROLLUP_TYPES: ReadonlyMap<string, RollupType> = new Map([transfersType].map((type) => [type.name, type]));

/** A rollup is of a type that this installation does not know: it has to be changed before the rollup can be proved. */
export class UnknownRollupTypeError extends Error {
  override readonly name = 'UnknownRollupTypeError';
}

/**
 * @throws UnknownRollupTypeError naming the known types if `name` is none of them
 * @throws ManifestError if the type does not say how its stages are to be proved
 */
export function findRollupType(name: string): RollupType {
  const type = ROLLUP_TYPES.get(name);
  if (!type) {
    const known = [...ROLLUP_TYPES.keys()].join(', ');
    throw new UnknownRollupTypeError(
      `Unknown rollup type "${name}", known: ${known}. Add it to activities/proving/rollup-types.ts ` +
        '(docs/rollup-types.md says how), or follow another rollup',
    );
  }
  checkManifest(name, type.manifest);
  return type;
}
