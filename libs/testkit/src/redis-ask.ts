/** One question to one Redis server, over a connection of its own. */
import { Redis } from 'ioredis';

export async function askRedis(
  { port, password }: { readonly port: number; readonly password?: string | undefined },
  command: string,
  ...args: readonly (string | number)[]
): Promise<unknown> {
  const options = { host: '127.0.0.1', port, lazyConnect: true, protocol: 2 as const, connectTimeout: 1000 };
  const redis = new Redis({ ...options, commandTimeout: 2000, retryStrategy: () => null, password: password ?? '' });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}
