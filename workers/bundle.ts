import type { Logger } from '../platform/log.js';
import { settings } from '../platform/settings/settings-table.js';
import { readSettings } from '../platform/settings/settings.js';
import { findWorkflowBundle } from '../platform/workflow-bundle.js';

/** Makes the workflow bundles, with and without spans, so that workers on machines in production find it. */
export async function makeBundle(env: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const { cache } = readSettings(env, settings.pick({ cache: true, logLevel: true }));
  for (const traced of [false, true]) {
    const path = await findWorkflowBundle({ cache, make: true, traced, log: (message) => log.info(message) });
    log.info({ path, traced }, 'the workflow bundle is there');
  }
}
