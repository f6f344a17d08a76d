#!/usr/bin/env node
// The pinned solc from npm behind the two options of the native compiler that forge and contracts/compile.ts use:
// --version, and --standard-json with the input on stdin.
import process from 'node:process';
import { text } from 'node:stream/consumers';
import solc from 'solc';

const options = process.argv.slice(2);
if (options.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (options.includes('--standard-json')) {
  // Read as a stream: a plain read of a pipe that is filled slowly fails with EAGAIN.
  process.stdout.write(solc.compile(await text(process.stdin)));
} else {
  process.stderr.write('usage: solc-wrapper.mjs --version | --standard-json < input.json\n');
  process.exitCode = 2;
}
