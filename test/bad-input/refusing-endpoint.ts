import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { z } from 'zod';
import { choosePort } from '../../local-stack/ports.js';

const STATUSES = ['401', '403', '404', '502'] as const;
/** How an endpoint fails: the status it answers with (any of them in turn), or that it does not answer at all. */
export type Refusal = (typeof STATUSES)[number] | 'any status' | 'silent' | 'dead';
export const REFUSALS: readonly Refusal[] = [...STATUSES, 'silent', 'dead'];

/** An endpoint whose key is in its URL, and which repeats it in what it answers, as some do. */
export interface RefusingEndpoint {
  /**
   * @param knowsItsChain answers what its chain id is, so that programs go on to their work, and refuses all else
   * @param who asks there: its requests are counted by themselves
   */
  url(refusal: Refusal, knowsItsChain?: boolean, who?: string): string;
  /** How many requests to this URL were refused, or left without an answer. */
  refusals(url: string): number;
  /** Resolves once so many requests to this URL were refused, if ever. */
  afterRefusals(url: string, count: number): Promise<void>;
  close(): Promise<void>;
}

export const PATH_KEY = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
export const QUERY_KEY = 'q9w8e7r6t5y4u3i2';

const request = z.object({ id: z.unknown(), method: z.string() });
const body = z.union([request, z.array(request)]);

export async function startRefusingEndpoint(): Promise<RefusingEndpoint> {
  const [port, deadPort] = [await choosePort(undefined), await choosePort(undefined)];
  const refused = new Map<string, number>();
  const changes = new EventEmitter().setMaxListeners(0);
  const server = createServer((incoming, response) => {
    const [, refusal = '', chain] = (incoming.url ?? '').split('/');
    let text = '';
    incoming.setEncoding('utf8').on('data', (part: string) => (text += part));
    incoming.on('end', () => {
      const asked = [body.parse(JSON.parse(text))].flat();
      if (chain === 'chain' && asked.every(({ method }) => method === 'eth_chainId')) {
        const answers = asked.map(({ id }) => ({ jsonrpc: '2.0', id, result: '0x7a69' }));
        response.end(JSON.stringify(text.startsWith('[') ? answers : answers[0]));
        return;
      }
      const count = refused.get(incoming.url ?? '') ?? 0;
      refused.set(incoming.url ?? '', count + 1);
      changes.emit('refused');
      if (refusal !== 'silent') {
        const status = refusal === 'any' ? STATUSES[count % STATUSES.length] : refusal;
        response.writeHead(Number(status), { 'content-type': 'text/plain' }).end(`no access: ${incoming.url}`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const refusals = (url: string): number => refused.get(new URL(url).pathname + new URL(url).search) ?? 0;
  return {
    url: (refusal, knowsItsChain = false, who = 'nobody') =>
      `http://127.0.0.1:${refusal === 'dead' ? deadPort : port}/${refusal.split(' ')[0]}/${knowsItsChain ? 'chain' : 'no'}/${who}/` +
      `${PATH_KEY}?apikey=${QUERY_KEY}`,
    refusals,
    async afterRefusals(url, count) {
      while (refusals(url) < count) await once(changes, 'refused');
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
