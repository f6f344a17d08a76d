import type { InstalledType } from '../installed-type.js';
import { transfersCircuits } from './noir-circuits.js';
import { transfersSequencer } from './sequencer/transfers-sequencer.js';
import { TRANSFERS_LAYOUT, transfersRule } from './transfers-rule.js';
import { transfersType } from './transfers-type.js';

/** A small payments rollup: `docs/rollup-types.md`. */
export const transfers: InstalledType = {
  type: transfersType,
  layout: TRANSFERS_LAYOUT,
  noir: { circuits: transfersCircuits, rule: transfersRule },
  sequencer: transfersSequencer,
};
