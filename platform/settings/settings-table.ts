import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { policySettings } from './policy-settings.js';
import { provingSettings } from './proving-settings.js';
import { settingInfo } from './setting-info.js';
import {
  address,
  ADDRESS,
  CHAIN_READERS,
  decimalText,
  EVERYBODY,
  explainUrls,
  httpUrl,
  port,
  privateKey,
  text,
  wholeNumber,
  WORKERS,
  rollupWeights,
} from './setting-kinds.js';

/**
 * Every setting of every program, in the order in which the documentation shows them. Temporal's own (`TEMPORAL_*` and
 * its profiles) are read by its library, see `readTemporalSettings`.
 */
export const settings = z.object({
  home: text().register(settingInfo, {
    env: 'ZKPOW_HOME',
    description: 'Directory of all run state: databases, logs, which processes run, final proofs.',
    expected: 'a path',
    default: '.zkpow',
    usedBy: EVERYBODY,
  }),
  cache: text().register(settingInfo, {
    env: 'ZKPOW_CACHE',
    description: 'Directory of what is made once and shared by all clones: programs, circuits, proving keys.',
    expected: 'a path',
    default: {
      text: '$XDG_CACHE_HOME/zkpow, else ~/.cache/zkpow',
      from: (env) => join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'zkpow'),
    },
    usedBy: EVERYBODY,
  }),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).register(settingInfo, {
    env: 'ZKPOW_LOG_LEVEL',
    description: 'The least important log lines that are written.',
    expected: 'trace, debug, info, warn or error',
    default: 'info',
    usedBy: EVERYBODY,
  }),
  metricsAddress: z
    .string()
    .regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d{1,5}$/)
    .register(settingInfo, {
      env: 'ZKPOW_METRICS_ADDRESS',
      description:
        'Where this process shows its metrics to Prometheus, under /metrics; each process needs an address of its own ' +
        '(a stack gives each worker the next port). Without it none are made. Anybody who reaches it can read them.',
      expected: 'an address of this machine and a port, as 127.0.0.1:9464',
      usedBy: WORKERS,
    }),
  otlpEndpoint: httpUrl.register(settingInfo, {
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description:
      'Where traces are sent (OTLP over HTTP). Without it none are made. The other standard variables OTEL_* hold as well.',
    expected: 'an http:// or https:// URL, as http://127.0.0.1:4318',
    usedBy: WORKERS,
  }),
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/ }).register(settingInfo, {
    env: 'DATABASE_URL',
    description: "The miner's Postgres database. Each miner has one of its own.",
    expected: 'postgresql://USER:PASSWORD@HOST:PORT/DATABASE',
    secret: true,
    usedBy: EVERYBODY,
  }),
  rpcUrls: z
    .string()
    .transform((list) => list.split(',').map((url) => url.trim()))
    .pipe(z.array(httpUrl).min(1))
    .register(settingInfo, {
      env: 'ZKPOW_RPC_URL',
      description:
        'JSON-RPC endpoint of the base chain, or several, the preferred one first: one that fails, is silent for 2 s, lags behind another or is of another chain is passed over.',
      expected: 'one or several http:// or https:// URLs with commas between them',
      secret: true,
      explain: explainUrls,
      usedBy: CHAIN_READERS,
    }),
  chainId: wholeNumber(1).register(settingInfo, {
    env: 'ZKPOW_CHAIN_ID',
    description: 'EIP-155 id of the base chain. An endpoint of another chain is refused.',
    expected: 'a whole number, at least 1',
    default: '31337',
    usedBy: EVERYBODY,
  }),
  confirmations: wholeNumber(1).register(settingInfo, {
    env: 'ZKPOW_CONFIRMATIONS',
    description: 'Depth in blocks at which what the chain says counts as final. Must be less than half of T2.',
    expected: 'a whole number of blocks, at least 1',
    default: '2',
    usedBy: CHAIN_READERS,
  }),
  listenAddress: z.ipv4().register(settingInfo, {
    env: 'ZKPOW_LISTEN_ADDRESS',
    description:
      'Where Temporal and Postgres listen when a stack starts them, for provers on other machines. Off the loopback ' +
      'interface Temporal takes anybody without a login and nothing is encrypted: only for a network in which every ' +
      'machine is trusted, as a VPN.',
    expected: 'an IPv4 address of this machine, or 0.0.0.0 for all of them',
    default: '127.0.0.1',
    usedBy: ['scripts'],
  }),
  temporalPort: port('ZKPOW_TEMPORAL_PORT', 'Temporal'),
  uiPort: port('ZKPOW_UI_PORT', "Temporal's web UI"),
  postgresPort: port('ZKPOW_POSTGRES_PORT', 'Postgres'),
  rpcPort: port('ZKPOW_RPC_PORT', 'the local chain'),
  rollup: address().register(settingInfo, {
    env: 'ZKPOW_ROLLUP',
    description: "Contract of the rollup that a command is about. Without it that of this home's running stack.",
    expected: ADDRESS,
    usedBy: ['scripts'],
  }),
  sequencerKey: privateKey().register(settingInfo, {
    env: 'ZKPOW_SEQUENCER_KEY',
    description: "Private key of the rollup's sequencer, for posting transfers.",
    expected: '0x and 64 hexadecimal digits',
    secret: true,
    usedBy: ['scripts'],
  }),
  adminKey: privateKey().register(settingInfo, {
    env: 'ZKPOW_ADMIN_KEY',
    description: "Private key of the rollup's admin, for pausing the contract.",
    expected: '0x and 64 hexadecimal digits',
    secret: true,
    usedBy: ['scripts'],
  }),
  miner: address().register(settingInfo, {
    env: 'ZKPOW_MINER',
    description: "Address of the miner: final proofs are bound to it, and the sender's wallet must be its.",
    expected: ADDRESS,
    usedBy: ['scripts', 'aggregator', 'sender'],
  }),
  privateKey: privateKey().register(settingInfo, {
    env: 'ZKPOW_PRIVATE_KEY',
    description: "Private key of the miner's wallet, for local chains; elsewhere use a keystore.",
    expected: '0x and 64 hexadecimal digits',
    secret: true,
    usedBy: ['scripts', 'sender'],
  }),
  keystore: text().register(settingInfo, {
    env: 'ZKPOW_KEYSTORE',
    description:
      "Encrypted key file (JSON keystore, version 3) of the miner's wallet; takes the place of a private key.",
    expected: 'the path of a file',
    usedBy: ['scripts', 'sender'],
  }),
  keystorePasswordFile: text().register(settingInfo, {
    env: 'ZKPOW_KEYSTORE_PASSWORD_FILE',
    description: "File whose first line is the keystore's password.",
    expected: 'the path of a file',
    usedBy: ['scripts', 'sender'],
  }),
  ...provingSettings,
  marginBlocks: wholeNumber(0, 1_000).register(settingInfo, {
    env: 'ZKPOW_MARGIN_BLOCKS',
    description: 'A proof hash is not committed to a round with fewer blocks than this left for it to land.',
    expected: 'a whole number of blocks from 0 to 1000',
    default: '2',
    usedBy: ['aggregator', 'sender'],
  }),
  ...policySettings,
  maxOpenSequences: wholeNumber(1, 10_000).register(settingInfo, {
    env: 'ZKPOW_MAX_OPEN_SEQUENCES',
    description: 'How many sequences of one rollup are worked on at the same time.',
    expected: 'a whole number from 1 to 10000',
    default: '128',
    usedBy: ['aggregator'],
  }),
  rollupWeights: rollupWeights.register(settingInfo, {
    env: 'ZKPOW_ROLLUP_WEIGHTS',
    description:
      'How busy machines are shared between rollups: one of weight 3 has three times as many proofs made as one of weight 1. A rollup that is not named has weight 1.',
    expected: 'ADDRESS=WEIGHT pairs with commas between them, each weight a number from 0.001 to 1000',
    default: { text: '1 for all', from: () => '' },
    usedBy: ['aggregator'],
  }),
  retentionHours: wholeNumber(1, 87_600).register(settingInfo, {
    env: 'ZKPOW_RETENTION_HOURS',
    description:
      'How long inputs and proofs of a sequence are kept after it was settled. What is not settled is never deleted.',
    expected: 'a whole number of hours from 1 to 87600',
    default: '168',
    usedBy: ['aggregator'],
  }),
  commitFeeCapGwei: decimalText().register(settingInfo, {
    env: 'ZKPOW_COMMIT_FEE_CAP_GWEI',
    description: 'The highest fee per gas, in gwei, that is paid for committing a proof hash.',
    expected: 'a number of gwei with at most 9 decimals',
    default: '200',
    usedBy: ['sender'],
  }),
  revealFeeCapGwei: decimalText().register(settingInfo, {
    env: 'ZKPOW_REVEAL_FEE_CAP_GWEI',
    description:
      'The highest fee per gas, in gwei, that is paid for revealing a proof: missing its window costs a penalty.',
    expected: 'a number of gwei with at most 9 decimals',
    default: '1000',
    usedBy: ['sender'],
  }),
});

export type Settings = z.infer<typeof settings>;
