import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { grantProver, proverDatabaseUrl, removeProver } from '../../../activities/storage/prover-roles.js';
import type { HardwareClass } from '../../../domain/names.js';
import type { Miner } from '../miner.js';
import type { ScenarioContext } from '../scenario.js';
import { startWorkerProcess, type WorkerProcess } from '../worker-process.js';
import { createMachineProgram, type LedgerLine, type MachineProgram, type ProgramSettings } from './machine-program.js';
import { until } from './waits.js';

/** A mining machine: a prover worker in a process of its own, with its own login and program. */
export interface Machine {
  name: string;
  program: MachineProgram;
  /** What it reaches the database with. */
  databaseUrl: string;
  /** The worker that runs now or ran last. */
  worker(): WorkerProcess;
  /** Whether its worker lives and has said that it runs. */
  isUp(): boolean;
  /** The proof that its worker has under way, null while there is none. */
  provingNow(): LedgerLine | null;
  /** Resolves when its worker takes tasks. */
  start(): Promise<void>;
  /** `kill -9` of its worker; resolves when that is gone. */
  kill(): Promise<void>;
  /** Takes its login away; to be called when it is down. */
  dismiss(): Promise<void>;
}

export interface MachineOptions extends Partial<ProgramSettings> {
  name: string;
  hardwareClass?: HardwareClass;
  /** Told when its worker ends without being killed; by default that ends the run. */
  onEnd?: (error: Error) => void;
}

const QUICK = { batch: 1, aggregate: 1, final: 1 };

export async function createMachine(
  context: ScenarioContext,
  miner: Miner,
  { name, hardwareClass = 'cpu', onEnd = context.fail, secondsByKind = QUICK, faults = [] }: MachineOptions,
): Promise<Machine> {
  const directory = join(context.directory, 'machines', name);
  const program = createMachineProgram(name, directory, { secondsByKind, faults });
  const login = await grantProver(miner.pool, name);
  const databaseUrl = proverDatabaseUrl(miner.environment('aggregator')['DATABASE_URL'] ?? '', login);
  let worker: WorkerProcess | null = null;
  let starts = 0;
  let startedAt = 0;
  let running = false;
  const isUp = (): boolean => running && worker?.exit() === undefined;
  return {
    ...{ name, program, databaseUrl },
    worker() {
      if (!worker) throw new Error(`machine ${name} was never started`);
      return worker;
    },
    isUp,
    provingNow() {
      const last = program.ledger().at(-1);
      return isUp() && last?.event === 'begun' && last.at > startedAt ? last : null;
    },
    async start() {
      [startedAt, running] = [Date.now(), false];
      const started = await startWorkerProcess(context.arena, {
        name: `${name}-${(starts += 1)}`,
        directory: context.directory,
        onEnd,
        workers: [
          {
            miner,
            role: 'prover',
            settings: {
              ...{ DATABASE_URL: databaseUrl, ZKPOW_PROVER: 'command', ZKPOW_SLOTS: '1' },
              ...{ ZKPOW_PROVER_COMMAND: program.descriptionFile, ZKPOW_HARDWARE_CLASS: hardwareClass },
            },
          },
        ],
      });
      worker = started;
      await until(`machine ${name} running`, () => (saysThatItRuns(started) ? true : null));
      running = true;
    },
    kill: async () => worker?.kill(),
    dismiss: () => removeProver(miner.pool, login),
  };
}

/** One that ended at once will not say so: the end is told elsewhere. */
function saysThatItRuns({ logFile, exit }: WorkerProcess): boolean {
  return exit() !== undefined || readFileSync(logFile, 'utf8').includes('"msg":"running"');
}
