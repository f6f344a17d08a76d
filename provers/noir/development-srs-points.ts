import { bn254 } from '@noble/curves/bn254.js';

/** The field of BN254's coordinates. */
const P = bn254.fields.Fp.ORDER;
/** The order of BN254. */
const R = bn254.fields.Fr.ORDER;

const WINDOW_BITS = 16;
const WINDOWS = 16;
const WINDOW_SIZE = 1 << WINDOW_BITS;
/** Digits are signed, so a table holds only the positive multiples. */
const TABLE_SIZE = WINDOW_SIZE / 2;
/** Points whose additions share one inversion. */
const CHUNK = 2048;
const POINT_BYTES = 64;

/** Affine points, coordinates kept apart. */
interface Points {
  x: bigint[];
  y: bigint[];
}

/**
 * The points tau^i * G of BN254's first group, for i from `from` on.
 *
 * Fixed-base windows (one table lookup and one addition for each 16 bits of tau^i) in affine coordinates; the
 * additions of many points share one inversion (Montgomery's trick).
 *
 * @returns 64 bytes a point, x then y, big-endian
 */
export function powersOfTau(tau: bigint, from: number, count: number): Uint8Array {
  const tables = windowTables();
  const output = new Uint8Array(count * POINT_BYTES);
  let scalar = bn254.fields.Fr.pow(tau, BigInt(from));
  for (let start = 0; start < count; start += CHUNK) {
    const size = Math.min(CHUNK, count - start);
    const scalars: bigint[] = [];
    for (let i = 0; i < size; i++) {
      scalars.push(scalar);
      scalar = (scalar * tau) % R;
    }
    const points = multiplyGenerator(scalars, tables);
    for (let i = 0; i < size; i++) {
      writeNumber(output, (start + i) * POINT_BYTES, points.x[i] ?? 0n);
      writeNumber(output, (start + i) * POINT_BYTES + 32, points.y[i] ?? 0n);
    }
  }
  return output;
}

/** Table `w` holds the multiples 1 to 2^15 of 2^(16 w) * G. */
function windowTables(): Points[] {
  const tables: Points[] = [];
  let base = { x: 1n, y: 2n };
  for (let window = 0; window < WINDOWS; window++) {
    const table: Points = { x: [base.x], y: [base.y] };
    while (table.x.length < TABLE_SIZE) {
      const size = table.x.length;
      const last = { x: at(table.x, size - 1), y: at(table.y, size - 1) };
      const next: Points = { x: table.x.slice(0, size - 1), y: table.y.slice(0, size - 1) };
      const indices = next.x.map((_, i) => i);
      addInPlace(next, indices, { x: next.x.map(() => last.x), y: next.y.map(() => last.y) });
      const doubled = double(last);
      table.x = table.x.concat(next.x, doubled.x);
      table.y = table.y.concat(next.y, doubled.y);
    }
    tables.push(table);
    base = double({ x: at(table.x, TABLE_SIZE - 1), y: at(table.y, TABLE_SIZE - 1) });
  }
  return tables;
}

/** Multiplies the generator by each scalar (none of them zero). */
function multiplyGenerator(scalars: bigint[], tables: Points[]): Points {
  const digits = scalars.map(signedDigits);
  const sums: Points = { x: new Array<bigint>(scalars.length), y: new Array<bigint>(scalars.length) };
  const started = new Uint8Array(scalars.length);
  tables.forEach((table, window) => {
    const indices: number[] = [];
    const addends: Points = { x: [], y: [] };
    digits.forEach((own, i) => {
      const digit = own[window] ?? 0;
      if (digit === 0) return;
      const x = at(table.x, Math.abs(digit) - 1);
      const y = at(table.y, Math.abs(digit) - 1);
      const signedY = digit < 0 ? P - y : y;
      if (started[i] === 0) {
        started[i] = 1;
        sums.x[i] = x;
        sums.y[i] = signedY;
        return;
      }
      indices.push(i);
      addends.x.push(x);
      addends.y.push(signedY);
    });
    addInPlace(sums, indices, addends);
  });
  return sums;
}

/** Adds `addends[k]` to `sums[indices[k]]` for all k, with one inversion. No addend may equal its sum up to sign. */
function addInPlace(sums: Points, indices: number[], addends: Points): void {
  const differences: bigint[] = [];
  const products: bigint[] = [];
  let product = 1n;
  indices.forEach((index, k) => {
    const difference = at(addends.x, k) - at(sums.x, index);
    if (difference === 0n) throw new Error('points to be added have the same x coordinate');
    differences.push(difference);
    products.push(product);
    product = (product * difference) % P;
  });
  let inverse = bn254.fields.Fp.inv(bn254.fields.Fp.create(product));
  for (let k = indices.length - 1; k >= 0; k--) {
    const index = at(indices, k);
    const x1 = at(sums.x, index);
    const y1 = at(sums.y, index);
    const slope = ((at(addends.y, k) - y1) * ((inverse * at(products, k)) % P)) % P;
    inverse = (inverse * at(differences, k)) % P;
    const x3 = canonical((slope * slope - x1 - at(addends.x, k)) % P);
    sums.x[index] = x3;
    sums.y[index] = canonical((slope * (x1 - x3) - y1) % P);
  }
}

function double({ x, y }: { x: bigint; y: bigint }): { x: bigint; y: bigint } {
  const slope = (3n * x * x * bn254.fields.Fp.inv(bn254.fields.Fp.create(2n * y))) % P;
  const x3 = canonical((slope * slope - 2n * x) % P);
  return { x: x3, y: canonical((slope * (x - x3) - y) % P) };
}

const words = new BigUint64Array(4);
const limbs = new Uint16Array(words.buffer);

/** Sixteen digits between -2^15 and 2^15, least significant first. */
function signedDigits(scalar: bigint): Int32Array {
  for (let i = 0; i < 4; i++) {
    words[i] = scalar >> BigInt(64 * i);
  }
  const digits = new Int32Array(WINDOWS);
  let carry = 0;
  for (let window = 0; window < WINDOWS; window++) {
    const digit = (limbs[window] ?? 0) + carry;
    carry = digit > TABLE_SIZE ? 1 : 0;
    digits[window] = digit - carry * WINDOW_SIZE;
  }
  return digits;
}

function canonical(value: bigint): bigint {
  return value < 0n ? value + P : value;
}

function writeNumber(bytes: Uint8Array, offset: number, value: bigint): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 32);
  for (let i = 0; i < 4; i++) {
    view.setBigUint64(8 * i, BigInt.asUintN(64, value >> BigInt(64 * (3 - i))));
  }
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new Error(`no element at index ${index}`);
  return value;
}
