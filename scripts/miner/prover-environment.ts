import { settings } from '../../platform/settings/settings-table.js';
import { infoOf } from '../../platform/settings/settings.js';

/** What a line of the text is about: a variable with its value, or a remark. */
type Line = { variable: string; value: string | undefined } | { remark: string };

/**
 * What to type on a mining machine so that it proves for this miner: the lines are ready to be copied. Which worker it runs
 * and what that has to be told depends on the miner's proof system.
 *
 * @param env of the miner, with the addresses of its parts
 * @param databaseUrl with the machine's own login
 */
export function proverEnvironmentText(name: string, env: NodeJS.ProcessEnv, databaseUrl: string): string {
  const { worker, lines } = ofProofSystem(env);
  const shared: Line[] = [
    { variable: 'TEMPORAL_ADDRESS', value: env['TEMPORAL_ADDRESS'] },
    { variable: 'TEMPORAL_NAMESPACE', value: env['TEMPORAL_NAMESPACE'] },
    { variable: 'DATABASE_URL', value: databaseUrl },
  ];
  const isLocal = [env['TEMPORAL_ADDRESS'] ?? '', databaseUrl].some((text) =>
    /\b(127\.0\.0\.1|localhost)\b/.test(text),
  );
  return [
    `# On ${name}, in a clone of this project after "npm ci":`,
    ...[...shared, ...lines].flatMap(lineText),
    `npm run worker -- ${worker}`,
    ...(isLocal ? ['', ...LOOPBACK_ADVICE] : []),
  ].join('\n');
}

function ofProofSystem(env: NodeJS.ProcessEnv): { worker: 'prover' | 'gateway'; lines: Line[] } {
  const [rollupType, chainId, prover] = [changed('rollupType', env), changed('chainId', env), changed('prover', env)];
  switch (env['ZKPOW_PROVER']) {
    case 'zkevm-prover':
      return {
        worker: 'gateway',
        lines: [
          {
            remark:
              'The fork and the rollup type that are proved, and where its provers dial in (docs/zkevm-prover.md):',
          },
          { variable: 'ZKPOW_FORK_ID', value: env['ZKPOW_FORK_ID'] ?? 'N' },
          { variable: 'ZKPOW_ROLLUP_TYPE', value: env['ZKPOW_ROLLUP_TYPE'] ?? 'NAME' },
          { variable: 'ZKPOW_GATEWAY_ADDRESS', value: 'ADDRESS:50081' },
          { remark: 'The file there that describes the program which checks proofs (docs/prover-commands.md):' },
          { variable: 'ZKPOW_PROVER_COMMAND', value: env['ZKPOW_PROVER_COMMAND'] ?? 'FILE' },
        ],
      };
    case 'command':
      return {
        worker: 'prover',
        lines: [
          ...[chainId, rollupType, prover],
          { remark: 'The file there that describes the program which makes proofs (docs/prover-commands.md):' },
          { variable: 'ZKPOW_PROVER_COMMAND', value: env['ZKPOW_PROVER_COMMAND'] ?? 'FILE' },
        ],
      };
    case undefined:
    default:
      return { worker: 'prover', lines: [chainId, rollupType, prover, changed('trustedSetup', env)] };
  }
}

/** A setting that the machine must have in common with its miner, where it is not the default. */
function changed(setting: 'chainId' | 'prover' | 'trustedSetup' | 'rollupType', env: NodeJS.ProcessEnv): Line {
  const { env: variable, default: usual } = infoOf(setting, settings.shape[setting]);
  return { variable, value: env[variable] === usual ? undefined : env[variable] };
}

function lineText(line: Line): string[] {
  if ('remark' in line) return [`# ${line.remark}`];
  const { variable, value } = line;
  return value === undefined ? [] : [`export ${variable}='${value.replaceAll("'", "'\\''")}'`];
}

const LOOPBACK_ADVICE = [
  '# 127.0.0.1 is reached from this machine only. For another one start the stack with ZKPOW_LISTEN_ADDRESS (README, "Add',
  '# a prover machine"); if it is 0.0.0.0 now, put this machine\'s address in the place of 127.0.0.1 above.',
];
