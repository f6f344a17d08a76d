import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';
import { readStepRows, type StepRow } from './wallet-audit.js';

const TAKEOVER_LIMIT_SECONDS = 15;
/** A try to take the lock lasts some milliseconds. */
const POLL_MS = 5;

export const twoSenders: Scenario = {
  name: 'two-senders',
  happens: 'two senders with one wallet; the leader is killed, then frozen (SIGSTOP)',
  holds: `one leader; takeover within ${TAKEOVER_LIMIT_SECONDS} s; no nonce used twice`,
  seeds: { full: 3, small: 1 },
  async run(context) {
    const { checks, random, arena } = context;
    const field = await openField(context, {
      rollup: { t1: 6, t2: 240 },
      miners: [{ name: 'ada', deposit: '100' }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    await field.start([[ada, ...EVERYTHING.filter((role) => role !== 'sender')]]);
    const first = await field.start([[ada, 'sender']], { name: 'sender' });
    const second = await field.start([[ada, 'sender']], { name: 'sender', holdBlocks: false });
    const lock = watchLeaderLock(arena.postgresUrl, ada.namespace);
    context.defer(() => lock.stop());

    const posted = await postSequences(chain, rollup, random, [1, 1]);
    await chain.untilBlock((await chain.head()) + random.between(1, 8));
    await lock.contended();
    await first.kill();
    const afterKill = await lock.takenOver();
    await field.start([[ada, 'sender']], { name: 'sender', holdBlocks: false });

    posted.push(...(await postSequences(chain, rollup, random, [1, 1])));
    await chain.untilBlock((await chain.head()) + random.between(1, 8));
    second.freeze();
    const afterFreeze = await lock.takenOver();
    posted.push(...(await postSequences(chain, rollup, random, [1])));
    await chain.untilBlock((await chain.head()) + random.between(1, 8));
    second.thaw();
    // It finds its lock gone and waits for it like any other.
    await lock.contended();
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 600);
    await untilAllRewarded(field, miners, 200);

    // A time depends on the machine: among the tests it is only reported.
    if (context.size === 'full') {
      checks.must(afterKill <= TAKEOVER_LIMIT_SECONDS, 'takeover in time after a kill', afterKill);
      checks.must(afterFreeze <= TAKEOVER_LIMIT_SECONDS, 'takeover in time after a freeze', afterFreeze);
    }
    checks.must(lock.mostHolders() <= 1, 'one leader at a time', lock.mostHolders());
    const record = await readRollupRecord(chain, rollup);
    checkNoPenalty(record, checks, miners);
    await checkShares(field, checks, [ada.wallet.address]);
    const wallets = await auditWallets(field, checks, miners);
    checks.equal(wallets['transactions'], 2 * posted.length, 'transactions: a hash and a proof for each sequence');
    checks.equal(noncesOfSeveralSteps(await readStepRows(ada)), [], 'nonces that two steps were signed with');
    return {
      takeoverAfterKillSeconds: afterKill.toFixed(1),
      takeoverAfterFreezeSeconds: afterFreeze.toFixed(1),
      ...wallets,
    };
  },
};

function noncesOfSeveralSteps(rows: readonly StepRow[]): number[] {
  const nonces = rows.flatMap(({ attempts }) => [...new Set(attempts.map(({ nonce }) => nonce))]);
  return nonces.filter((nonce, index) => nonces.indexOf(nonce) !== index);
}

interface LeaderLockWatch {
  /** Resolves when one holds the lock and another has tried to take it. */
  contended(): Promise<void>;
  /** Resolves when another session than the present one holds the lock, with the seconds that it took. */
  takenOver(): Promise<number>;
  mostHolders(): number;
  stop(): Promise<void>;
}

const SENDER_SESSIONS = `SELECT activity.pid, EXISTS (SELECT FROM pg_locks
    WHERE pg_locks.pid = activity.pid AND locktype = 'advisory' AND granted) AS holds
  FROM pg_stat_activity AS activity WHERE datname = $1 AND application_name LIKE 'zkpow sender %'`;

/** Watches at the server which sessions of senders there are in a database, and which of them hold the lock. */
function watchLeaderLock(postgresUrl: string, database: string): LeaderLockWatch {
  const client = new pg.Client({ connectionString: postgresUrl });
  const stopping = new AbortController();
  let sessions: { pid: number; holds: boolean }[] = [];
  let most = 0;
  const holder = (): number | undefined => sessions.find(({ holds }) => holds)?.pid;
  const running = (async () => {
    await client.connect();
    while (!stopping.signal.aborted) {
      sessions = (await client.query<{ pid: number; holds: boolean }>(SENDER_SESSIONS, [database])).rows;
      most = Math.max(most, sessions.filter(({ holds }) => holds).length);
      await delay(POLL_MS);
    }
    await client.end();
  })();
  running.catch(() => undefined);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      stopping.signal.throwIfAborted();
      await delay(POLL_MS);
    }
  };
  return {
    contended: () => until(() => holder() !== undefined && sessions.some(({ holds }) => !holds)),
    async takenOver() {
      const before = holder();
      const since = performance.now();
      await until(() => holder() !== undefined && holder() !== before);
      return (performance.now() - since) / 1000;
    },
    mostHolders: () => most,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
