import { z } from 'zod';
import { settingInfo } from './setting-info.js';
import { EVERYBODY, text, wholeNumber } from './setting-kinds.js';

/** Settings of the proof systems and of the machines that prove: a part of the table of all settings. */
export const provingSettings = {
  prover: z.enum(['noir', 'simulated', 'command', 'zkevm-prover']).register(settingInfo, {
    env: 'ZKPOW_PROVER',
    description:
      'Proof system of the provers. Simulated proofs show nothing and are only for local chains; command runs the ' +
      'program that ZKPOW_PROVER_COMMAND describes; zkevm-prover leaves proving to provers at a gateway.',
    expected: 'noir, simulated, command or zkevm-prover',
    default: 'noir',
    usedBy: ['scripts', 'aggregator', 'prover', 'sender'],
  }),
  trustedSetup: z.enum(['development', 'real']).register(settingInfo, {
    env: 'ZKPOW_TRUSTED_SETUP',
    description:
      'Trusted set-up of the proof system. The development one is generated, insecure and refused off local chains.',
    expected: 'development or real',
    default: 'development',
    usedBy: EVERYBODY,
  }),
  simulatedSeconds: z
    .string()
    .regex(/^\d+(\.\d+)?(,\d+(\.\d+)?){2}$/)
    .transform((list) => list.split(',').map(Number))
    .pipe(z.tuple([z.number(), z.number(), z.number()]))
    .transform(([batch, aggregate, final]) => ({ batch, aggregate, final }))
    .register(settingInfo, {
      env: 'ZKPOW_SIMULATED_SECONDS',
      description: 'How many seconds a simulated batch, aggregate and final proof takes.',
      expected: 'three numbers of seconds with commas between them: batch,aggregate,final',
      default: '1,1,1',
      usedBy: ['scripts', 'prover'],
    }),
  simulatedSpread: z
    .string()
    .regex(/^0(\.\d+)?$/)
    .transform(Number)
    .pipe(z.number().max(0.3))
    .register(settingInfo, {
      env: 'ZKPOW_SIMULATED_SPREAD',
      description: 'How much the times of simulated proofs vary: their standard deviation as a share of the mean.',
      expected: 'a number from 0 to 0.3',
      default: '0',
      usedBy: ['prover'],
    }),
  simulatedSeed: text().register(settingInfo, {
    env: 'ZKPOW_SIMULATED_SEED',
    description: 'Makes the times of simulated proofs the same in every run and on every machine.',
    expected: 'any text',
    usedBy: ['prover'],
  }),
  proverCommand: text().register(settingInfo, {
    env: 'ZKPOW_PROVER_COMMAND',
    description:
      'File that describes the program which makes or checks proofs (docs/prover-commands.md). A gateway without one ' +
      'checks only what proofs say of themselves.',
    expected: 'the path of a JSON file',
    usedBy: ['aggregator', 'prover', 'gateway'],
  }),
  gatewayAddress: z
    .string()
    .regex(/^[^\s:]+:\d{1,5}$/)
    .register(settingInfo, {
      env: 'ZKPOW_GATEWAY_ADDRESS',
      description:
        'Where the gateway listens for provers of the zkEVM family. Their protocol has no logins and no encryption: ' +
        'only they may reach it.',
      expected: 'HOST:PORT',
      default: '127.0.0.1:50081',
      usedBy: ['gateway'],
    }),
  forkId: wholeNumber(7, 9_999).register(settingInfo, {
    env: 'ZKPOW_FORK_ID',
    description: 'Fork of the zkEVM family whose proofs are made; provers of another one are sent away.',
    expected: 'a whole number, at least 7',
    usedBy: ['aggregator', 'gateway'],
  }),
  slots: wholeNumber(1, 256).register(settingInfo, {
    env: 'ZKPOW_SLOTS',
    description: 'How many proofs this machine makes at the same time.',
    expected: 'a whole number from 1 to 256',
    default: {
      text: '1 with noir; else one for each GPU in class gpu; in class cpu 1, or as many as the prover command says that there is room for',
      from: () => '1',
    },
    usedBy: ['prover'],
  }),
  hardwareClass: z.enum(['cpu', 'gpu']).register(settingInfo, {
    env: 'ZKPOW_HARDWARE_CLASS',
    description: 'What this machine proves with: decides which queue it works on.',
    expected: 'cpu or gpu',
    default: { text: 'cpu; gpu for a prover with GPUs whose rollup type has proofs made on them', from: () => 'cpu' },
    usedBy: ['prover', 'gateway'],
  }),
  rollupType: text().register(settingInfo, {
    env: 'ZKPOW_ROLLUP_TYPE',
    description: 'Rollup type that this machine proves for: decides which queue it works on.',
    expected: 'the name of a rollup type',
    default: 'transfers',
    usedBy: ['prover'],
  }),
};
