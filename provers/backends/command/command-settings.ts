import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { readTextFile } from '../../../platform/text-file.js';
import type { CommandBackendOptions } from './command-backend.js';
import { commandNeeds } from './command-needs.js';
import { circuitIdsAnswer } from './command-protocol.js';

const commandLine = z.tuple([z.string().min(1)], z.string());
const byKind = z.strictObject({
  batch: commandLine.optional(),
  aggregate: commandLine.optional(),
  final: commandLine.optional(),
});

/** What stands in the file that describes a command; `docs/prover-commands.md` explains it. */
const commandSettings = z.strictObject({
  proofSystem: z.string().min(1),
  prove: z.union([commandLine, byKind]).default({}),
  verify: commandLine.optional(),
  circuitIds: circuitIdsAnswer.strict().default({}),
  timeoutSeconds: z
    .number()
    .positive()
    .max(7 * 24 * 3600)
    .default(3600),
  graceSeconds: z.number().min(0).max(600).default(10),
  ...commandNeeds,
});

/**
 * Reads the description of a command.
 *
 * @param path of a JSON file; programs named in it with a slash are sought from its directory, others on the PATH
 * @throws Error naming what is wrong in it, or that it cannot be read
 */
export async function readCommandSettings(path: string): Promise<CommandBackendOptions> {
  const given = parse(path, await read(path));
  const locate = (command: [string, ...string[]]): [string, ...string[]] => locateProgram(command, dirname(path));
  const prove = Array.isArray(given.prove)
    ? { batch: given.prove, aggregate: given.prove, final: given.prove }
    : given.prove;
  return {
    proofSystem: given.proofSystem,
    prove: {
      batch: prove.batch && locate(prove.batch),
      aggregate: prove.aggregate && locate(prove.aggregate),
      final: prove.final && locate(prove.final),
    },
    verify: given.verify && locate(given.verify),
    circuitIds: given.circuitIds,
    timeoutMs: given.timeoutSeconds * 1000,
    graceMs: given.graceSeconds * 1000,
  };
}

async function read(path: string): Promise<string> {
  try {
    return await readTextFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The description of the prover command in ${path} cannot be read (${reason}): set ZKPOW_PROVER_COMMAND to the path ` +
        'of one (docs/prover-commands.md)',
      { cause: error },
    );
  }
}

function parse(path: string, text: string): z.infer<typeof commandSettings> {
  const wrong = (problem: string): Error =>
    new Error(`The description of the prover command in ${path} is wrong (docs/prover-commands.md): ${problem}`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const parsed = commandSettings.safeParse(content);
  if (parsed.success) return parsed.data;
  throw wrong(z.prettifyError(parsed.error));
}

/** A program runs in a directory of its own, where a relative path would lead nowhere. */
function locateProgram([program, ...args]: [string, ...string[]], directory: string): [string, ...string[]] {
  return [program.includes('/') ? resolve(directory, program) : program, ...args];
}
