/**
 * How the store connects. Invariant: no command is ever sent twice, nor later than its caller waits for it: after a lost
 * connection every open command is rejected, and nothing is queued for the next one. Sentinel and Cluster will go here.
 */
import { Redis, type RedisOptions } from 'ioredis';
import { LogError } from '../errors.ts';
import type { Logger } from '../observe.ts';

export interface ConnectionSettings {
  /** `redis://` or `rediss://`, with user, password and database if need be. */
  readonly url: string;
  /** A command without an answer for so long is rejected, ms. */
  readonly commandTimeoutMs: number;
  readonly log: Logger;
}

/** Without a member that ioredis' own overloads contradict. */
type Settings = Omit<RedisOptions, 'replyMapping'>;

const common: Settings = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 3000,
  keepAlive: 5000,
  /** A master that became a replica keeps its connections: the name may lead elsewhere by now. Nothing is sent again. */
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
  retryStrategy: (attempt) => Math.min(1000, 20 * 2 ** Math.min(attempt, 6)),
};

/** A connection on which nothing came for so many times the limit of a command is cut: TCP may take a quarter of an hour to see that it is dead. */
const silentTimeouts = 2;

/** A connection for commands. Rejects if the first attempt fails; later it reconnects by itself. */
export async function connectForCommands(settings: ConnectionSettings): Promise<Redis> {
  const { commandTimeoutMs } = settings;
  const redis = create(settings, {
    commandTimeout: commandTimeoutMs,
    socketTimeout: silentTimeouts * commandTimeoutMs,
  });
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw storeError(error);
  }
  return redis;
}

/** A connection for one blocking reader; it connects with its first command and has no time limit of its own. */
export function connectForBlocking(settings: ConnectionSettings): Redis {
  return create(settings, {});
}

function create(settings: ConnectionSettings, more: Settings): Redis {
  const redis = new Redis(settings.url, { ...common, ...more, protocol: 2 });
  redis.on('error', (error: Error) => {
    settings.log.warn({ error: error.message }, 'connection to Redis');
  });
  return redis;
}

const overload = /^(OOM|BUSY|MISCONF|ERR max number of clients)/;
const moving = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|UNBLOCKED|NOSCRIPT)/;

/** What a rejection of ioredis means. Refusals by Redis itself that waiting does not cure are `internal`. */
export function storeError(error: unknown): LogError {
  if (error instanceof LogError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (message === 'Command timed out') return new LogError('timeout', message, error);
  const refused = error instanceof Error && error.name === 'ReplyError';
  if (!refused || overload.test(message) || moving.test(message)) return new LogError('unavailable', message, error);
  return new LogError('internal', message, error);
}
