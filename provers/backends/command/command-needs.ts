import { z } from 'zod';
import { readTextFileSync } from '../../../platform/text-file.js';
import { parseJson } from './command-protocol.js';

/** What one proof of a command takes of a machine: says how many it makes at a time. */
export const commandNeeds = {
  coresPerProof: z.number().positive().optional(),
  memoryGiBPerProof: z.number().positive().optional(),
};

const needs = z.object(commandNeeds);

/** The needs that stand in the description of a command; none where it cannot be read, which is told when it is opened. */
export function readCommandNeeds(path: string): z.infer<typeof needs> {
  try {
    return needs.safeParse(parseJson(readTextFileSync(path))).data ?? {};
  } catch {
    return {};
  }
}
