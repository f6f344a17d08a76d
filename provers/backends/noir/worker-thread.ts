import { Worker } from 'node:worker_threads';

const tsx = import.meta.resolve('tsx/esm/api');

/**
 * Runs a module on a thread of its own, so that long computations do not hold up the event loop.
 *
 * @param module a TypeScript module that reads `workerData` and posts one message, its result
 * @returns what the module posted, for the caller to narrow
 */
export function runOnThread(module: URL, workerData: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // A thread does not inherit the loader of TypeScript modules.
    const start = `import('${tsx}').then(({ register }) => { register(); return import('${module.href}'); })`;
    const worker = new Worker(start, { eval: true, workerData, execArgv: [], stdout: true });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`${module.pathname} ended with code ${code} before it gave a result`));
    });
  });
}
