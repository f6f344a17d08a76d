import { createBlockTimes } from '../block-times.js';
import type { Endpoint, SeenHead } from './endpoint.js';

/** Blocks that one endpoint may be behind another: news takes its time. */
const TOLERATED_BLOCKS = 3;
/** The same in time, for chains with fast blocks. */
const TOLERATED_MS = 5_000;
/** A head that was seen longer ago than this proves nothing any more: the chain may have been cut back. */
const HEAD_COUNTS_FOR_MS = 600_000;
/** Where there are several, an endpoint whose head was not seen for so long is asked for it before it is used. */
const HEAD_KNOWN_FOR_MS = 10_000;
/** How often the heads of all are compared, and how often while the one in use stands still. */
const COMPARE_INTERVAL_MS = 15_000;
const COMPARE_WHEN_STILL_MS = 1_000;
/** Without a block for so many times the usual time, a head stands still. */
const STILL_BLOCK_TIMES = 3;
const STILL_AT_LEAST_MS = 3_000;
/** An endpoint that was passed over is looked at again after so long. */
const CHECK_AGAIN_MS = 1_000;
/** Taken for the block time while too few blocks were seen. */
const UNKNOWN_BLOCK_TIME_MS = 1_000;

/** Which endpoints of a pool know the newest blocks, judged against each other. */
export interface Freshness {
  /** How far an endpoint is behind the others, null if it is not. */
  whyBehind(endpoint: Endpoint): string | null;
  /** Whether an endpoint has to be asked for its head before it is used. */
  isUnknown(endpoint: Endpoint): boolean;
  /** Whether enough time has passed since an endpoint that is passed over was last checked. */
  mayCheckAgain(endpoint: Endpoint): boolean;
  /**
   * After an endpoint has told of its head: asks the others for theirs, and this one for its chain, in the background, when
   * it is time to.
   */
  compare(endpoint: Endpoint): void;
}

export function createFreshness(endpoints: readonly Endpoint[]): Freshness {
  const blockTimes = createBlockTimes();
  let comparedAtMs = 0;

  const blockTimeMs = (): number => (blockTimes.isSure() ? blockTimes.medianMs() : UNKNOWN_BLOCK_TIME_MS);

  function blocksBehind(own: SeenHead): number {
    const now = Date.now();
    const counting = endpoints.flatMap(({ head, wrongChain }) =>
      head && wrongChain() === null && now - head.seenAtMs < HEAD_COUNTS_FOR_MS ? head : [],
    );
    // A head that was seen later may be higher for that reason alone.
    const distances = counting.map(
      (other) => other.header.number - own.header.number - Math.max(0, other.seenAtMs - own.seenAtMs) / blockTimeMs(),
    );
    return Math.max(0, ...distances);
  }

  function whyBehind({ head }: Endpoint): string | null {
    if (!head) return null;
    const blocks = blocksBehind(head);
    if (blocks <= Math.max(TOLERATED_BLOCKS, TOLERATED_MS / blockTimeMs())) return null;
    return `is ${Math.round(blocks)} blocks behind: its newest block is ${head.header.number}`;
  }

  function isStill({ sinceMs }: SeenHead): boolean {
    return Date.now() - sinceMs > Math.max(STILL_AT_LEAST_MS, STILL_BLOCK_TIMES * blockTimeMs());
  }

  return {
    whyBehind,
    mayCheckAgain: (endpoint) => Date.now() - endpoint.lastCheckMs() > CHECK_AGAIN_MS,
    isUnknown(endpoint) {
      const ageMs = Date.now() - (endpoint.head?.seenAtMs ?? 0);
      return endpoints.length > 1 && (ageMs > HEAD_KNOWN_FOR_MS || whyBehind(endpoint) !== null);
    },
    compare(endpoint) {
      const { head } = endpoint;
      if (!head) return;
      if (whyBehind(endpoint) === null && blockTimes.newest() !== head.header.hash) blockTimes.add(head.header);
      // Another chain may answer at its address by now: behind a service a connection outlives the node.
      if (Date.now() - endpoint.lastCheckMs() >= COMPARE_INTERVAL_MS) endpoint.check().catch(() => undefined);
      const intervalMs = isStill(head) ? COMPARE_WHEN_STILL_MS : COMPARE_INTERVAL_MS;
      if (endpoints.length === 1 || Date.now() - comparedAtMs < intervalMs) return;
      comparedAtMs = Date.now();
      for (const other of endpoints) if (other !== endpoint) other.check().catch(() => undefined);
    },
  };
}
