import { createHash } from 'node:crypto';

/** Parts of a URL shorter than this are words such as `rpc` or `v2`, not keys. */
const SHORTEST_SECRET = 6;

/**
 * How an endpoint is called in messages: its host and, where the URL holds more that may be a key, a fingerprint of the
 * whole URL, so that two keys of one service can be told apart.
 */
export function endpointName(url: string): string {
  if (!URL.canParse(url)) return 'an endpoint whose URL is malformed';
  const { host, pathname, search, username, password } = new URL(url);
  const isBare = pathname.replaceAll('/', '') === '' && search === '' && username === '' && password === '';
  return isBare ? host : `${host} (URL ${createHash('sha256').update(url).digest('hex').slice(0, 8)})`;
}

/** Takes out of a node's or a library's words whatever of the endpoint's URL may be a key. */
export function withoutUrlSecrets(message: string, url: string): string {
  return secretsOf(url).reduce((text, secret) => text.replaceAll(secret, '…'), message);
}

/** The URL itself and the parts of it that may be keys, the longest first. */
function secretsOf(url: string): string[] {
  if (!URL.canParse(url)) return [url];
  const { href, pathname, search, searchParams, username, password } = new URL(url);
  const parts = [...pathname.split('/'), ...searchParams.values(), username, password];
  const secrets = parts.flatMap((part) => [part, decoded(part)]).filter(({ length }) => length >= SHORTEST_SECRET);
  const whole = secrets.length > 0 ? [url, href, `${pathname}${search}`] : [];
  return [...new Set([...whole, ...secrets])].sort((a, b) => b.length - a.length);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
