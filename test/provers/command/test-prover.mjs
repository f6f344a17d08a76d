// A prover command for tests: `node test-prover.mjs BEHAVIOUR`. Its proofs are JSON and show nothing.
import { spawn } from 'node:child_process';
import console from 'node:console';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import process from 'node:process';
import { setInterval } from 'node:timers';

const [behaviour, port] = process.argv.slice(2);
const progress = (line) => writeSync(3, `${line}\n`);
const answer = (value) => process.stdout.write(JSON.stringify(value));

if (process.argv.includes('--circuit-ids')) {
  if (behaviour === 'mute') process.exit(64);
  answer(behaviour === 'batches-only' ? { batch: 'circuit-batch' } : circuits());
} else {
  behave(JSON.parse(readFileSync(0, 'utf8')));
}

function circuits() {
  return { batch: 'circuit-batch', aggregate: 'circuit-aggregate', final: 'circuit-final' };
}

function behave(request) {
  if (request.request === 'verify') return verify(request);
  switch (behaviour) {
    case 'exit':
      console.error('some words about it');
      return process.exit(Number(port));
    case 'killed':
      return process.kill(process.pid, 'SIGKILL');
    case 'rubbish':
      return process.stdout.write('proving... done\n');
    case 'talkative':
      return process.stdout.write('x'.repeat(2_000_000), () => process.exit(0));
    case 'no-proof':
      return answer({ proof: 'proof' });
    case 'outside':
      return answer({ proof: '/etc/hostname' });
    case 'empty':
      writeFileSync('proof', '');
      return answer({ proof: 'proof' });
    case 'wrong-circuit':
      writeFileSync('proof', 'x');
      return answer({ proof: 'proof', circuitId: 'circuit-of-last-year' });
    case 'wrong-proof':
      writeFileSync('proof', JSON.stringify({ ...expected(request), circuitId: 'circuit-of-last-year' }));
      return answer({ proof: 'proof' });
    case 'checkpoint':
      progress(JSON.stringify({ stage: 'proof', checkpoint: { rounds: (request.checkpoint?.rounds ?? 0) + 1 } }));
      writeFileSync('proof', `slot ${request.slot}`);
      return answer({ proof: 'proof' });
    case 'hang':
      return hang();
    default:
      return prove(request);
  }
}

function prove(request) {
  progress('{"stage":"witness","fraction":0.25}');
  progress('no progress at all');
  progress('{"stage":"proof","fraction":7}');
  progress('{"stage":"proof"}');
  writeFileSync('proof', JSON.stringify({ ...expected(request), inputs: inputsOf(request) }));
  answer({ proof: 'proof', circuitId: request.circuitId });
}

/** What a proof has to say. */
function expected({ kind, circuitId, statement, miner }) {
  return { kind, circuitId, statement, miner };
}

function inputsOf({ input, left, right, child }) {
  const files = [input, left?.proof, right?.proof, child?.proof].filter((path) => path !== undefined);
  return files.map((path) => readFileSync(path, 'utf8'));
}

function verify(request) {
  const text = readFileSync(request.proof, 'utf8');
  if (!text.startsWith('{')) process.exit(65);
  const { inputs: _inputs, ...says } = JSON.parse(text);
  answer({ valid: JSON.stringify(says) === JSON.stringify(expected(request)) });
}

/** Ends at no SIGTERM, nor does its child; both hold a connection to the test while they live. */
function hang() {
  process.on('SIGTERM', () => {});
  const program = `process.on('SIGTERM', () => {}); require('net').connect(${port}, '127.0.0.1'); setInterval(() => {}, 1000)`;
  spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
  connect(Number(port), '127.0.0.1');
  setInterval(() => {}, 1_000);
}
