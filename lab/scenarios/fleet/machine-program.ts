import { readFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createSimulatedBackend } from '../../../provers/backends/simulated/simulated-backend.js';
import type { ProofKind } from '../../../domain/proof.js';

/** What the program of a machine does wrong; `words` are what it says of it. */
export interface Fault {
  does: 'hangs' | 'rubbish' | 'proof of another batch' | 'no memory' | 'killed for its memory' | 'bad input' | 'fails';
  words?: string;
  /** Only with tasks of these kinds; null for all. */
  kinds: ProofKind[] | null;
  /** Only with tasks that cover this batch; null for all. */
  batch: number | null;
}

export type SecondsByKind = Record<ProofKind, number>;

/** What the program does from its next proof on. */
export interface ProgramSettings {
  /** How long each kind of proof takes. */
  secondsByKind: SecondsByKind;
  /** The first that fits a task is what goes wrong with it. */
  faults: Fault[];
}

const ledgerLine = z.object({
  event: z.enum(['begun', 'made']),
  machine: z.string(),
  kind: z.enum(['batch', 'aggregate', 'final']),
  firstBatch: z.number(),
  lastBatch: z.number(),
  /** Milliseconds since 1970. */
  at: z.number(),
  /** Of the program. */
  pid: z.number(),
});
/** A proof that was begun or made. */
export type LedgerLine = z.infer<typeof ledgerLine>;

/** The program of one mining machine, for the `command` backend. */
export interface MachineProgram {
  /** Its `ZKPOW_PROVER_COMMAND`. */
  descriptionFile: string;
  /** Takes effect with the next proof. */
  set(settings: Partial<ProgramSettings>): void;
  /** All that it has begun and made, in order; nobody but the program itself writes there. */
  ledger(): LedgerLine[];
}

const PROGRAM = fileURLToPath(new URL('./prover-program.mjs', import.meta.url));
/** Between SIGTERM and SIGKILL: one that hangs minds no SIGTERM. */
const GRACE_SECONDS = 1;

export function createMachineProgram(machine: string, directory: string, first: ProgramSettings): MachineProgram {
  mkdirSync(directory, { recursive: true });
  const [settingsFile, ledger] = [join(directory, 'program.json'), join(directory, 'ledger.jsonl')];
  let current = first;
  const write = (): void => {
    // The program may read at any moment.
    writeFileSync(`${settingsFile}.new`, JSON.stringify({ machine, ledger, ...current }));
    renameSync(`${settingsFile}.new`, settingsFile);
  };
  write();
  const { proofSystem, circuitId } = createSimulatedBackend();
  const circuitIds = { batch: circuitId('batch'), aggregate: circuitId('aggregate'), final: circuitId('final') };
  const descriptionFile = join(directory, 'command.json');
  const prove = [process.execPath, PROGRAM, settingsFile];
  writeFileSync(descriptionFile, JSON.stringify({ proofSystem, prove, circuitIds, graceSeconds: GRACE_SECONDS }));
  return {
    descriptionFile,
    set(settings) {
      current = { ...current, ...settings };
      write();
    },
    ledger: () => (existsSync(ledger) ? readLines(readFileSync(ledger, 'utf8')) : []),
  };
}

function readLines(text: string): LedgerLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ledgerLine.parse(JSON.parse(line)));
}
