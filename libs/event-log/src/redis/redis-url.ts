/**
 * What `REDIS_URL` may say: where Redis is, in which topology, and how to log in.
 *
 *   redis://[user:password@]host[:6379][/database]
 *   redis+sentinel://[user:password@]host[:26379],…/name[/database]     user and password are those of the Redis servers
 *   redis-cluster://[user:password@]host[:6379],…
 *
 * `rediss` in place of `redis` is the same over TLS, to the sentinels too.
 */

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

interface Common {
  readonly endpoints: readonly Endpoint[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

export type RedisAddress =
  | (Common & { readonly kind: 'single'; readonly database: number })
  /** `endpoints` are sentinels; `name` is what they call the group of servers. */
  | (Common & { readonly kind: 'sentinel'; readonly name: string; readonly database: number })
  /** `endpoints` are any of its nodes: they name the others. */
  | (Common & { readonly kind: 'cluster' });

const form = /^(rediss?)(\+sentinel|-cluster)?:\/\/(?:(.*)@)?([^/?#@]*)(?:\/([^?#]*))?$/;
const sentinelPort = 26_379;
const serverPort = 6379;

/** Throws an `Error` that names the fault, without a word of the address: it may hold a password. */
export function parseRedisURL(text: string): RedisAddress {
  const [, scheme, topology, login, hosts = '', path = ''] =
    form.exec(text) ??
    fail('is not an address like redis://host:6379, redis+sentinel://h1,h2,h3/name or redis-cluster://h1,h2,h3');
  const port = topology === '+sentinel' ? sentinelPort : serverPort;
  const endpoints = hosts.split(',').map((host) => endpointOf(host, port));
  const common = { endpoints, tls: scheme === 'rediss', ...loginOf(login) };
  const segments = path === '' ? [] : path.split('/');
  if (topology === '-cluster') {
    if (segments.length > 0) fail('names a database, and a Redis Cluster has none');
    return { ...common, kind: 'cluster' };
  }
  if (topology === '+sentinel') {
    const [name = '', database, ...rest] = segments;
    if (name === '') fail('does not name the servers that the sentinels watch: redis+sentinel://h1,h2,h3/name');
    return { ...common, kind: 'sentinel', name: decoded(name), database: databaseOf([database, ...rest]) };
  }
  if (endpoints.length > 1) fail('names several hosts, which only redis+sentinel:// and redis-cluster:// do');
  return { ...common, kind: 'single', database: databaseOf(segments) };
}

function endpointOf(text: string, defaultPort: number): Endpoint {
  const [, six, name, port = String(defaultPort)] =
    /^(?:\[([\da-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = six ?? name ?? fail('has a host that is not host, host:port or [address]:port');
  if (Number(port) < 1 || Number(port) > 65_535) fail('has a port that is not between 1 and 65535');
  return { host, port: Number(port) };
}

function loginOf(login = ''): Pick<Common, 'username' | 'password'> {
  const colon = login.indexOf(':');
  const [username, password] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)];
  return { username: decoded(username) || undefined, password: decoded(password) || undefined };
}

function databaseOf([text = '0', ...rest]: readonly (string | undefined)[]): number {
  if (rest.length > 0 || !/^\d{1,4}$/.test(text)) fail('has a database that is not a number');
  return Number(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail('has a % that begins no escape: write it as %25');
  }
}

function fail(fault: string): never {
  throw new Error(fault);
}

/** `host:port`, to tell endpoints apart. */
export function nameOf({ host, port }: Endpoint): string {
  return `${host}:${String(port)}`;
}
