import { setTimeout as delay } from 'node:timers/promises';
import { hexlify, keccak256, solidityPackedKeccak256, type TransactionDescription, type Wallet } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import type { ScenarioChain } from './chain.js';
import type { ScenarioRollup } from './rollup.js';

/** How often the pool of pending transactions is looked at. */
const LOOK_MS = 15;
const GAS_LIMIT = 1_500_000;

const hex = z.string();
const pendingTransaction = z.object({
  hash: hex,
  from: hex,
  to: hex.nullable(),
  input: hex,
  maxFeePerGas: z.string().transform(BigInt).optional(),
});
const poolContent = z.object({ pending: z.record(hex, z.record(hex, pendingTransaction)) });

/**
 * An enemy that watches what waits to be mined: it commits to every hash that it sees in its own name, and reveals every
 * proof that it sees as its own, each time for a higher fee, so that it comes first. When it sees a proof it also tries
 * to commit to it for its own address.
 */
export function startFrontRunner(
  chain: ScenarioChain,
  rollup: ScenarioRollup,
  enemy: Wallet,
  victims: readonly string[],
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const seen = new Set<string>();
  const watched = new Set(victims.map((victim) => victim.toLowerCase()));
  let nonce: number | null = null;

  async function send(data: string, victimFee: bigint): Promise<void> {
    nonce ??= await enemy.getNonce('latest');
    const maxFeePerGas = victimFee * 2n;
    const fees = { maxFeePerGas, maxPriorityFeePerGas: maxFeePerGas, gasLimit: GAS_LIMIT };
    await enemy.sendTransaction({ to: rollup.address, data, nonce: nonce++, ...fees });
  }

  async function look(): Promise<void> {
    const { pending } = poolContent.parse(await chain.rpc('txpool_content'));
    for (const transaction of Object.values(pending).flatMap((byNonce) => Object.values(byNonce))) {
      const { hash, from, to, input, maxFeePerGas = 0n } = transaction;
      if (seen.has(hash) || !watched.has(from.toLowerCase())) continue;
      seen.add(hash);
      const call = to?.toLowerCase() === rollup.address.toLowerCase() ? ROLLUP.parseTransaction({ data: input }) : null;
      if (call?.name !== 'submitProofHash' && call?.name !== 'verifyBatches') continue;
      await send(input, maxFeePerGas);
      if (call.name === 'verifyBatches') await send(await ownHash(call), maxFeePerGas);
    }
  }

  /** A commitment to somebody else's proof, for the enemy's own address. */
  async function ownHash(call: TransactionDescription): Promise<string> {
    const values: unknown[] = call.args.toArray();
    const [init, last, , , proof] = z.tuple([z.bigint(), z.bigint(), hex, hex, hex]).parse(values);
    const proofHash = solidityPackedKeccak256(['bytes32', 'address'], [keccak256(hexlify(proof)), enemy.address]);
    const sequence = { firstBatch: Number(init) + 1, lastBatch: Number(last) };
    const args = await leastCommitment(chain.provider, rollup.address, enemy.address, sequence, proofHash);
    return ROLLUP.encodeFunctionData('submitProofHash', args);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      // What the pool refuses is one more try that came to nothing.
      await look().catch(() => (nonce = null));
      await delay(LOOK_MS);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
