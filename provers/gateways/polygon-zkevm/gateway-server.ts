import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { aggregatorService } from './messages.js';
import type { ZkevmProverPool } from './prover-pool.js';
import type { ChannelCall } from './prover-stream.js';

/** A recursive proof has 0.8 MB; gRPC takes 4 MiB unless told otherwise. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;
/** Longest wait for connections to end by themselves. */
const CLOSE_TIMEOUT_MS = 2_000;
const SERVICE = 'aggregator.v1.AggregatorService';

export interface GatewayServer {
  /** The port it listens on. */
  readonly port: number;
  /** Sends the provers away and stops listening. */
  close(): Promise<void>;
}

/**
 * Listens for provers of the zkEVM family, which dial in; answers `grpc.health.v1` too. Their protocol knows neither
 * encryption nor logins: the address must be one that only they reach.
 *
 * @param address to listen on, host:port; port 0 takes a free one
 * @throws Error if it cannot listen there
 */
export async function startGatewayServer(address: string, pool: ZkevmProverPool): Promise<GatewayServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  server.addService(aggregatorService(), { Channel: (call: ChannelCall) => void pool.serve(call) });
  const health = new HealthImplementation({ '': 'SERVING', [SERVICE]: 'SERVING' });
  health.addToServer(server);

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error)
        reject(new Error(`The gateway cannot listen on ${address} (${error.message}): choose another address`));
      else resolve(bound);
    });
  });
  return {
    port,
    async close() {
      health.setStatus('', 'NOT_SERVING');
      health.setStatus(SERVICE, 'NOT_SERVING');
      pool.close();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, CLOSE_TIMEOUT_MS);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}
