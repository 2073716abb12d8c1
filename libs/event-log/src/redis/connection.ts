/**
 * One connection to a Redis server. Invariant: no command is ever sent twice, nor later than its caller waits for it: after
 * a lost connection every open command is rejected, and nothing is queued for the next one.
 */
import { Redis, type RedisOptions } from 'ioredis';
import { LogError } from '../errors.ts';
import type { Logger } from '../observe.ts';
import type { Endpoint, RedisAddress } from './redis-url.ts';

export interface ConnectionSettings {
  readonly address: RedisAddress;
  /** The authority that signed the servers' certificates, PEM; undefined: one that Node.js knows. */
  readonly ca: string | undefined;
  /** The password of the sentinels themselves; undefined: they ask for none. */
  readonly sentinelPassword: string | undefined;
  /** A command without an answer for so long is rejected, ms. */
  readonly commandTimeoutMs: number;
  readonly log: Logger;
}

/** Without a member that ioredis' own overloads contradict. */
type Settings = Omit<RedisOptions, 'replyMapping'>;

const common: Settings = {
  protocol: 2,
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 3000,
  /** A server that does not say goodbye is left without one, ms. */
  disconnectTimeout: 200,
  keepAlive: 5000,
  /** A master that became a replica keeps its connections: the name may lead elsewhere by now. Nothing is sent again. */
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
  retryStrategy: retryAfter,
};

/** ms; a new master is to be found soon after its promotion. */
function retryAfter(attempt: number): number {
  return Math.min(250, 20 * 2 ** Math.min(attempt, 4));
}

/** A connection on which nothing came for so many times the limit of a command is cut: TCP may take a quarter of an hour to see that it is dead. */
const silentTimeouts = 2;

/** A connection for commands to the server or the master of the address, or to this node. Open it with `openConnection`; later it reconnects by itself. */
export function commandConnection(settings: ConnectionSettings, node?: Endpoint): Redis {
  const { commandTimeoutMs } = settings;
  return create(settings, node, {
    commandTimeout: commandTimeoutMs,
    socketTimeout: silentTimeouts * commandTimeoutMs,
  });
}

/** Opens it for the first time. Rejects with what was wrong, where ioredis says only that it did not work. */
export async function openConnection(redis: Redis): Promise<void> {
  let fault: unknown;
  const note = (error: unknown) => {
    fault ??= error;
  };
  redis.on('error', note);
  try {
    await redis.connect();
  } catch (error) {
    throw fault ?? error;
  } finally {
    redis.off('error', note);
  }
}

/** A connection for one blocking reader; it connects with its first command and has no time limit of its own. */
export function blockingConnection(settings: ConnectionSettings, node?: Endpoint): Redis {
  return create(settings, node, {});
}

function create(settings: ConnectionSettings, node: Endpoint | undefined, more: Settings): Redis {
  const { address, ca, log } = settings;
  const { username, password } = address;
  const state = { opened: false, failing: false };
  const redis = new Redis({
    ...common,
    ...more,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(address.tls ? { tls: ca === undefined ? {} : { ca } } : {}),
    ...(address.kind === 'cluster' ? {} : { db: address.database }),
    ...(address.kind === 'sentinel'
      ? throughSentinels(settings, address, () => state.opened)
      : (node ?? address.endpoints[0])),
  });
  redis.on('ready', () => {
    Object.assign(state, { opened: true, failing: false });
  });
  redis.on('error', (error: Error) => {
    if (!state.failing) log.warn({ error: error.message }, 'connection to Redis');
    state.failing = true;
  });
  return redis;
}

/**
 * The master is asked for at each attempt to connect; and the connection ends as soon as a sentinel tells of another. When no
 * sentinel answers, a connection that was open before goes on trying, and the first attempt fails.
 */
function throughSentinels(
  { ca, sentinelPassword, commandTimeoutMs }: ConnectionSettings,
  { endpoints, name, tls }: Extract<RedisAddress, { kind: 'sentinel' }>,
  wasOpen: () => boolean,
): Settings {
  return {
    sentinels: [...endpoints],
    name,
    failoverDetector: true,
    sentinelRetryStrategy: (attempt) => (wasOpen() ? retryAfter(attempt) : null),
    sentinelCommandTimeout: commandTimeoutMs,
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: ca === undefined ? {} : { ca } } : {}),
  };
}

const overload = /^(BUSY|MISCONF|ERR max number of clients)/;
const moving = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|NOREPLICAS|UNBLOCKED|NOSCRIPT)/;

const lost = /^(Stream isn't writeable|Reached the max retries per request limit|Connection is closed)/;

/** What a rejection of ioredis means. Refusals by Redis itself that waiting does not cure are `internal`. */
export function storeError(error: unknown): LogError {
  if (error instanceof LogError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (message === 'Command timed out') return new LogError('timeout', message, error);
  if (message.startsWith('OOM')) return new LogError('exhausted', message, error);
  if (lost.test(message)) return new LogError('unavailable', 'there is no connection to Redis', error);
  const refused = error instanceof Error && error.name === 'ReplyError';
  if (!refused || overload.test(message) || moving.test(message)) return new LogError('unavailable', message, error);
  return new LogError('internal', message, error);
}
