/** What the aggregator knows of mining machines, on its own queue. */
export interface MachineActivities {
  /** Whether some machine takes tasks from this queue, or is busy with one of them. */
  hasMachines(queue: string): Promise<boolean>;
}
