import { parseArgs } from 'node:util';
import type { HardwareClass } from '../../domain/names.js';

export const TASK_HELP = `npm run task -- COMMAND [options]

What an operator does about single proofs. TASK is the beginning of a task's id, as the list shows it.

  list [--json]         proofs that wait or run, and sequences that wait for a person
  retry TASK            begin it afresh: at once, with all its attempts
  pause TASK            nobody begins it; whoever has it in hand is told to stop
  resume TASK           end the pause
  skip TASK cpu|gpu     hand it to machines of another class

  --reason TEXT         with pause: shown in the Temporal UI
  --help                this text

The Temporal UI and "temporal activity pause | unpause | reset" do the same to the workflow's activity. A proof that failed
everywhere is no task any more: its sequence waits for a person, and "npm run sequence -- go-on SEQUENCE" begins it again.`;

export type TaskCommand =
  | { command: 'list'; json: boolean }
  | { command: 'retry' | 'resume'; task: string }
  | { command: 'pause'; task: string; reason: string }
  | { command: 'skip'; task: string; hardwareClass: HardwareClass };

/**
 * @returns undefined if help is asked for
 * @throws Error naming what is wrong
 */
export function parseTaskCommand(args: readonly string[]): TaskCommand | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      reason: { type: 'string', default: 'paused by hand' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, task, ...rest] = positionals;
  if (values.help || command === undefined) return undefined;
  const tooMany = command === 'list' ? positionals.slice(1) : command === 'skip' ? rest.slice(1) : rest;
  if (tooMany.length > 0)
    throw new Error(`Too many arguments: ${tooMany.join(' ')}. "npm run task -- --help" shows how`);
  if (command === 'list') return { command, json: values.json };
  if (command !== 'retry' && command !== 'resume' && command !== 'pause' && command !== 'skip') {
    throw new Error(
      `There is no "${command}", known: list, retry, pause, resume, skip. "npm run task -- --help" says more`,
    );
  }
  if (task === undefined) throw new Error(`${command} needs a TASK: "npm run task -- list" shows their ids`);
  if (command === 'skip') return { command, task, hardwareClass: parseClass(rest[0]) };
  if (command === 'pause') return { command, task, reason: values.reason };
  return { command, task };
}

function parseClass(text: string | undefined): HardwareClass {
  if (text === 'cpu' || text === 'gpu') return text;
  throw new Error(
    `skip needs the class of machines to go to, cpu or gpu, found ${text === undefined ? 'none' : `"${text}"`}`,
  );
}
