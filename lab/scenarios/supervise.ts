import { setTimeout as delay } from 'node:timers/promises';
import type { Field } from './field.js';
import type { Miner, Role } from './miner.js';
import type { WorkerProcess } from './worker-process.js';

/** A miner's programs under somebody who starts again whatever ends. */
export interface Supervised {
  kill(): Promise<void>;
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /**
   * Starts a second one beside it and, as soon as `waits` says that it waits for the first one's place, kills the first.
   * The second is the one that is looked after from then on.
   */
  replace(waits: () => Promise<boolean>): Promise<void>;
}

const POLL_MS = 20;
/** A program that is being loaded on a busy machine. */
const START_LIMIT_MS = 120_000;

/** Starts a process of a miner and, when it ends by itself (as after the loss of its lock), starts it again. */
export async function supervise(field: Field, miner: Miner, roles: readonly Role[]): Promise<Supervised> {
  let process: WorkerProcess | null = null;
  const name = roles.join('-');
  const onEnd = (): void => void start().catch(() => undefined);
  const start = async (): Promise<void> => {
    process = await field.start([[miner, ...roles]], { name, onEnd });
  };
  await start();
  return {
    start,
    kill: async () => process?.kill(),
    freeze: () => process?.freeze(),
    thaw: () => process?.thaw(),
    async replace(waits) {
      const first = process;
      process = await field.start([[miner, ...roles]], { name, onEnd, holdBlocks: false });
      for (const end = Date.now() + START_LIMIT_MS; !(await waits()); await delay(POLL_MS)) {
        if (Date.now() > end) throw new Error(`the second ${name} of ${miner.name} does not wait for its place`);
      }
      await first?.kill();
    },
  };
}
