import { join } from 'node:path';
import { getBytes, hexlify, ZeroHash } from 'ethers';
import { z } from 'zod';
import { numberBatches } from '../../activities/chain/posted-batches.js';
import { BATCH_BYTES } from '../../activities/proving/transfers/record.js';
import { openTransfersReplay } from '../../activities/proving/transfers/replay.js';
import type { RuleSample } from '../../contracts/launch-options.js';
import { openArtifactCache } from '../../provers/noir/artifact-cache.js';
import type { ProverBackend, ProvingContext } from '../../provers/prover-backend.js';
import { demoGenesis } from '../sequencer/demo-transfers.js';

/** What the sample says: nothing that any rollup on any chain could use. */
const SAMPLE = {
  chainId: 31337,
  rollup: '0x0000000000000000000000000000000000000001',
  miner: '0x0000000000000000000000000000000000000002',
} as const;
const NO_HASH = `0x${'00'.repeat(32)}` as const;
const BATCH = { transactions: '0x', globalExitRoot: NO_HASH, timestamp: 1, l2Coinbase: SAMPLE.miner } as const;

const storedSample = z.object({ newStateRoot: z.string(), newAccInputHash: z.string(), proof: z.string() });

/**
 * A right final proof of one empty batch, by which the rule of `transfers` shows at its registration that it works. Made
 * once for each circuit and kept in the cache.
 */
export async function sampleProof(
  backend: ProverBackend,
  cacheDirectory: string,
  report: (line: string) => void,
): Promise<RuleSample> {
  const cache = openArtifactCache(cacheDirectory, console.warn);
  const name = join('samples', `${backend.proofSystem}-${backend.circuitId('final')}.json`);
  const content = await cache.content(name, async () => {
    report('Making the sample proof by which the type rule is registered, once for these circuits');
    return JSON.stringify(await makeSample(backend));
  });
  const { newStateRoot, newAccInputHash, proof } = storedSample.parse(JSON.parse(content.toString('utf8')));
  return {
    statement: {
      ...{ chainId: BigInt(SAMPLE.chainId), rollup: SAMPLE.rollup, firstBatch: 1n, lastBatch: 1n },
      ...{ oldStateRoot: demoGenesis().stateRoot, newStateRoot, oldAccInputHash: ZeroHash, newAccInputHash },
      ...{ newLocalExitRoot: ZeroHash, miner: SAMPLE.miner },
    },
    proof: getBytes(proof),
  };
}

async function makeSample(backend: ProverBackend): Promise<z.infer<typeof storedSample>> {
  const { chainId, rollup, miner } = SAMPLE;
  const replay = openTransfersReplay({ chainId, rollup }, { ...demoGenesis(), accInputHash: NO_HASH });
  const place = { firstBatch: 1, previousAccInputHash: NO_HASH, batchBytes: BATCH_BYTES };
  const [batch] = numberBatches([BATCH], place);
  if (!batch) throw new Error('the sample has no batch');
  const { statement, input } = await replay.apply(batch);
  const proof = await backend.prove({ kind: 'batch', statement, input }, silently());
  const child = { kind: 'batch' as const, statement, proof };
  const final = await backend.prove({ kind: 'final', statement, miner, child }, silently());
  const { newStateRoot, newAccInputHash } = statement;
  return { newStateRoot, newAccInputHash, proof: hexlify(final) };
}

function silently(): ProvingContext {
  return { signal: new AbortController().signal, progress: () => undefined };
}
