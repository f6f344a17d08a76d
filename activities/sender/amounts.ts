/** The smaller of two amounts, as of wei or gas. */
export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The larger of two amounts, as of wei or gas. */
export function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
