import { InterceptingCall, RequesterBuilder, type Interceptor } from '@grpc/grpc-js';
import { Client, Connection } from '@temporalio/client';
import { JsonRpcProvider } from 'ethers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { watchSequences } from '../../scripts/demo/watch-sequences.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import { sampleSequence } from '../support/proof-samples.js';
import { openTestNamespace, type TestNamespace } from '../support/temporal.js';

let temporal: TestNamespace;
beforeAll(async () => {
  temporal = await openTestNamespace();
});
afterAll(() => temporal.close());

/** Counts the calls that a connection has open. */
function countCalls(): { interceptor: Interceptor; open: () => number; longPolls: () => number } {
  const open = new Set<string>();
  let number = 0;
  const interceptor: Interceptor = (options, nextCall) => {
    const call = `${options.method_definition.path} ${(number += 1)}`;
    const requester = new RequesterBuilder().withStart((metadata, _listener, next) => {
      open.add(call);
      next(metadata, {
        onReceiveMetadata: (received, go) => go(received),
        onReceiveMessage: (message, go) => go(message),
        onReceiveStatus: (status, go) => {
          open.delete(call);
          go(status);
        },
      });
    });
    return new InterceptingCall(nextCall(options), requester.build());
  };
  const longPolls = (): number => [...open].filter((path) => path.includes('GetWorkflowExecutionHistory')).length;
  return { interceptor, open: () => open.size, longPolls };
}

test('gives up with no call left open on the connection', async () => {
  const calls = countCalls();
  const connection = await Connection.connect({
    address: inject('temporalAddress'),
    interceptors: [calls.interceptor],
  });
  const client = new Client({ connection, namespace: temporal.namespace });
  const sequence = sampleSequence(1, 2);
  const workflow = { taskQueue: 'nobody', workflowId: sequenceWorkflowId(sequence) };
  await client.workflow.start('sequenceWorkflow', workflow);

  const giveUp = new AbortController();
  const posted = { ...sequence, transactionHash: '0x00', blockNumber: 1 } as const;
  const watching = watchSequences([posted], {
    ...{ client, provider: new JsonRpcProvider('http://127.0.0.1:1', 31337, { staticNetwork: true }) },
    ...{ onProgress: () => undefined, signal: giveUp.signal },
  });
  const failed = expect(watching).rejects.toThrow('enough');
  await expect.poll(calls.longPolls).toBeGreaterThan(0);
  giveUp.abort(new Error('enough'));
  await failed;
  expect(calls.open()).toBe(0);
  await connection.close();
});
