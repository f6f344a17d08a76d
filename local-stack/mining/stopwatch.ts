/** A part of a run and how long it took. */
export interface Phase {
  name: string;
  seconds: number;
}

/** Times the phases of a run, one after the other. */
export class Stopwatch {
  readonly phases: Phase[] = [];
  #current: { name: string; since: number } | undefined;
  readonly #onBegin: (name: string) => void;

  constructor(onBegin: (name: string) => void = () => undefined) {
    this.#onBegin = onBegin;
  }

  /** Ends the phase under way and begins another. */
  begin(name: string): void {
    this.end();
    this.#current = { name, since: performance.now() };
    this.#onBegin(name);
  }

  end(): void {
    if (!this.#current) return;
    const { name, since } = this.#current;
    this.phases.push({ name, seconds: (performance.now() - since) / 1000 });
    this.#current = undefined;
  }

  get totalSeconds(): number {
    return this.phases.reduce((sum, { seconds }) => sum + seconds, 0);
  }
}
