import type { Logger } from './log.js';
import { settings } from './settings-table.js';
import { readSettings } from './settings.js';
import { findWorkflowBundle } from './workflow-bundle.js';

/** Makes the workflow bundle, so that workers on machines in production find it. */
export async function makeBundle(env: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const { cache } = readSettings(env, settings.pick({ cache: true, logLevel: true }));
  const path = await findWorkflowBundle({ cache, make: true, log: (message) => log.info(message) });
  log.info({ path }, 'the workflow bundle is there');
}
