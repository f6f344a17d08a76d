import { weierstrass } from '@noble/curves/abstract/weierstrass.js';

/** Scalar field of BN254: the field of the circuits, and the one Grumpkin's coordinates lie in. */
export const FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Number of points on Grumpkin: secret keys and signature scalars count modulo this prime. */
export const GROUP_ORDER = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** A point of Grumpkin other than infinity. */
export interface CurvePoint {
  x: bigint;
  y: bigint;
}

/** The curve y² = x³ − 17 that BN254 circuits compute on natively; all its points have order `GROUP_ORDER`. */
export const Grumpkin = weierstrass({
  p: FIELD_MODULUS,
  n: GROUP_ORDER,
  h: 1n,
  a: 0n,
  b: FIELD_MODULUS - 17n,
  Gx: 1n,
  Gy: 17631683881184975370165255887551781615748388533673675138860n,
});

/** Whether both coordinates are field elements and lie on the curve; infinity has none. */
export function isOnCurve({ x, y }: CurvePoint): boolean {
  if (x < 0n || x >= FIELD_MODULUS || y < 0n || y >= FIELD_MODULUS) return false;
  return (y * y - x * x * x + 17n) % FIELD_MODULUS === 0n;
}
