import { parseEnv } from 'node:util';

/** Added after the last line, so that the parser does not drop what stands there. */
const END = 'ZKPOW_END_OF_FILE';
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** What a file of settings says, and what is wrong with it. */
export interface EnvironmentFile {
  values: Record<string, string>;
  /** Each with the number of its line; never with what the line holds, which may be a secret. */
  problems: string[];
}

/** Parses `NAME=VALUE` lines. The parser of Node makes a line without `=` a part of the next name: that is told. */
export function parseEnvironmentFile(text: string, path: string): EnvironmentFile {
  const lines = text.replace(/\r\n?/g, '\n');
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(parseEnv(`${lines}\n${END}=`))) {
    if (name === END || value === undefined) continue;
    if (NAME.test(name)) values[name] = value;
    else problems.push(`line ${lineOf(name, lines)} of ${path} is not NAME=VALUE`);
  }
  return { values, problems };
}

function lineOf(name: string, lines: string): number {
  return lines.slice(0, lines.indexOf(name.replace(`\n${END}`, ''))).split('\n').length;
}
