import { isSetAside } from '../activities/proving/create-prover-activities.js';
import type { ProverStore } from '../activities/storage/prover-store.js';

/** One short query a machine; a machine that was set aside wastes this much time at most. */
const PAUSE_MS = 15_000;

/**
 * Asks the database now and then whether this machine is in good standing. Its tasks ask, too; but one that is idle, or
 * at a long proof, would not hear that it was set aside.
 *
 * @param onSetAside told once, in the database's words
 * @returns ends it
 */
export function watchStanding(
  store: ProverStore,
  onSetAside: (reason: string) => void,
  pauseMs = PAUSE_MS,
): () => void {
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    ended = true;
    clearTimeout(timer);
  };
  const ask = async (): Promise<void> => {
    try {
      await store.findProof('standing');
    } catch (error) {
      // A database that is away says nothing of this machine.
      if (!ended && isSetAside(error)) {
        end();
        onSetAside(error.message);
      }
    }
    if (!ended) askLater();
  };
  const askLater = (): void => {
    timer = setTimeout(() => void ask(), pauseMs);
  };
  askLater();
  return end;
}
