import type { TrustListener } from '../../activities/chain/rule-trust.js';
import type { Logger } from '../../platform/log.js';

/** Writes down when the circuit breaker of a rollup type opens, and when it closes by itself. */
export function trustListener(log: Logger): TrustListener {
  return ({ chainId, rule }, { trusted, why }) => {
    const what = { chainId, rule, why };
    if (trusted) log.info(what, 'a type rule is trusted again');
    else log.error(what, 'a type rule refuses a proof that our own check took: nothing is committed to rollups of it');
  };
}
