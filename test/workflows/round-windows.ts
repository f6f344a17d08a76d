import { readFileSync } from 'node:fs';
import { z } from 'zod';

const edges = z.object({
  cases: z
    .array(
      z.object({
        why: z.string(),
        roundStart: z.number(),
        t1: z.number(),
        t2: z.number(),
        tMin: z.number(),
        postedBlock: z.number(),
        /** -1 while the predecessor is not verified. */
        predecessorVerifiedBlock: z.number(),
        block: z.number(),
        mayCommit: z.boolean(),
        mayReveal: z.boolean(),
        failed: z.boolean(),
        mayTakeBack: z.boolean(),
      }),
    )
    .min(1),
});

/** The table of edges of a round, shared with the forge tests. */
export function readRoundWindows(): z.infer<typeof edges>['cases'] {
  const file = new URL('../vectors/round-windows.json', import.meta.url);
  return edges.parse(JSON.parse(readFileSync(file, 'utf8'))).cases;
}
