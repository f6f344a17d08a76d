import { pino } from 'pino';
import { createLeaderLock } from '../../activities/sender/leader-lock.js';

/** A process that leads until it has lost the lock; says both. Arguments: database URL, wallet. */
const [databaseUrl = '', wallet = ''] = process.argv.slice(2);
const lock = createLeaderLock({ databaseUrl, chainId: 1, wallet, log: pino({ level: 'silent' }) });
const { lost } = await lock.acquire();
lost.addEventListener('abort', () => console.log('lost'));
console.log('leads');
