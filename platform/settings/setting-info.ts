import { z } from 'zod';

/** Who reads a setting. */
export type SettingUser = 'scripts' | 'aggregator' | 'prover' | 'gateway' | 'sender';

/** What a person has to know of a setting. */
export interface SettingInfo {
  /** The environment variable that holds it. */
  env: string;
  /** What it means, as a sentence. */
  description: string;
  /** What a right value looks like, to follow "expected". */
  expected: string;
  /** Taken where the variable is not set; without one the setting is required. */
  default?: string | ComputedDefault;
  /** Its value is never shown. */
  secret?: boolean;
  /** Of a value that is wrong and not shown: which part of it, and why. */
  explain?(value: string): string;
  usedBy: readonly SettingUser[];
}

/** A default that depends on the machine. */
export interface ComputedDefault {
  /** How it is told in documentation. */
  text: string;
  from(env: NodeJS.ProcessEnv): string;
}

export const settingInfo = z.registry<SettingInfo>();
