import type { SettingUser } from '../settings/setting-info.js';

/** A worker that has a metrics address. */
export type MetricsRole = Exclude<SettingUser, 'scripts'>;

/** What one metric says. Counters count from the start of the process. */
export interface MetricInfo {
  kind: 'counter' | 'gauge' | 'histogram';
  /** As a sentence; its unit is in the name. */
  description: string;
  /** Labels that every value of it carries. */
  labels: readonly string[];
  exportedBy: readonly MetricsRole[];
}

const define = <const Table extends Record<string, MetricInfo>>(table: Table): Table => table;

/**
 * Every metric of our own, by the name under which it is exported, without the `_total` that a counter gets there. What
 * the SDK's core exports beside them begins with `temporal_`.
 */
export const METRICS = define({
  zkpow_prover_slots: {
    kind: 'gauge',
    description: 'Proofs that this machine can make at the same time.',
    labels: [],
    exportedBy: ['prover', 'gateway'],
  },
  zkpow_prover_slots_busy: {
    kind: 'gauge',
    description: 'Proofs that are being made on this machine now.',
    labels: [],
    exportedBy: ['prover', 'gateway'],
  },
  zkpow_proofs_made: {
    kind: 'counter',
    description: 'Proofs that this machine ended: made, failed or given up because nobody wanted them any more.',
    labels: ['kind', 'outcome'],
    exportedBy: ['prover', 'gateway'],
  },
  zkpow_proof_seconds: {
    kind: 'histogram',
    description: 'Machine time of the proofs that were made.',
    labels: ['kind'],
    exportedBy: ['prover', 'gateway'],
  },
  zkpow_queue_wait_seconds: {
    kind: 'histogram',
    description: 'How long a task waited in its queue before this worker took it.',
    labels: ['activity'],
    exportedBy: ['aggregator', 'prover', 'gateway', 'sender'],
  },
  zkpow_proofs_checked: {
    kind: 'counter',
    description: 'Proofs that provers handed in and the aggregator accepted or refused.',
    labels: ['kind', 'outcome'],
    exportedBy: ['aggregator'],
  },
  zkpow_provers: {
    kind: 'gauge',
    description: 'Mining machines that have a login, in good standing or set aside.',
    labels: ['state'],
    exportedBy: ['aggregator'],
  },
  zkpow_queue_pollers: {
    kind: 'gauge',
    description: 'Workers that asked for tasks of this queue in the last minutes.',
    labels: ['queue'],
    exportedBy: ['aggregator'],
  },
  zkpow_queue_backlog: {
    kind: 'gauge',
    description: 'Tasks that wait in this queue (as the server estimates it).',
    labels: ['queue'],
    exportedBy: ['aggregator'],
  },
  zkpow_queue_backlog_age_seconds: {
    kind: 'gauge',
    description: 'How long the oldest task of this queue has waited by now; 0 for an empty queue.',
    labels: ['queue'],
    exportedBy: ['aggregator'],
  },
  zkpow_queue_in_hand: {
    kind: 'gauge',
    description:
      'Proofs of this queue that machines have in hand while others wait in it and nobody asks for them; else 0. Machines whose slots are all busy ask for nothing.',
    labels: ['queue'],
    exportedBy: ['aggregator'],
  },
  zkpow_rules_distrusted: {
    kind: 'gauge',
    description:
      'Type rules that refuse a proof which our own check took: nothing is committed to rollups of them until that ends.',
    labels: [],
    exportedBy: ['aggregator'],
  },
  zkpow_windows_open: {
    kind: 'gauge',
    description: 'Sequences with a window that this miner still has to use: a hash to commit or a proof to reveal.',
    labels: ['window'],
    exportedBy: ['aggregator'],
  },
  zkpow_window_blocks_left: {
    kind: 'gauge',
    description: 'Blocks that are left in the window which ends first; says something only while one is open.',
    labels: ['window'],
    exportedBy: ['aggregator'],
  },
  zkpow_rewards_gwei: {
    kind: 'counter',
    description: "Rewards booked for this miner, in billionths of the pool's coin, since the process began.",
    labels: ['rollup'],
    exportedBy: ['aggregator'],
  },
  zkpow_penalties_gwei: {
    kind: 'counter',
    description: "Penalties taken from this miner's stake, in billionths of the pool's coin, since the process began.",
    labels: ['rollup'],
    exportedBy: ['aggregator'],
  },
  zkpow_chain_head_block: {
    kind: 'gauge',
    description: 'Newest block of the base chain that was seen.',
    labels: [],
    exportedBy: ['aggregator'],
  },
  zkpow_endpoint_used: {
    kind: 'gauge',
    description:
      '1 for an RPC endpoint that is asked, 0 for one that is passed over: it fails, lags, or is of another chain.',
    labels: ['endpoint'],
    exportedBy: ['aggregator', 'sender'],
  },
  zkpow_endpoint_head_block: {
    kind: 'gauge',
    description: 'Newest block that an RPC endpoint has told of.',
    labels: ['endpoint'],
    exportedBy: ['aggregator', 'sender'],
  },
  zkpow_endpoint_head_age_seconds: {
    kind: 'gauge',
    description: "How long an RPC endpoint's newest block has been the same by now.",
    labels: ['endpoint'],
    exportedBy: ['aggregator', 'sender'],
  },
  zkpow_endpoint_requests: {
    kind: 'gauge',
    description: 'Requests to an RPC endpoint since the process began; by outcome: answered, failed or rate limited.',
    labels: ['endpoint', 'outcome'],
    exportedBy: ['aggregator', 'sender'],
  },
  zkpow_transactions: {
    kind: 'gauge',
    description: "Transactions of the sender's table, by what they are for and how far they are.",
    labels: ['step', 'state'],
    exportedBy: ['aggregator'],
  },
  zkpow_wallet_balance_gwei: {
    kind: 'gauge',
    description: "What the miner's wallet holds to pay gas with.",
    labels: ['wallet'],
    exportedBy: ['sender'],
  },
  zkpow_wallet_reveals_affordable: {
    kind: 'gauge',
    description: 'How many reveals of 4,000,000 gas the wallet can pay at the present gas price.',
    labels: ['wallet'],
    exportedBy: ['sender'],
  },
  zkpow_sender_leads: {
    kind: 'gauge',
    description: '1 for the sender that leads over the wallet, 0 for one that waits.',
    labels: ['wallet'],
    exportedBy: ['sender'],
  },
  zkpow_steps_held_up: {
    kind: 'gauge',
    description: 'Steps that cannot be sent, or are not mined, for longer than a block or two; their rows say why.',
    labels: ['step'],
    exportedBy: ['sender'],
  },
  zkpow_broadcast_answers: {
    kind: 'counter',
    description:
      'What endpoints made of broadcasts, one for each endpoint asked: taken, known already, refused, or nothing in time.',
    labels: ['said'],
    exportedBy: ['sender'],
  },
  zkpow_client_certificate_end_timestamp_seconds: {
    kind: 'gauge',
    description: 'Until when the certificate holds with which this process logs in to Temporal, in seconds since 1970.',
    labels: [],
    exportedBy: ['aggregator', 'prover', 'gateway', 'sender'],
  },
  zkpow_probe_failing: {
    kind: 'gauge',
    description: '1 while what a metric needs cannot be read: the values it fills are those of the last success.',
    labels: ['probe'],
    exportedBy: ['aggregator', 'sender'],
  },
});

export type MetricName = keyof typeof METRICS;

/** Name of a metric as Prometheus sees it. */
export function exportedName(name: MetricName): string {
  return METRICS[name].kind === 'counter' ? `${name}_total` : name;
}
