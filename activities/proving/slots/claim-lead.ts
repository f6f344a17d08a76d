import { quantile } from './slot-forecast.js';

const SAMPLES = 20;
/** Four of five claims are done by then; the slow ones of a machine that just started are soon forgotten. */
const SHARE = 0.8;
/** Before anything is known: a server in the same building, small inputs. */
const FIRST_CLAIM_MS = 40;
const FIRST_FETCH_MS = 20;
/** What timers and forecasts are off by. */
const MARGIN_MS = 15;
/** However slow the way is, a task does not lie longer than this on a machine that is busy with another. */
const MAX_LEAD_MS = 10_000;

/** Learns how long before a slot gets free its next task has to be asked for. */
export interface ClaimLead {
  /** A task that had been waiting in the queue came this long after it was asked for. */
  claimed(tookMs: number): void;
  /** Its inputs were here this long after it had come. */
  fetched(tookMs: number): void;
  leadMs(): number;
}

/** The time that most claims and fetches took lately, and a little more. */
export function createClaimLead(): ClaimLead {
  let claims: number[] = [];
  let fetches: number[] = [];
  return {
    claimed(tookMs) {
      claims = [...claims, tookMs].slice(-SAMPLES);
    },
    fetched(tookMs) {
      fetches = [...fetches, tookMs].slice(-SAMPLES);
    },
    leadMs() {
      const claim = quantile(claims, SHARE) ?? FIRST_CLAIM_MS;
      const fetch = quantile(fetches, SHARE) ?? FIRST_FETCH_MS;
      return Math.min(MAX_LEAD_MS, claim + fetch + MARGIN_MS);
    },
  };
}
