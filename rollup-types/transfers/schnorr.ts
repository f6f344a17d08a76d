import { mapHashToField } from '@noble/curves/abstract/modular.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, getBytes, keccak256, toBeHex, toUtf8Bytes } from 'ethers';
import { FIELD_MODULUS, GROUP_ORDER, Grumpkin, isOnCurve, type CurvePoint } from './grumpkin.js';
import { hash2 } from './poseidon2.js';

/** What a wallet signs (EIP-191, `personal_sign`) to make its key for rollups of type `transfers`. */
export const KEY_MESSAGE =
  'This signature is the secret key of your account on zkpow transfers rollups.\n' +
  'Sign it only in a program you trust with that account.';

/** A Schnorr signature over Grumpkin: s below the group order, e a field element. */
export interface Signature {
  s: bigint;
  e: bigint;
}

/**
 * Secret key from a wallet's signature of `KEY_MESSAGE`. Wallets sign deterministically (RFC 6979), so the same wallet
 * always gets the same key. Two keccak hashes give 512 bits, so that reducing them to the group order leaves no bias.
 *
 * @param walletSignature the 65 bytes that `personal_sign` returns
 */
export function secretKeyFromSignature(walletSignature: string): bigint {
  const bytes = getBytes(walletSignature);
  if (bytes.length !== 65) throw new Error(`A wallet signature has 65 bytes, this one has ${bytes.length}`);
  return toScalar(getBytes(concat([keccak256(concat([bytes, '0x00'])), keccak256(concat([bytes, '0x01']))])));
}

/** Secret key from a text that everybody may know: for demos and tests only. */
export function developmentSecretKey(seed: string): bigint {
  return toScalar(sha512(toUtf8Bytes(`zkpow development key: ${seed}`)));
}

export function publicKeyOf(secretKey: bigint): CurvePoint {
  return Grumpkin.BASE.multiply(secretKey).toAffine();
}

/**
 * Signs a message with a nonce that depends on key and message only. Following Schnorr: R = kG,
 * e = H(H(R), H(H(key), message)), s = k − e·secret.
 *
 * @param message a field element
 */
export function sign(secretKey: bigint, message: bigint): Signature {
  const k = toScalar(sha512(getBytes(concat([toUtf8Bytes('zkpow transfers nonce'), word(secretKey), word(message)]))));
  const e = challenge(Grumpkin.BASE.multiply(k).toAffine(), publicKeyOf(secretKey), message);
  return { s: modulo(k - e * secretKey), e };
}

/** Whether the signature is valid; false for scalars out of range and for a key that is no point of the curve. */
export function verify(publicKey: CurvePoint, message: bigint, { s, e }: Signature): boolean {
  if (s < 0n || s >= GROUP_ORDER || e < 0n || e >= FIELD_MODULUS || !isOnCurve(publicKey)) return false;
  const commitment = Grumpkin.BASE.multiplyUnsafe(s).add(Grumpkin.fromAffine(publicKey).multiplyUnsafe(e));
  if (commitment.is0()) return false;
  return challenge(commitment.toAffine(), publicKey, message) === e;
}

function challenge(commitment: CurvePoint, publicKey: CurvePoint, message: bigint): bigint {
  return hash2(hash2(commitment.x, commitment.y), hash2(hash2(publicKey.x, publicKey.y), message));
}

/** 512 bits to a scalar from 1 to the group order − 1, without noticeable bias (FIPS 186-5, A.2.1). */
function toScalar(hash: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(mapHashToField(hash, GROUP_ORDER)).toString('hex')}`);
}

function modulo(value: bigint): bigint {
  const rest = value % GROUP_ORDER;
  return rest < 0n ? rest + GROUP_ORDER : rest;
}

function word(value: bigint): string {
  return toBeHex(value, 32);
}
