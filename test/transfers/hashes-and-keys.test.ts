import { Wallet } from 'ethers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_MODULUS, GROUP_ORDER, Grumpkin, isOnCurve } from '../../rollup-types/transfers/grumpkin.js';
import { hash2, hash3 } from '../../rollup-types/transfers/poseidon2.js';
import {
  developmentSecretKey,
  KEY_MESSAGE,
  publicKeyOf,
  secretKeyFromSignature,
  sign,
  verify,
} from '../../rollup-types/transfers/schnorr.js';

const fieldElement = fc.bigInt({ min: 0n, max: FIELD_MODULUS - 1n });
const scalar = fc.bigInt({ min: 1n, max: GROUP_ORDER - 1n });

describe('Poseidon2', () => {
  test('gives the known answer of the permutation of (0, 1, 2, 3)', () => {
    // https://github.com/HorizenLabs/poseidon2: BN254, t = 4.
    expect(hash3(0n, 1n, 2n)).toBe(0x01bd538c2ee014ed5141b29e9ae240bf8db3fe5b9a38629a9647cf8d76c01737n);
  });

  test('takes field elements only', () => {
    expect(() => hash2(FIELD_MODULUS, 0n)).toThrow(/not a field element/);
    expect(() => hash3(0n, 0n, -1n)).toThrow(/not a field element/);
  });

  test('two and three inputs never give the same hash, nor does another order', () => {
    fc.assert(
      fc.property(fieldElement, fieldElement, (a, b) => {
        expect(hash2(a, b)).not.toBe(hash3(a, b, 0n));
        if (a !== b) expect(hash2(a, b)).not.toBe(hash2(b, a));
      }),
      { numRuns: 50 },
    );
  });
});

describe('Grumpkin', () => {
  test('its generator is on the curve and has the group order', () => {
    const generator = Grumpkin.BASE.toAffine();
    expect(isOnCurve(generator)).toBe(true);
    expect(
      Grumpkin.BASE.multiply(GROUP_ORDER - 1n)
        .add(Grumpkin.BASE)
        .is0(),
    ).toBe(true);
  });

  test('a point is refused with a coordinate shifted by the modulus, and (0, 0) is none', () => {
    const { x, y } = publicKeyOf(7n);
    expect(isOnCurve({ x, y })).toBe(true);
    expect(isOnCurve({ x: x + FIELD_MODULUS, y })).toBe(false);
    expect(isOnCurve({ x, y: y - FIELD_MODULUS })).toBe(false);
    expect(isOnCurve({ x: 0n, y: 0n })).toBe(false);
  });
});

describe('Schnorr signatures', () => {
  test('a signature is good for its key and message only, and does not change', () => {
    fc.assert(
      fc.property(scalar, scalar, fieldElement, fieldElement, (secret, other, message, otherMessage) => {
        fc.pre(secret !== other && message !== otherMessage);
        const signature = sign(secret, message);
        expect(verify(publicKeyOf(secret), message, signature)).toBe(true);
        expect(verify(publicKeyOf(secret), otherMessage, signature)).toBe(false);
        expect(verify(publicKeyOf(other), message, signature)).toBe(false);
        expect(sign(secret, message)).toEqual(signature);
      }),
      { numRuns: 30 },
    );
  });

  test('another form of the same scalars is refused: a signature cannot be altered and stay valid', () => {
    const { s, e } = sign(5n, 9n);
    const key = publicKeyOf(5n);
    expect(verify(key, 9n, { s: s + GROUP_ORDER, e })).toBe(false);
    expect(verify(key, 9n, { s, e: e + FIELD_MODULUS })).toBe(false);
    expect(verify(key, 9n, { s: s + 1n, e })).toBe(false);
    expect(verify(key, 9n, { s, e: e + 1n })).toBe(false);
    expect(verify(key, 9n, { s: GROUP_ORDER - s, e })).toBe(false);
  });

  test('scalars of zero and a key off the curve are no signature and no error', () => {
    expect(verify(publicKeyOf(5n), 9n, { s: 0n, e: 0n })).toBe(false);
    expect(verify({ x: 0n, y: 0n }, 9n, sign(5n, 9n))).toBe(false);
    // s·G + e·key is infinity: s = −e·secret.
    expect(verify(publicKeyOf(5n), 9n, { s: GROUP_ORDER - 15n, e: 3n })).toBe(false);
  });
});

describe('keys', () => {
  test('a wallet gets the same key from every signature of the key message', async () => {
    const wallet = new Wallet(`0x${'42'.repeat(32)}`);
    const key = secretKeyFromSignature(await wallet.signMessage(KEY_MESSAGE));
    expect(secretKeyFromSignature(await wallet.signMessage(KEY_MESSAGE))).toBe(key);
    const other = new Wallet(`0x${'43'.repeat(32)}`);
    expect(secretKeyFromSignature(await other.signMessage(KEY_MESSAGE))).not.toBe(key);
    expect(isOnCurve(publicKeyOf(key))).toBe(true);
  });

  test('a wallet signature of another length is refused', () => {
    expect(() => secretKeyFromSignature('0x1234')).toThrow(/65 bytes, this one has 2/);
  });

  test('different seeds give different development keys', () => {
    expect(developmentSecretKey('a')).not.toBe(developmentSecretKey('b'));
  });
});
