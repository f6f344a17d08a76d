import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * Lets the Temporal SDK download the Temporal CLI: it does so on starting a server from it.
 * Usage: download-temporal VERSION DIRECTORY. A program of its own, so that a download that hangs can be ended.
 */
const [version, downloadDir] = process.argv.slice(2);
if (version === undefined || downloadDir === undefined) throw new Error('usage: download-temporal VERSION DIRECTORY');
const server = { executable: { type: 'cached-download', version, downloadDir } } as const;
const environment = await TestWorkflowEnvironment.createLocal({ server });
await environment.teardown();
