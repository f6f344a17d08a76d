/** Tells somebody who may be away the newest state of something: one message after the other, none twice. */
export interface LatestTeller {
  tell(state: string | null): void;
  /** Tells what could not be told. */
  tryAgain(): void;
  /** No more is told; resolves when what is being told has arrived or failed. */
  end(): Promise<void>;
}

export function createLatestTeller(send: (state: string | null) => Promise<void>): LatestTeller {
  /** In a box: null is a state, too. */
  let wanted: { state: string | null } | null = null;
  let sending: Promise<void> | null = null;
  let ended = false;

  function sendNext(): void {
    if (ended || sending || !wanted) return;
    const now = wanted;
    sending = send(now.state).then(
      () => {
        if (wanted === now) wanted = null;
        sending = null;
        sendNext();
      },
      () => {
        sending = null;
      },
    );
  }

  return {
    tell(state) {
      wanted = { state };
      sendNext();
    },
    tryAgain: sendNext,
    async end() {
      ended = true;
      await sending;
    },
  };
}
