import { toQuantity } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../../domain/sequence.js';
import { PAGE_BLOCKS, type BlockRange } from '../log-pages.js';
import type { Endpoint } from './endpoint.js';
import { NotUsableError } from './endpoint-choice.js';
import type { EndpointPool } from './endpoint-pool.js';
import { chainLog, header, type ChainLog } from './rpc-answers.js';
import { NoAnswerError, RpcAnswerError } from './rpc-errors.js';

/** An endpoint that does not answer in time is asked for less, but not for fewer blocks than this. */
const LEAST_BLOCKS_AFTER_SILENCE = 100;
/** After so many pages in a row an endpoint is asked for twice as many blocks: limits are lifted, and busy times end. */
const PAGES_BEFORE_MORE = 100;

/** What `eth_getLogs` is asked for, but for the blocks. */
export interface LogQuery {
  address?: string | readonly string[];
  topics?: readonly (string | readonly string[] | null)[];
}

const pagesInARow = new WeakMap<Endpoint, number>();

/**
 * The logs of a range of blocks, in pages of as many blocks as the endpoint in use takes: services search 5, 500 or 10,000
 * blocks at once, or give up at so many logs, and each says so in its own words.
 */
export async function searchLogs(pool: EndpointPool, query: LogQuery, { from, to }: BlockRange): Promise<ChainLog[]> {
  const logs: ChainLog[] = [];
  for (let start = from; start <= to;) {
    const work = (endpoint: Endpoint) => searchPage(endpoint, query, { from: start, to });
    const page = await pool.attempt('eth_getLogs', work, pool.firstForLogs());
    logs.push(...page.logs);
    start = page.upTo + 1;
  }
  return logs;
}

/**
 * The logs of one block, named by its hash: an endpoint that does not have that very block says so. Where a node knows no
 * such question, the block's number is used and each log's hash is compared; nothing proves then that none is left out.
 */
export function logsOfBlock(pool: EndpointPool, query: LogQuery, blockHash: Hex): Promise<ChainLog[]> {
  return pool.attempt('eth_getLogs', async (endpoint) => {
    const ask = async (blocks: object): Promise<ChainLog[]> =>
      z.array(chainLog).parse(await endpoint.send('eth_getLogs', [{ ...query, ...blocks }]));
    const askByNumber = async (): Promise<ChainLog[]> => {
      const block = header.nullable().parse(await endpoint.send('eth_getBlockByHash', [blockHash, false]));
      if (!block) throw new NotUsableError(`does not know block ${blockHash}`);
      const at = toQuantity(block.number);
      const logs = await ask({ fromBlock: at, toBlock: at });
      // No logs say nothing of the block that they are of.
      const now = header.nullable().parse(await endpoint.send('eth_getBlockByNumber', [at, false]));
      if (now?.hash === blockHash && logs.every((log) => log.blockHash === blockHash)) return logs;
      throw new NotUsableError(`has another block ${block.number} than ${blockHash}`);
    };
    if (endpoint.lacks.has('logs by block hash')) return askByNumber();
    try {
      return await ask({ blockHash });
    } catch (error) {
      if (!(error instanceof RpcAnswerError) || NO_SUCH_BLOCKS.test(error.message)) throw error;
      const logs = await askByNumber();
      pool.lacks(endpoint, 'logs by block hash');
      return logs;
    }
  });
}

/** The logs of as many blocks from the first on as the endpoint takes. */
async function searchPage(
  endpoint: Endpoint,
  query: LogQuery,
  { from, to }: BlockRange,
): Promise<{ logs: ChainLog[]; upTo: number }> {
  for (;;) {
    const upTo = Math.min(to, from + endpoint.logRangeBlocks - 1);
    try {
      const range = { fromBlock: toQuantity(from), toBlock: toQuantity(upTo) };
      const logs = z.array(chainLog).parse(await endpoint.send('eth_getLogs', [{ ...query, ...range }]));
      askForMore(endpoint);
      return { logs, upTo };
    } catch (error) {
      const blocks = upTo - from + 1;
      const fewest = fewestBlocksAfter(error);
      if (fewest === null || blocks <= fewest) throw error;
      endpoint.logRangeBlocks = Math.max(fewest, Math.floor(blocks / 2));
      pagesInARow.delete(endpoint);
    }
  }
}

function askForMore(endpoint: Endpoint): void {
  const pages = (pagesInARow.get(endpoint) ?? 0) + 1;
  pagesInARow.set(endpoint, pages % PAGES_BEFORE_MORE);
  if (pages === PAGES_BEFORE_MORE) endpoint.logRangeBlocks = Math.min(PAGE_BLOCKS, endpoint.logRangeBlocks * 2);
}

/** What nodes say of blocks that they do not have: fewer of them would not help. */
const NO_SUCH_BLOCKS = /not found|unknown block|invalid block range|pruned|not available|unavailable|missing/i;

/** Fewest blocks that it makes sense to ask for after an error; null where fewer blocks do not help. */
function fewestBlocksAfter(error: unknown): number | null {
  if (error instanceof RpcAnswerError) return NO_SUCH_BLOCKS.test(error.message) ? null : 1;
  if (!(error instanceof NoAnswerError)) return null;
  return error.kind === 'too large' ? 1 : error.kind === 'silent' ? LEAST_BLOCKS_AFTER_SILENCE : null;
}
