import { createLogUpdate } from 'log-update';
import { duration, progressLine, progressList, type WatchedSequence } from './progress-text.js';

/** Shows how far a run is: a list that is drawn over on a terminal, plain lines elsewhere. */
export interface ProgressDisplay {
  /** A line that stays. */
  line(text: string): void;
  /** Which part of the run is under way. */
  phase(name: string): void;
  sequences(sequences: readonly WatchedSequence[], head: number | null): void;
  /** Leaves what is shown on the screen and ends the drawing. */
  done(): void;
}

export function createProgressDisplay(output: NodeJS.WriteStream): ProgressDisplay {
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  return output.isTTY ? liveDisplay(output, seconds) : plainDisplay(output, seconds);
}

function liveDisplay(output: NodeJS.WriteStream, seconds: () => number): ProgressDisplay {
  const update = createLogUpdate(output);
  let shown: (() => string) | undefined;
  // The list is worth keeping on the screen when it is complete, a phase is not.
  let listIsShown = false;
  const draw = (): void => {
    if (shown) update(shown());
  };
  const timer = setInterval(draw, 250);
  timer.unref();
  const show = (text: (() => string) | undefined): void => {
    shown = text;
    draw();
  };
  return {
    line: (text) => {
      update.clear();
      output.write(`${text}\n`);
      draw();
    },
    phase: (name) => {
      if (listIsShown) update.done();
      listIsShown = false;
      show(() => `  ${name} … ${duration(seconds())}`);
    },
    sequences: (sequences, head) => {
      listIsShown = true;
      show(() => progressList(sequences, head, seconds()));
    },
    done: () => {
      clearInterval(timer);
      shown = undefined;
      if (!listIsShown) update.clear();
      // Brings the cursor back too.
      update.done();
    },
  };
}

function plainDisplay(output: NodeJS.WriteStream, seconds: () => number): ProgressDisplay {
  const said = new Map<number, string>();
  const write = (text: string): void => void output.write(`[${duration(seconds()).padStart(10)}] ${text}\n`);
  return {
    line: write,
    phase: (name) => write(`${name} …`),
    sequences: (sequences) => {
      sequences.forEach((sequence, index) => {
        const text = progressLine(sequence);
        if (said.get(index) === text) return;
        said.set(index, text);
        write(text);
      });
    },
    done: () => undefined,
  };
}
