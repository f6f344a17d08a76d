/** Where provers reach the servers, when they are not in the same network as these. */
export interface Reach {
  temporalAddress: string;
  databaseUrl(ofThisNetwork: string): string;
}
