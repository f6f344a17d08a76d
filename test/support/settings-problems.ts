import { SettingsError } from '../../platform/settings/settings.js';

/** What is wrong with settings, as reading them says; the test fails where nothing is. */
export function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error('expected a SettingsError');
}
