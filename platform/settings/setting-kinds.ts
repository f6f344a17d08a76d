import { getAddress, isAddress } from 'ethers';
import { z } from 'zod';
import { settingInfo } from './setting-info.js';

export const EVERYBODY = ['scripts', 'aggregator', 'prover', 'gateway', 'sender'] as const;
export const WORKERS = ['aggregator', 'prover', 'gateway', 'sender'] as const;
export const CHAIN_READERS = ['scripts', 'aggregator', 'sender'] as const;

export const wholeNumber = (minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): z.ZodType<number, string> =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(minimum).max(maximum));
export const decimalText = (): z.ZodString => z.string().regex(/^\d+(\.\d{1,9})?$/);
export const text = (): z.ZodString => z.string().min(1);
export const httpUrl = z.url({ protocol: /^https?$/ });
/** Which entries of a list of URLs are wrong, and by their schemes why; nothing else of them. */
export function explainUrls(list: string): string {
  const urls = list.split(',').map((url) => url.trim());
  const wrong = urls.flatMap((url, index) => {
    if (httpUrl.safeParse(url).success) return [];
    const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url) ?? [];
    const why = url === '' ? 'is empty' : scheme === undefined ? 'has no http://' : `begins with ${scheme}`;
    return [`entry ${index + 1} of ${urls.length} ${/^https?:\/\/$/i.test(scheme ?? '') ? 'is no URL' : why}`];
  });
  return wrong.join(', ');
}
export const address = (): z.ZodType<string, string> => z.string().refine(isAddress).transform(getAddress);
export const ADDRESS = 'an address: 0x and 40 hexadecimal digits (with a right checksum if in mixed case)';
/** `ADDRESS=WEIGHT,…` as weights by address. */
export const rollupWeights = z
  .string()
  .transform((list) => list.split(',').filter((pair) => pair.trim() !== ''))
  .pipe(
    z.array(
      z
        .string()
        .transform((pair) => pair.split('=').map((part) => part.trim()))
        .pipe(
          z.tuple([
            address(),
            z
              .string()
              .regex(/^\d+(\.\d+)?$/)
              .transform(Number)
              .pipe(z.number().min(0.001).max(1_000)),
          ]),
        ),
    ),
  )
  .transform((pairs): ReadonlyMap<string, number> => new Map(pairs));
export const privateKey = (): z.ZodString => z.string().regex(/^0x[0-9a-fA-F]{64}$/);
export const port = (env: string, server: string): z.ZodType<number, string> =>
  wholeNumber(1, 65_535).register(settingInfo, {
    env,
    description: `Port of ${server} when a stack starts it. Without it a free one, the same at every start if it can be.`,
    expected: 'a whole number from 1 to 65535',
    usedBy: ['scripts'],
  });
