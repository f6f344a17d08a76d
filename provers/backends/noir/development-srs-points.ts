import { bn254 } from '@noble/curves/bn254.js';
import { createField, type FieldArithmetic } from './field-wasm.js';

const { Fp, Fr } = bn254.fields;
/** 2^256: numbers in Montgomery form are multiplied by it. */
const MONTGOMERY = Fp.create(2n ** 256n);

const WINDOW_BITS = 16;
const WINDOWS = 16;
const WINDOW_SIZE = 1 << WINDOW_BITS;
/** Digits are signed, so a table holds only the positive multiples. */
const TABLE_SIZE = WINDOW_SIZE / 2;
/** Points whose additions share one inversion. */
const CHUNK = 4096;
const NUMBER_BYTES = 32;
const POINT_BYTES = 64;

// Where things lie in the field's memory.
const [ONE, ZERO, RAW_ONE, INVERSE, SLOPE, SCRATCH, NEGATED] = [0, 32, 64, 96, 128, 160, 192];
const SUMS = 256;
const DIFFERENCES = SUMS + CHUNK * POINT_BYTES;
const PRODUCTS = DIFFERENCES + TABLE_SIZE * NUMBER_BYTES;
const TABLES = PRODUCTS + (TABLE_SIZE + 1) * NUMBER_BYTES;
const MEMORY_BYTES = TABLES + WINDOWS * TABLE_SIZE * POINT_BYTES;

/** Additions of points, each into its first operand. */
interface Additions {
  count: number;
  sums: Int32Array;
  addends: Int32Array;
  /** 1 where the addend is to be subtracted. */
  negative: Uint8Array;
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
  const field = createField(Fp.ORDER, MEMORY_BYTES);
  writeWords(field, RAW_ONE, 1n);
  writeNumber(field, ONE, 1n);
  fillTables(field);
  const output = new Uint8Array(count * POINT_BYTES);
  let scalar = Fr.pow(tau, BigInt(from));
  for (let start = 0; start < count; start += CHUNK) {
    const scalars: bigint[] = [];
    while (scalars.length < Math.min(CHUNK, count - start)) {
      scalars.push(scalar);
      scalar = Fr.mul(scalar, tau);
    }
    multiplyGenerator(field, scalars);
    copySums(field, scalars.length, output.subarray(start * POINT_BYTES));
  }
  return output;
}

function tableEntry(window: number, multiple: number): number {
  return TABLES + (window * TABLE_SIZE + multiple - 1) * POINT_BYTES;
}

/** Table `w` holds the multiples 1 to 2^15 of 2^(16 w) * G. */
function fillTables(field: FieldArithmetic): void {
  let base = { x: 1n, y: 2n };
  for (let window = 0; window < WINDOWS; window++) {
    writePoint(field, tableEntry(window, 1), base);
    for (let size = 1; size < TABLE_SIZE; size *= 2) {
      const last = tableEntry(window, size);
      // The first `size` multiples, with the last of them added to each; to itself it has to be doubled.
      const additions = newAdditions(size);
      for (let multiple = 1; multiple < size; multiple++) {
        copyPoint(field, tableEntry(window, size + multiple), tableEntry(window, multiple));
        push(additions, tableEntry(window, size + multiple), last, false);
      }
      add(field, additions);
      writePoint(field, tableEntry(window, 2 * size), double(readPoint(field, last)));
    }
    base = double(readPoint(field, tableEntry(window, TABLE_SIZE)));
  }
}

/** Writes the generator times each scalar (none of them zero) to the sums. */
function multiplyGenerator(field: FieldArithmetic, scalars: bigint[]): void {
  const digits = scalars.map(signedDigits);
  const started = new Uint8Array(scalars.length);
  for (let window = 0; window < WINDOWS; window++) {
    const additions = newAdditions(scalars.length);
    digits.forEach((own, i) => {
      const digit = own[window] ?? 0;
      if (digit === 0) return;
      const sum = SUMS + i * POINT_BYTES;
      const entry = tableEntry(window, Math.abs(digit));
      if (started[i] === 1) return push(additions, sum, entry, digit < 0);
      started[i] = 1;
      copyPoint(field, sum, entry);
      if (digit < 0) field.subtract(sum + NUMBER_BYTES, ZERO, sum + NUMBER_BYTES);
    });
    add(field, additions);
  }
}

function newAdditions(capacity: number): Additions {
  const [sums, addends] = [new Int32Array(capacity), new Int32Array(capacity)];
  return { count: 0, sums, addends, negative: new Uint8Array(capacity) };
}

function push(additions: Additions, sum: number, addend: number, negative: boolean): void {
  additions.sums[additions.count] = sum;
  additions.addends[additions.count] = addend;
  additions.negative[additions.count] = negative ? 1 : 0;
  additions.count += 1;
}

