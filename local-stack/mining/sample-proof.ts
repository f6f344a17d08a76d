import { join } from 'node:path';
import { ZeroAddress, ZeroHash } from 'ethers';
import { demoType } from '../../rollup-types/registry.js';
import type { RuleSample } from '../../domain/type-rule.js';
import { digestOf, openArtifactCache } from '../../platform/artifact-cache.js';
import type { ProverBackend, ProvingContext } from '../../domain/prover-backend.js';

/**
 * A right final proof of the type's sample batch, by which its rule shows at its registration that it works.
 * It is bound to no miner that there is. Made once for each circuit and kept in the cache.
 *
 * @param report told when it has to be made
 */
export async function sampleProof(
  backend: ProverBackend,
  cacheDirectory: string,
  report: (line: string) => void,
): Promise<RuleSample> {
  const { sampleBatch } = demoType.type;
  if (!sampleBatch) throw new Error(`rollup type ${demoType.type.name} has no sample batch`);
  const { statement, input } = await sampleBatch();
  const miner = ZeroAddress;
  const name = `${digestOf(backend.proofSystem, backend.circuitId('final'), JSON.stringify(statement))}.proof`;
  const proof = await openArtifactCache(cacheDirectory, console.warn).content(join('samples', name), async () => {
    report('Making the sample proof by which the type rule is registered, once for these circuits');
    const batch = await backend.prove({ kind: 'batch', statement, input }, silently());
    const child = { kind: 'batch' as const, statement, proof: batch };
    return backend.prove({ kind: 'final', statement, miner, child }, silently());
  });
  const { chainId, firstBatch, lastBatch } = statement;
  const numbers = { chainId: BigInt(chainId), firstBatch: BigInt(firstBatch), lastBatch: BigInt(lastBatch) };
  return { statement: { ...statement, ...numbers, newLocalExitRoot: ZeroHash, miner }, proof };
}

function silently(): ProvingContext {
  return { signal: new AbortController().signal, progress: () => undefined };
}
