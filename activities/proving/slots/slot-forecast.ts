import type { ProofKind } from '../../../domain/proof.js';

/** Newest samples that count: machines warm up, get busy and cool down again. */
const SAMPLES = 15;

/** A proof that is being made. Times are in milliseconds of one clock. */
export interface RunningProof {
  /** As the backend tells: `fraction` of the stage is done. */
  progress(stage: string, fraction: number | undefined, now: number): void;
  /** When it will be done, as far as can be told; null while nothing is known of proofs like it. */
  expectedEnd(): number | null;
  /** It is done: the next ones will be foreseen better. */
  done(now: number): void;
}

/** Foresees when proofs will be done. */
export interface SlotForecast {
  begin(kind: ProofKind, now: number): RunningProof;
}

/**
 * Foresees the end of a proof from what its backend tells: the stage goes on as fast as it went so far, and then takes
 * as long to its end as proofs of its kind took lately from that stage on. While the backend tells nothing of a stage,
 * proofs take as long as those of their kind took lately.
 */
export function createSlotForecast(): SlotForecast {
  const durations = createSamples();
  /** Times from the end of a stage, as it was foreseen, to the end of the proof. */
  const remainders = createSamples();

  return {
    begin(kind, begun) {
      let stage: { name: string; begun: number; foreseen: number | null } = { name: '', begun, foreseen: null };
      let last: { key: string; foreseen: number } | null = null;
      return {
        progress(name, fraction, now) {
          if (name !== stage.name) stage = { name, begun: now, foreseen: null };
          if (fraction === undefined || fraction <= 0) return;
          stage.foreseen = stage.begun + (now - stage.begun) / Math.min(fraction, 1);
          last = { key: `${kind}/${name}`, foreseen: stage.foreseen };
        },
        expectedEnd() {
          if (stage.foreseen !== null) return stage.foreseen + (remainders.median(`${kind}/${stage.name}`) ?? 0);
          const duration = durations.median(kind);
          return duration === null ? null : begun + duration;
        },
        done(now) {
          durations.add(kind, now - begun);
          if (last) remainders.add(last.key, now - last.foreseen);
        },
      };
    },
  };
}

function createSamples() {
  const byKey = new Map<string, number[]>();
  return {
    add(key: string, value: number): void {
      byKey.set(key, [...(byKey.get(key) ?? []), value].slice(-SAMPLES));
    },
    median(key: string): number | null {
      return quantile(byKey.get(key) ?? [], 0.5);
    },
  };
}

/** The sample below which `share` of them lie, null without samples. */
export function quantile(samples: readonly number[], share: number): number | null {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
