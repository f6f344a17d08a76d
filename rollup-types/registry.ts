import type { RollupType } from '../domain/rollup-type.js';
import { checkManifest } from './check-manifest.js';
import { transfersCircuits } from './transfers/noir-circuits.js';
import { transfersType } from './transfers/transfers-type.js';

/** The rollup types this installation can prove, with their circuits. A new type is added here and nowhere else. */
const INSTALLED = [{ type: transfersType, noir: transfersCircuits }];

const ROLLUP_TYPES: ReadonlyMap<string, RollupType> = new Map(INSTALLED.map(({ type }) => [type.name, type]));

/** The Noir circuits of the one type that has some. */
export const noirCircuits = transfersCircuits;

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
      `Unknown rollup type "${name}", known: ${known}. Add it to rollup-types/registry.ts ` +
        '(docs/rollup-types.md says how), or follow another rollup',
    );
  }
  checkManifest(name, type.manifest);
  return type;
}
