import { settings } from '../../workers/settings/settings-table.js';
import { infoOf } from '../../workers/settings/settings.js';

/** Settings that a mining machine must have in common with its miner. */
const shared = settings.pick({ chainId: true, prover: true, trustedSetup: true });

/**
 * What to type on a mining machine so that it proves for this miner: the lines are ready to be copied.
 *
 * @param env of the miner, with the addresses of its parts
 * @param databaseUrl with the machine's own login
 */
export function proverEnvironmentText(name: string, env: NodeJS.ProcessEnv, databaseUrl: string): string {
  const variables: [string, string | undefined][] = [
    ['TEMPORAL_ADDRESS', env['TEMPORAL_ADDRESS']],
    ['TEMPORAL_NAMESPACE', env['TEMPORAL_NAMESPACE']],
    ['DATABASE_URL', databaseUrl],
  ];
  for (const [setting, schema] of Object.entries(shared.shape)) {
    const { env: variable, default: usual } = infoOf(setting, schema);
    if (env[variable] !== usual) variables.push([variable, env[variable]]);
  }
  const lines = variables.flatMap(([variable, value]) => (value === undefined ? [] : `export ${variable}='${value}'`));
  const isLocal = [env['TEMPORAL_ADDRESS'] ?? '', databaseUrl].some((text) =>
    /\b(127\.0\.0\.1|localhost)\b/.test(text),
  );
  return [
    `# On ${name}, in a clone of this project after "npm ci":`,
    ...lines,
    'npm run worker -- prover',
    ...(isLocal ? ['', ...LOOPBACK_ADVICE] : []),
  ].join('\n');
}

const LOOPBACK_ADVICE = [
  '# 127.0.0.1 is reached from this machine only. For another one start the stack with ZKPOW_LISTEN_ADDRESS (README, "Add',
  '# a prover machine"); if it is 0.0.0.0 now, put this machine\'s address in the place of 127.0.0.1 above.',
];