/** Makes the additions with one inversion. No addend may equal its sum up to sign. */
function add(field: FieldArithmetic, { count, sums, addends, negative }: Additions): void {
  field.subtract(PRODUCTS, ONE, ZERO);
  for (let k = 0; k < count; k++) {
    const difference = DIFFERENCES + k * NUMBER_BYTES;
    const product = PRODUCTS + k * NUMBER_BYTES;
    field.subtract(difference, addends[k] ?? 0, sums[k] ?? 0);
    field.multiply(product + NUMBER_BYTES, product, difference);
  }
  // Throws where two points had the same x coordinate.
  writeNumber(field, INVERSE, Fp.inv(readNumber(field, PRODUCTS + count * NUMBER_BYTES)));
  for (let k = count - 1; k >= 0; k--) {
    const x1 = sums[k] ?? 0;
    const x2 = addends[k] ?? 0;
    const y1 = x1 + NUMBER_BYTES;
    field.multiply(SLOPE, INVERSE, PRODUCTS + k * NUMBER_BYTES);
    field.multiply(INVERSE, INVERSE, DIFFERENCES + k * NUMBER_BYTES);
    const isNegative = negative[k] === 1;
    if (isNegative) field.subtract(NEGATED, ZERO, x2 + NUMBER_BYTES);
    field.subtract(SCRATCH, isNegative ? NEGATED : x2 + NUMBER_BYTES, y1);
    field.multiply(SLOPE, SLOPE, SCRATCH);
    field.multiply(SCRATCH, SLOPE, SLOPE);
    field.subtract(SCRATCH, SCRATCH, x1);
    field.subtract(SCRATCH, SCRATCH, x2);
    field.subtract(x1, x1, SCRATCH);
    field.multiply(x1, SLOPE, x1);
    field.subtract(y1, x1, y1);
    field.subtract(x1, SCRATCH, ZERO);
  }
}

function double({ x, y }: { x: bigint; y: bigint }): { x: bigint; y: bigint } {
  const slope = Fp.div(Fp.mul(3n, Fp.sqr(x)), Fp.mul(2n, y));
  const doubled = Fp.sub(Fp.sqr(slope), Fp.mul(2n, x));
  return { x: doubled, y: Fp.sub(Fp.mul(slope, Fp.sub(x, doubled)), y) };
}

const words = new BigUint64Array(4);
const limbs = new Uint16Array(words.buffer);

/** Sixteen digits between -2^15 and 2^15, least significant first. */
function signedDigits(scalar: bigint): Int32Array {
  for (let i = 0; i < 4; i++) words[i] = scalar >> BigInt(64 * i);
  const digits = new Int32Array(WINDOWS);
  let carry = 0;
  for (let window = 0; window < WINDOWS; window++) {
    const digit = (limbs[window] ?? 0) + carry;
    carry = digit > TABLE_SIZE ? 1 : 0;
    digits[window] = digit - carry * WINDOW_SIZE;
  }
  return digits;
}

function copyPoint(field: FieldArithmetic, to: number, from: number): void {
  field.subtract(to, from, ZERO);
  field.subtract(to + NUMBER_BYTES, from + NUMBER_BYTES, ZERO);
}

function readPoint(field: FieldArithmetic, address: number): { x: bigint; y: bigint } {
  return { x: readNumber(field, address), y: readNumber(field, address + NUMBER_BYTES) };
}

function writePoint(field: FieldArithmetic, address: number, { x, y }: { x: bigint; y: bigint }): void {
  writeNumber(field, address, x);
  writeNumber(field, address + NUMBER_BYTES, y);
}

function readNumber(field: FieldArithmetic, address: number): bigint {
  field.multiply(SCRATCH, address, RAW_ONE);
  let value = 0n;
  for (let i = 3; i >= 0; i--) value = (value << 64n) | field.memory.getBigUint64(SCRATCH + 8 * i, true);
  return Fp.create(value);
}

function writeNumber(field: FieldArithmetic, address: number, value: bigint): void {
  writeWords(field, address, Fp.mul(value, MONTGOMERY));
}

function writeWords(field: FieldArithmetic, address: number, value: bigint): void {
  for (let i = 0; i < 4; i++) field.memory.setBigUint64(address + 8 * i, value >> BigInt(64 * i), true);
}

/** Out of Montgomery form, which leaves a number below the modulus, and big-endian. */
function copySums(field: FieldArithmetic, count: number, output: Uint8Array): void {
  for (let number = 0; number < 2 * count; number++) {
    field.multiply(SCRATCH, SUMS + number * NUMBER_BYTES, RAW_ONE);
    for (let i = 0; i < NUMBER_BYTES; i++) {
      output[number * NUMBER_BYTES + i] = field.memory.getUint8(SCRATCH + NUMBER_BYTES - 1 - i);
    }
  }
}
