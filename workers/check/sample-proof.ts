import { performance } from 'node:perf_hooks';
import { accumulateInputHash } from '../../activities/chain/posted-batches.js';
import type { BatchWork } from '../../activities/proving/rollup-type.js';
import { encodeGenesis, genesisTree } from '../../activities/proving/transfers/genesis.js';
import { transfersType } from '../../activities/proving/transfers/transfers-type.js';
import type { ProverBackend } from '../../provers/prover-backend.js';
import { CheckFailedError } from './check-line.js';

const ZERO_HASH = `0x${'00'.repeat(32)}` as const;
const ZERO_ADDRESS = `0x${'00'.repeat(20)}`;
/** One account with the curve's generator for a key. */
const ACCOUNTS = [{ x: 1n, y: 17631683881184975370165255887551781615748388533673675138860n, balance: 1n }];
/** Of no rollup that there is. */
const ROLLUP = { chainId: 31337, rollup: ZERO_ADDRESS };

/** Makes one batch proof of a rollup that there is not, checks it and tells how long it took. */
export async function proveSample(backend: ProverBackend, rollupType: string): Promise<string> {
  if (rollupType !== transfersType.name) return `not tried: there is no sample of rollup type ${rollupType}`;
  const { statement, input } = await sampleBatch();
  const begun = performance.now();
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const proof = await backend.prove({ kind: 'batch', statement, input }, context);
  const seconds = (performance.now() - begun) / 1000;
  if (await backend.verify({ kind: 'batch', statement, proof })) {
    return `a batch proof of ${proof.length} bytes in ${seconds.toFixed(1)} s, and it verifies`;
  }
  throw new CheckFailedError(
    'the batch proof that this machine made does not verify: have its memory and graphics card tested; it would be set aside',
  );
}

/** The first batch of a new rollup, with nothing in it: as much work as a full one. */
async function sampleBatch(): Promise<BatchWork> {
  const genesis = {
    stateRoot: `0x${genesisTree(ACCOUNTS).root.toString(16).padStart(64, '0')}` as const,
    accInputHash: ZERO_HASH,
    data: encodeGenesis(ACCOUNTS),
  };
  const content = { transactions: '0x', globalExitRoot: ZERO_HASH, timestamp: 1, l2Coinbase: ZERO_ADDRESS } as const;
  const accInputHash = accumulateInputHash(ZERO_HASH, content, transfersType.batchBytes);
  return transfersType.openReplay(ROLLUP, genesis).apply({ ...content, batchNumber: 1, accInputHash });
}
