/** Provers that reach a gateway by a protocol of their own, as its slots see them. */
export interface ProverPool {
  /** One that is busy with a task of ours has its slot already; others do not work for us. */
  provers(): readonly { state: string }[];
  /** Calls back whenever the state of a prover has changed. */
  onState(changed: () => void): void;
}
