import { z } from 'zod';
import { settingInfo } from './settings-table.js';

/** What a gateway needs beside the settings of a prover. */
export const gatewaySettings = z.object({
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
      usedBy: ['prover'],
    }),
  forkId: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .pipe(z.number().int().min(7))
    .register(settingInfo, {
      env: 'ZKPOW_FORK_ID',
      description: 'Fork of the zkEVM family whose proofs are made; provers of another one are sent away.',
      expected: 'a whole number, at least 7',
      usedBy: ['prover'],
    }),
  proverCommand: z
    .string()
    .min(1)
    .register(settingInfo, {
      env: 'ZKPOW_PROVER_COMMAND',
      description:
        'File that describes the program which makes or checks proofs (docs/prover-commands.md). A gateway without ' +
        'one checks only what proofs say of themselves.',
      expected: 'the path of a JSON file',
      usedBy: ['prover'],
    }),
});
