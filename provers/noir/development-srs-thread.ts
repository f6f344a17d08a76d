import { parentPort, workerData } from 'node:worker_threads';
import { powersOfTau } from './development-srs-points.js';

const { tau, from, count } = workerData as { tau: bigint; from: number; count: number };
const points = powersOfTau(tau, from, count);
parentPort?.postMessage(points);
