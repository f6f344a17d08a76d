import { settingInfo } from '../settings/setting-info.js';
import { settings } from '../settings/settings-table.js';

/** Text that must not be shown. */
export interface Secrets {
  /** Hidden wherever it stands: long enough to mean nothing else. */
  long: readonly string[];
  /** Hidden where it is a whole value, or the password in a URL: anywhere else it may be a part of other words. */
  short: readonly string[];
}

const LONG_CHARACTERS = 8;
/** Secrets of libraries, by the names of their variables. */
const OTHER_SECRETS = /^(TEMPORAL_API_KEY|TEMPORAL_CODEC_AUTH|TEMPORAL_TLS_CLIENT_KEY_DATA|TEMPORAL_GRPC_META_.+)$/;
const OTHER_URLS = /^(https?_proxy|grpc_proxy|all_proxy)$/i;
/** Headers of traces: `name=value` pairs. */
const OTHER_LISTS = /^OTEL_EXPORTER_OTLP_(TRACES_)?HEADERS$/;
const DATABASE = /^postgres(ql)?:/i;

/**
 * The secrets in an environment and on a command line. Of a URL these are user and password and, unless it is of a database,
 * path and query: keys of endpoints stand there. Of other secret settings it is the whole value.
 */
export function findSecrets(env: NodeJS.ProcessEnv, args: readonly string[] = []): Secrets {
  const found = new Set<string>();
  const add = (text: string): void => void found.add(text.trim());
  const addValue = (value: string): void => {
    if (!value.includes('://')) return add(value);
    for (const url of value.split(',')) partsOfUrl(url.trim()).forEach(add);
  };
  for (const schema of Object.values(settings.shape)) {
    const info = settingInfo.get(schema);
    if (info?.secret) addValue(env[info.env] ?? '');
  }
  for (const [name, value = ''] of Object.entries(env)) {
    if (OTHER_SECRETS.test(name)) add(value);
    if (OTHER_URLS.test(name)) passwordsOf(value).forEach(add);
    if (OTHER_LISTS.test(name)) for (const pair of value.split(',')) add(valueOf(pair));
  }
  // Options as `--rpc-url URL`.
  for (const arg of args) if (arg.includes('://')) addValue(arg);
  found.delete('');
  // A whole first, then its parts.
  const ordered = [...found].sort((a, b) => b.length - a.length);
  return {
    long: ordered.filter(({ length }) => length >= LONG_CHARACTERS),
    short: ordered.filter(({ length }) => length < LONG_CHARACTERS),
  };
}

/** Works for what is no right URL as well: that is just what messages are about. */
function partsOfUrl(text: string): string[] {
  const [, beforeHost = '', rest = text] = /^(.*?:\/\/)(.*)$/.exec(text) ?? [];
  if (DATABASE.test(beforeHost)) return passwordsOf(text);
  const [, path = '', query = ''] = /^[^/?#]*([^?#]*)\??(.*)$/.exec(rest) ?? [];
  // Of a path only what is long: `v3` and `rpc` are no keys.
  const keys = [path, ...path.split('/')].filter(({ length }) => length >= LONG_CHARACTERS);
  return [...passwordsOf(text), ...keys, query, ...query.split('&').map(valueOf)];
}

function valueOf(pair: string): string {
  return pair.split('=').slice(1).join('=');
}

function passwordsOf(url: string): string[] {
  const [, user = '', password] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#@:]*)(?::([^/?#@]*))?@/i.exec(url) ?? [];
  if (user === '' && password === undefined) return [];
  // Without a password the user is the key.
  if (password === undefined) return DATABASE.test(url) ? [] : [user, decoded(user)];
  const header = Buffer.from(`${decoded(user)}:${decoded(password)}`).toString('base64');
  return [password, decoded(password), header];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
