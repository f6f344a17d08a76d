import type { Wallet } from 'ethers';
import type { Logger } from 'pino';
import type { ChainRpc } from '../chain/chain-rpc.js';
import type { EndpointAnswer } from './broadcast.js';
import type { HoldUps } from './hold-ups.js';
import type { Leadership } from './leader-lock.js';
import type { NodeFeeCap } from './node-fee-cap.js';
import type { NonceSearch } from './nonce-search.js';
import type { OneAtATime } from './one-at-a-time.js';
import type { SenderFinalProofs, SequenceReader } from './ports.js';
import type { TransactionStep } from './transactions.js';
import type { Head, WalletRpc } from './wallet-rpc.js';

export interface SenderSettings {
  /** Depth in blocks at which a transaction counts as final. */
  confirmations: number;
  /** Highest fee per gas for commits, settles and take-backs, in wei. */
  commitFeeCapWei: bigint;
  /** Highest fee per gas for reveals and for what stands before them, in wei. */
  revealFeeCapWei: bigint;
  /** A transaction that is not mined after so many blocks is offered a higher fee. */
  bumpAfterBlocks: number;
  /** How often the head is looked at. */
  pollIntervalMs: number;
}

/** Where the sender counts what people look at. */
export interface SenderMetrics {
  /** One endpoint has answered one broadcast, or has not. */
  broadcastAnswered(said: EndpointAnswer['said']): void;
  /** How many steps of each kind are held up now; those that are not named: none. */
  stepsHeldUp(counts: ReadonlyMap<TransactionStep, number>): void;
}

/** All that the sender works with. */
export interface SenderDeps {
  chainId: number;
  wallet: Wallet;
  rpc: WalletRpc;
  /** For the contract's own view of a sequence. */
  chainRpc: ChainRpc;
  leadership: Pick<Leadership, 'database' | 'lost'>;
  finalProofs: SenderFinalProofs;
  reader: SequenceReader;
  settings: SenderSettings;
  metrics: SenderMetrics;
  log: Logger;
}

/** What the three loops share besides. */
export interface SenderContext extends SenderDeps {
  /** Runs what takes a nonce, one at a time. */
  oneAtATime: OneAtATime;
  /** The newest block, never one before a block that was told here and is still in the chain. */
  head: () => Promise<Head>;
  holdUps: HoldUps;
  /** One search for all rows: what it has looked at is not read again. */
  nonceSearch: NonceSearch;
  nodeFeeCap: NodeFeeCap;
  /** What the pool of a rollup keeps: a token's address, or zero for the chain's own coin. */
  assetOf: (rollup: string) => Promise<string>;
  /** Whether a reveal waits to be signed: it will take the highest nonce, so all before it are in its way. */
  revealIsDue: () => boolean;
}
