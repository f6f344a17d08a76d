import { findRollupType } from '../../rollup-types/registry.js';
import { readCommandNeeds } from '../../provers/backends/command/command-needs.js';
import type { HardwareClass } from '../../domain/names.js';
import { defaultClass, defaultSlots, type Machine, type ProofNeeds } from '../../activities/proving/slots/machine.js';
import { infoOf } from '../../platform/settings/settings.js';
import { settings } from '../../platform/settings/settings-table.js';

const GIB = 2 ** 30;

/**
 * The environment of a prover, with the class and slots that this machine is good for where they are not set. Of settings
 * that are wrong nothing is said here: they are told with all others when they are read.
 */
export function withMachineDefaults(env: NodeJS.ProcessEnv, machine: Machine): NodeJS.ProcessEnv {
  const { env: classVariable } = infoOf('hardwareClass', settings.shape.hardwareClass);
  const { env: slotsVariable } = infoOf('slots', settings.shape.slots);
  const hardwareClass = settings.shape.hardwareClass.safeParse(env[classVariable]?.trim()).data;
  const own = hardwareClass ?? defaultClass(machine, wantedClasses(env));
  return {
    ...env,
    [classVariable]: env[classVariable]?.trim() || own,
    [slotsVariable]: env[slotsVariable]?.trim() || String(slotsFor(own, env, machine)),
  };
}

function slotsFor(hardwareClass: HardwareClass, env: NodeJS.ProcessEnv, machine: Machine): number {
  const { env: variable, default: usual } = infoOf('prover', settings.shape.prover);
  // It uses no GPU, and makes one proof at a time on all cores.
  if ((env[variable]?.trim() || usual) === 'noir') return 1;
  return defaultSlots(machine, hardwareClass, proofNeeds(env, machine));
}

/** The classes that the stages of the rollup type are meant for. */
function wantedClasses(env: NodeJS.ProcessEnv): HardwareClass[] {
  const { env: variable, default: usual } = infoOf('rollupType', settings.shape.rollupType);
  try {
    const { manifest } = findRollupType(env[variable]?.trim() || (typeof usual === 'string' ? usual : ''));
    return Object.values(manifest).map(({ hardwareClass }) => hardwareClass);
  } catch {
    return [];
  }
}

/** A proof takes the whole machine, unless a prover command says how much of it. */
function proofNeeds(env: NodeJS.ProcessEnv, { cores, memoryBytes }: Machine): ProofNeeds {
  const { env: prover } = infoOf('prover', settings.shape.prover);
  const { env: description } = infoOf('proverCommand', settings.shape.proverCommand);
  const path = env[prover]?.trim() === 'command' ? env[description]?.trim() : undefined;
  const { coresPerProof = cores, memoryGiBPerProof = 0 } = path ? readCommandNeeds(path) : {};
  return { cores: coresPerProof, memoryBytes: Math.max(1, Math.min(memoryBytes, memoryGiBPerProof * GIB)) };
}
