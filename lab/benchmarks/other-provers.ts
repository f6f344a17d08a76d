import { proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import type { BenchPlace } from './bench-servers.js';
import { grantProvers, reachable, startOwnPrograms, type Programs } from './programs.js';
import type { WayOptions } from './way.js';

/** Prover processes that do without Temporal, each with a database login of its own for inputs and proofs. */
export async function startOtherProvers(
  program: 'old-way-prover' | 'queue-prover',
  { servers, work, machines, reach, place, pollMs }: WayOptions & { place: BenchPlace; pollMs: number },
): Promise<Programs> {
  const logins = await grantProvers(place, machines);
  const { batch = 0, aggregate = 0, final = 0 } = work.times.secondsByKind ?? {};
  return startOwnPrograms(
    servers,
    new URL(`./${program}.ts`, import.meta.url),
    logins.map((login) => ({
      name: `${place.name}-${login.name}`,
      config: {
        ...{ name: login.name, queueUrl: reachable(place.databaseUrl, reach), pollMs },
        databaseUrl: reachable(proverDatabaseUrl(place.databaseUrl, login), reach),
        ...{ secondsByKind: { batch, aggregate, final } },
        ...{ spread: work.times.spread ?? 0, seed: work.times.seed ?? '' },
      },
    })),
  );
}
