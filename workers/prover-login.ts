import { isSetAside } from '../activities/proving/create-prover-activities.js';
import type { ProverStore } from '../activities/storage/prover-store.js';

/**
 * A machine without a right login would take tasks and fail every one of them.
 *
 * @throws Error saying how to get a login
 */
export async function checkLogin(store: ProverStore): Promise<void> {
  try {
    await store.findProof('login check');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (isSetAside(error)) {
      throw new Error(
        `This machine proves nothing now: ${reason}. Where the aggregator runs, once the cause is fixed, ` +
          '"npm run miner -- readmit-prover NAME" takes it back',
        { cause: error },
      );
    }
    throw new Error(
      `The login in DATABASE_URL is not that of a prover (${reason}). Where the aggregator runs, ` +
        '"npm run miner -- add-prover NAME" makes one',
      { cause: error },
    );
  }
}

/** Name of the machine that logs in with this URL: the login role is DATABASE/NAME, see `grantProver`. */
export function proverName(databaseUrl: string): string {
  const role = decodeURIComponent(new URL(databaseUrl).username);
  return role.slice(role.indexOf('/') + 1);
}
