import { toQuantity } from 'ethers';
import { z } from 'zod';
import type { Random } from './random.js';
import type { FaultSource, RpcCall, RpcFault } from './rpc-proxy.js';

/** An endpoint of another chain: an id that no local chain has. */
const OTHER_CHAIN_ID = '0x5';
/** So far behind is no news on its way: it is a node that does not follow. */
const FEWEST_LAG_BLOCKS = 12;
const MOST_LAG_BLOCKS = 60;

/** What is wrong with an endpoint while it is the bad one. */
export type EndpointFault = (draws: Random, head: number) => FaultSource;

/** An answer that does not depend on what was asked. */
const always = (fault: RpcFault): EndpointFault => {
  return () => () => fault;
};

/** An answer to some requests; others are answered well. */
const when = (asks: (call: RpcCall) => boolean, fault: RpcFault): EndpointFault => {
  return () => (call) => (asks(call) ? fault : null);
};

const isBroadcast = ({ method }: RpcCall): boolean => method === 'eth_sendRawTransaction';
const isRangeOfLogs = ({ method, params }: RpcCall): boolean =>
  method === 'eth_getLogs' && JSON.stringify(params).includes('fromBlock');
const asksForPending = ({ params }: RpcCall): boolean => params.includes('pending');
const callsByHash = ({ method, params }: RpcCall): boolean =>
  method === 'eth_call' && typeof params[1] === 'object' && params[1] !== null;

/** What people who run nodes and services have reported, by name. */
export const ENDPOINT_FAULTS: Record<string, EndpointFault> = {
  dead: always('break before'),
  unauthorised: always({ httpStatus: 401, body: 'invalid key' }),
  forbidden: always({ httpStatus: 403 }),
  notFound: always({ httpStatus: 404 }),
  badGateway: always({ httpStatus: 502, body: '<html>' }),
  overloaded: always('refuse'),
  tooManyRequests: always({ httpStatus: 429, headers: { 'retry-after': '1' } }),
  /** It takes a request and never answers; once is enough, or the run would be all waiting. */
  silent: () => {
    let isFirst = true;
    return () => {
      const fault = isFirst ? 'no answer' : 'break before';
      isFirst = false;
      return fault;
    };
  },
  lags: (draws) => {
    const lagBlocks = draws.between(FEWEST_LAG_BLOCKS, MOST_LAG_BLOCKS);
    return () => ({ lagBlocks });
  },
  standsStill: (_draws, stuckAt) => {
    return async ({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest'
        ? { askInstead: { params: [toQuantity(stuckAt), params[1]] } }
        : null;
  },
  /** After its connections broke, something else answers at its address. */
  otherChain: () => {
    let isFirst = true;
    return ({ method }) => {
      const fault = isFirst ? 'break before' : method === 'eth_chainId' ? { change: () => OTHER_CHAIN_ID } : null;
      isFirst = false;
      return fault;
    };
  },
  leavesOutLogs: when(isRangeOfLogs, { change: () => [] }),
  searchesFewBlocks: () => (call) => {
    if (!isRangeOfLogs(call)) return null;
    const [{ fromBlock, toBlock }] = range.parse(call.params);
    const blocks = Number(toBlock) - Number(fromBlock) + 1;
    return blocks > 5 ? { error: { code: -32600, message: 'eth_getLogs is limited to a 5 block range' } } : null;
  },
  noPendingBlock: when(asksForPending, { error: { code: -32000, message: 'pending block is not available' } }),
  noCallsByHash: when(callsByHash, { error: { code: -32602, message: 'invalid argument 1: cannot unmarshal object' } }),
  noReceipts: when(({ method }) => method === 'eth_getTransactionReceipt', { change: () => null }),
  refusesBroadcasts: when(isBroadcast, { httpStatus: 503 }),
  capsFees: when(isBroadcast, {
    error: { code: -32000, message: 'tx fee (1.20 ether) exceeds the configured cap (1.00 ether)' },
  }),
  losesAnswersToBroadcasts: when(isBroadcast, 'break after'),
};

const range = z.tuple([z.object({ fromBlock: z.string(), toBlock: z.string() })]);
