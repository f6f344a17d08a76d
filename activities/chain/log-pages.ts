/** What is searched for logs in one request at most: public RPC services refuse more, and some even that. */
export const PAGE_BLOCKS = 5_000;

/** Numbers of blocks, both ends included. */
export interface BlockRange {
  from: number;
  to: number;
}

/** A range in pieces that may be searched in one request, the oldest first. */
export function pagesOf({ from, to }: BlockRange): BlockRange[] {
  const pages: BlockRange[] = [];
  for (let start = from; start <= to; start += PAGE_BLOCKS) {
    pages.push({ from: start, to: Math.min(start + PAGE_BLOCKS - 1, to) });
  }
  return pages;
}
