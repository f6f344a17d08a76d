/** Options of gRPC's client for a server that is reached without a proxy, whatever the environment says. */
export const WITHOUT_PROXY = { 'grpc.enable_http_proxy': 0 };

const VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'];

/** Options for a server at `HOST:PORT`: no proxy leads to this machine itself. */
export function proxyOptions(address: string): Partial<typeof WITHOUT_PROXY> {
  return isLoopback(address) ? WITHOUT_PROXY : {};
}

/**
 * What to know of a server that is not reached: that gRPC's client takes the way through a proxy.
 *
 * @returns a sentence, or nothing where no variable names a proxy
 */
export function proxyNote(address: string, env: NodeJS.ProcessEnv): string {
  const variable = VARIABLES.find((name) => env[name]);
  if (variable === undefined || isLoopback(address)) return '';
  const host = address.replace(/:\d+$/, '');
  return `${variable} is set: gRPC goes through that proxy, unless no_proxy has ${host} in its list. `;
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(address);
}
