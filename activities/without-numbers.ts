/** A reason with every number in it replaced: that one moves on, as a block number does, makes it no other reason. */
export function withoutNumbers(reason: string): string {
  return reason.replaceAll(/\d+(\.\d+)?/g, '#');
}
