import { Client } from '@temporalio/client';
import type { PostedSequence } from '../../../domain/sequence.js';
import { openField, type Field } from '../field.js';
import type { Miner } from '../miner.js';
import { untilVerified } from '../outcome.js';
import { postSequences } from '../rollup.js';
import type { ScenarioContext } from '../scenario.js';
import { createMachine, type Machine, type MachineOptions } from './machine.js';

/** One miner with an aggregator, a sender and any number of mining machines. */
export interface Fleet {
  field: Field;
  miner: Miner;
  /** Reaches the miner's workflows. */
  client: Client;
  machines: readonly Machine[];
  /** All that was posted, lowest first. */
  posted: readonly PostedSequence[];
  /** A machine that is not running yet. */
  addMachine(options: MachineOptions): Promise<Machine>;
  /** Posts sequences with so many batches each. */
  post(batches: readonly number[]): Promise<readonly PostedSequence[]>;
  /** Waits until all that was posted is verified. */
  untilVerified(): Promise<void>;
}

export interface FleetOptions {
  /** Settings of the miner's aggregator and sender. */
  settings?: Record<string, string>;
  /** Starts aggregator and sender; by default both in one process whose end is the end of the run. */
  startOthers?: (field: Field, miner: Miner) => Promise<unknown>;
}

/** Long against every recovery: a proof that is late costs the scenario nothing. */
const ROLLUP = { t1: 4, t2: 2_000 };
const BLOCK_TIME_MS = 500;
/** About twenty minutes of blocks: a scenario's own limit comes first. */
const WITHIN_BLOCKS = 2_400;

export async function openFleet(context: ScenarioContext, options: FleetOptions = {}): Promise<Fleet> {
  const { settings = {}, startOthers = startTogether } = options;
  const field = await openField(context, {
    rollup: ROLLUP,
    miners: [{ name: 'ada', deposit: '1000', settings }],
    blockTimeMs: BLOCK_TIME_MS,
  });
  const [miner] = field.miners;
  if (!miner) throw new RangeError('no miner');
  await startOthers(field, miner);
  const machines: Machine[] = [];
  const posted: PostedSequence[] = [];
  const postings = context.random.fork('postings');
  return {
    ...{ field, miner, machines, posted },
    client: new Client({ connection: context.arena.connection, namespace: miner.namespace }),
    async addMachine(machineOptions) {
      const machine = await createMachine(context, miner, machineOptions);
      context.defer(async () => {
        await machine.kill();
        await machine.dismiss();
      });
      machines.push(machine);
      return machine;
    },
    async post(batches) {
      const sequences = await postSequences(field.chain, field.rollup, postings, batches);
      posted.push(...sequences);
      return sequences;
    },
    untilVerified: () => untilVerified(field, posted.at(-1)?.lastBatch ?? 0, WITHIN_BLOCKS),
  };
}

async function startTogether(field: Field, miner: Miner): Promise<void> {
  await field.start([[miner, 'aggregator', 'sender']], { name: 'others' });
}
