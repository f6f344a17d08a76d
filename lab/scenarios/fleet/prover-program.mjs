// The program that a mining machine of a scenario proves with, in the protocol of docs/prover-commands.md. Its proofs
// are those of the simulated proof system, made here once more from what `SimulatedRule.sol` checks.
//   node prover-program.mjs SETTINGS   (see machine-program.ts for what is in that file; read anew for every proof)
import console from 'node:console';
import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { setInterval, setTimeout } from 'node:timers';

const BAD_INPUT = 65;
const OUT_OF_MEMORY = 71;
const TELL_MS = 250;

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const request = JSON.parse(await text(process.stdin));
const { kind, statement } = request;

note('begun');
// The worker that asked for it may be gone: nobody wants the proof then.
setInterval(() => tell('proof'), TELL_MS);
const { faults, secondsByKind } = settings;
const fault = faults.find(
  ({ kinds, batch }) =>
    (kinds === null || kinds.includes(kind)) &&
    (batch === null || (statement.firstBatch <= batch && batch <= statement.lastBatch)),
);
if (fault?.does === 'hangs') {
  process.on('SIGTERM', () => {});
} else {
  setTimeout(finish, secondsByKind[kind] * 1000);
}

function finish() {
  switch (fault?.does) {
    case undefined:
      return handIn(proofOf(statement));
    case 'rubbish':
      return handIn(randomBytes(64));
    case 'proof of another batch':
      return handIn(proofOf({ ...statement, lastBatch: statement.lastBatch + 1 }));
    case 'no memory':
      console.error('cannot allocate 64 GiB');
      return process.exit(OUT_OF_MEMORY);
    case 'killed for its memory':
      return process.kill(process.pid, 'SIGKILL');
    case 'bad input':
      console.error(fault.words);
      return process.exit(BAD_INPUT);
    case 'fails':
      console.error(fault.words);
      return process.exit(1);
  }
  throw new Error(`no such fault: ${fault.does}`);
}

function handIn(proof) {
  writeFileSync('proof', proof);
  note('made');
  process.stdout.write(JSON.stringify({ proof: 'proof' }), () => process.exit(0));
}

function note(event) {
  const { firstBatch, lastBatch } = statement;
  const line = { event, machine: settings.machine, kind, firstBatch, lastBatch, at: Date.now(), pid: process.pid };
  appendFileSync(settings.ledger, `${JSON.stringify(line)}\n`);
}

function tell(stage) {
  try {
    writeSync(3, `${JSON.stringify({ stage })}\n`);
  } catch (error) {
    if (error.code === 'EPIPE') process.exit(1);
  }
}

function proofOf(says) {
  const salt = randomBytes(32);
  return Buffer.concat([salt, sha256(Buffer.from('zkpow simulated proof'), salt, sha256(...words(says)))]);
}

function words({ chainId, rollup, firstBatch, lastBatch, ...hashes }) {
  const { oldStateRoot, newStateRoot, oldAccInputHash, newAccInputHash } = hashes;
  const exitRoot = 0;
  const miner = kind === 'final' ? request.miner : 0;
  return [
    ...[chainId, rollup, firstBatch, lastBatch, oldStateRoot, newStateRoot, oldAccInputHash, newAccInputHash],
    ...[exitRoot, miner],
  ].map((value) => Buffer.from(BigInt(value).toString(16).padStart(64, '0'), 'hex'));
}

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
