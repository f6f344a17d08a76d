import type { Connection } from '@temporalio/client';

/** What all scenarios of a run share. */
export interface Arena {
  temporalAddress: string;
  /** URL of a superuser of the shared Postgres. */
  postgresUrl: string;
  connection: Connection;
  /** Each scenario gets a directory in it. */
  directory: string;
  /** Of all processes of the run: the end of the run ends whatever it names. */
  runDirectory: string;
  cache: string;
  /** What workers run as, compiled. */
  workerProgram: string;
  /** Environment of the programs that scenarios start, without settings of ours. */
  env: NodeJS.ProcessEnv;
  close(keepLogs: boolean): Promise<void>;
}
