import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, type WorkerOptions } from '@temporalio/worker';
import { inject } from 'vitest';
import { ensureNamespace } from '../../local-stack/temporal-namespace.js';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

/** Workers of tests end at once, and hear of a cancellation with the next heartbeat. */
export const TEST_WORKER = {
  shutdownGraceTime: 0,
  maxHeartbeatThrottleInterval: 200,
} satisfies Partial<WorkerOptions>;

/** A namespace of its own on the shared server, with a client and a connection for workers. */
export interface TestNamespace {
  namespace: string;
  client: Client;
  workerConnection: NativeConnection;
  close(): Promise<void>;
}

export async function openTestNamespace(): Promise<TestNamespace> {
  const address = inject('temporalAddress');
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  await ensureNamespace(connection, namespace);
  const workerConnection = await NativeConnection.connect({ address });
  return {
    namespace,
    client: new Client({ connection, namespace }),
    workerConnection,
    close: async () => {
      await workerConnection.close();
      await connection.close();
    },
  };
}
