import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { powersOfTau } from './development-srs-points.js';

const { tau, from, count } = z.object({ tau: z.bigint(), from: z.number(), count: z.number() }).parse(workerData);
parentPort?.postMessage(powersOfTau(tau, from, count));
