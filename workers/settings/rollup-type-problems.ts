import { findRollupType } from '../../rollup-types/registry.js';
import type { SettingTexts } from '../../platform/settings/settings.js';

/** What is wrong with the rollup type that is named: a worker of a queue that nobody fills would wait for ever. */
export function rollupTypeProblems({ rollupType }: SettingTexts): string[] {
  // That it is missing is told anyway.
  if (rollupType === undefined) return [];
  try {
    findRollupType(rollupType);
    return [];
  } catch (error) {
    return [`ZKPOW_ROLLUP_TYPE: ${error instanceof Error ? error.message : String(error)}`];
  }
}
